//! Fail: the task stops at its stage for good, with a reason.
//!
//! Condition: at this stage, status and epoch. It comes before the message goes
//! to the dead-letter queue, so a crash between leaves a failed task whose
//! replayed message is dead-lettered then. Losing means that another attempt
//! owns the task.

use super::update::Update;
use crate::table::item::{expiry, json, number, text};
use flotilla_task::{Command, Fence, Reason, StatusKind, StoreError};
use std::time::Duration;

pub(super) fn update(
    command: &Command,
    fence: &Fence,
    reason: &Reason,
    horizon: Duration,
) -> Result<Update, StoreError> {
    Ok(Update::fenced(fence, command)
        .status(StatusKind::Failed)
        .set("reason", json(reason)?)
        .set("ended_at", number(command.now.as_millis()))
        .set("expires_at", expiry(command.now, horizon))
        .set("attention", text(StatusKind::Failed.as_str()))
        .set("attention_at", number(command.now.as_millis()))
        .remove(&["lease_until"]))
}
