//! Hold: the task waits for a person.
//!
//! Condition: at this stage, status and epoch. A lease that stood stays on
//! record: its owner may still be calling, and an answer counts only after it.
//! Losing means that another attempt owns the task.

use super::update::Update;
use crate::table::item::{json, number, text};
use flotilla_task::{Command, Fence, Reason, StatusKind, StoreError};

pub(super) fn update(
    command: &Command,
    fence: &Fence,
    reason: &Reason,
) -> Result<Update, StoreError> {
    Ok(Update::fenced(fence, command)
        .status(StatusKind::Held)
        .set("reason", json(reason)?)
        .set("attention", text(StatusKind::Held.as_str()))
        .set("attention_at", number(command.now.as_millis())))
}
