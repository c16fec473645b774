//! Cancel: an operator stops the task.
//!
//! Condition: at the stage, status and epoch the operator saw. The reason says
//! when a call was under way, which may still happen. Losing means that the task
//! has moved since it was looked at.

use super::update::Update;
use crate::table::item::{expiry, json, number};
use flotilla_task::{Command, Fence, Reason, StatusKind, StoreError};
use std::time::Duration;

/// `reason` is the one [`transition`](flotilla_task::transition()) stores.
pub(super) fn update(
    command: &Command,
    fence: &Fence,
    reason: &Reason,
    horizon: Duration,
) -> Result<Update, StoreError> {
    Ok(Update::fenced(fence, command)
        .status(StatusKind::Cancelled)
        .set("reason", json(reason)?)
        .set("ended_at", number(command.now.as_millis()))
        .set("expires_at", expiry(command.now, horizon))
        .remove(&["lease_until", "attention", "attention_at"]))
}
