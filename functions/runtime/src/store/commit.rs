//! Commit: the one write that ends a stage.
//!
//! Condition: at this stage, status and epoch. The next stage's message is
//! stored in the same write, and sent only after it. So is the version of its
//! payload: while a release is rolled out, another one may have made the task.
//! Losing means that the stage was committed by someone else, or an operator
//! stepped in.

use super::update::Update;
use crate::table::item::{expiry, number, text};
use flotilla_task::record::SCHEMA_VERSION;
use flotilla_task::{Command, Fence, Next, Payload, StatusKind};
use std::time::Duration;

pub(super) fn update(command: &Command, fence: &Fence, next: &Next, horizon: Duration) -> Update {
    let done = Update::fenced(fence, command)
        .set("v", number(SCHEMA_VERSION))
        .set("attempts", number(0))
        .set("resends", number(0))
        .remove(&["lease_until", "checkpoints", "intent", "intent_until", "reason"]);
    match next {
        Next::Stage { stage, payload } => done
            .status(StatusKind::Pending)
            .set("stage", text(stage.as_str()))
            .set("payload", text(payload.as_json()))
            .set_to("#hops = #hops + :one"),
        Next::Complete => done
            .status(StatusKind::Completed)
            .set("payload", text(Payload::none().as_json()))
            .set("ended_at", number(command.now.as_millis()))
            .set("expires_at", expiry(command.now, horizon)),
    }
}
