//! Resend: recovery makes a stuck task pending again before it sends its message.
//!
//! Condition: at the stage, status and epoch that recovery saw, and no live
//! lease. Losing means that the task is not stuck.

use super::update::Update;
use crate::table::item::number;
use flotilla_task::{Command, Fence, StatusKind};

pub(super) fn update(command: &Command, fence: &Fence) -> Update {
    Update::fenced(fence, command)
        .and("(attribute_not_exists(#lease_until) OR #lease_until <= :now)")
        .value(":now", number(command.now.as_millis()))
        .status(StatusKind::Pending)
        .set_to("#resends = #resends + :one")
        .remove(&["lease_until"])
}
