//! Release: a retryable failure gives the task back, one failure counted.
//!
//! Condition: at this stage, status and epoch. Losing means that another attempt
//! owns the task, and its failures are its own.

use super::update::Update;
use crate::table::item::json;
use flotilla_task::{Command, Fence, Reason, StatusKind, StoreError};

pub(super) fn update(
    command: &Command,
    fence: &Fence,
    reason: &Reason,
) -> Result<Update, StoreError> {
    Ok(Update::fenced(fence, command)
        .status(StatusKind::Pending)
        .set_to("#attempts = #attempts + :one")
        .set("reason", json(reason)?)
        .remove(&["lease_until"]))
}
