//! Resume: an operator lets a held or failed task go on where it stopped.
//!
//! Condition: at the stage, status and epoch the operator saw; no lease and no
//! call still under way; and, without an answer, no unexplained call. Losing
//! means that the task has moved, or that it is too early. The stored message
//! must be sent after it: a resume that does not send strands the task.

use super::update::Update;
use crate::table::item::{json, number};
use flotilla_task::{Command, Fence, StatusKind, StoreError, TaskRecord};

/// `after` is the record as [`transition`](flotilla_task::transition()) makes it.
pub(super) fn update(
    command: &Command,
    fence: &Fence,
    answered: bool,
    after: &TaskRecord,
) -> Result<Update, StoreError> {
    let checkpoints = (!after.checkpoints.is_empty()).then(|| json(&after.checkpoints));
    let fenced = Update::fenced(fence, command)
        .and("(attribute_not_exists(#lease_until) OR #lease_until <= :now)")
        .and("(attribute_not_exists(#intent_until) OR #intent_until <= :now)")
        .value(":now", number(command.now.as_millis()));
    let fenced = if answered { fenced } else { fenced.and("attribute_not_exists(#intent)") };
    Ok(fenced
        .status(StatusKind::Pending)
        .set("attempts", number(0))
        .set("resends", number(0))
        .set_or_remove("checkpoints", checkpoints.transpose()?)
        .remove(&["lease_until", "intent", "intent_until", "ended_at", "expires_at"])
        .remove(&["attention", "attention_at"]))
}
