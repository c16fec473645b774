//! Checkpoint: the owner notes an outside effect, done or about to be.
//!
//! Condition: running, at this stage and epoch. Losing means that another
//! attempt owns the task: nothing more may be called.

use super::update::Update;
use crate::table::item::{json, number, text};
use flotilla_task::{Checkpoints, Command, Fence, Intent, StoreError};

pub(super) fn update(
    command: &Command,
    fence: &Fence,
    checkpoints: &Checkpoints,
    intent: Option<&Intent>,
) -> Result<Update, StoreError> {
    let stored = (!checkpoints.is_empty()).then(|| json(checkpoints)).transpose()?;
    Ok(Update::fenced(fence, command)
        .set_or_remove("checkpoints", stored)
        .set_or_remove("intent", intent.map(|intent| text(&intent.effect)))
        .set_or_remove("intent_until", intent.map(|intent| number(intent.until.as_millis()))))
}
