//! Tasks in DynamoDB: every command of the protocol as one conditional write.
//!
//! A file for each write says its condition and what losing means. A refusal
//! returns the old item with the error (`ReturnValuesOnConditionCheckFailure`),
//! so a lost race is told from a duplicate without a second read, and
//! [`transition`] says what the refusal was.

mod cancel;
mod checkpoint;
mod claim;
mod commit;
mod create;
mod fail;
mod hold;
pub mod item;
pub mod pause;
mod release;
mod resend;
mod resume;
mod scan;
pub mod turn;
mod update;
mod yield_claim;

use crate::table::item::Item;
use crate::table::{Table, Written, key};
use flotilla_task::{
    Action, Command, Outcome, Refusal, StoreError, TaskId, TaskRecord, TaskStore, Transition,
    transition,
};
use item::{TASK_SORT, from_item, task_key, to_item};
use std::time::Duration;
use update::Update;

/// Tasks in DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoTasks {
    table: Table,
    horizon: Duration,
}

impl DynamoTasks {
    /// Tasks in that table; ended ones expire after the horizon.
    #[must_use]
    pub const fn new(table: Table, horizon: Duration) -> Self {
        Self { table, horizon }
    }

    async fn create(&self, command: &Command) -> Result<Outcome, StoreError> {
        let Transition::Applied(record) = transition(None, command) else {
            return Err(StoreError::Rejected("a create of nothing was refused".to_owned()));
        };
        let item = to_item(&record, self.horizon)?;
        match self.table.put(item, create::CONDITION, Item::new()).await? {
            Written::Applied(_) => Ok(Outcome::Applied(record)),
            Written::Refused(old) => refused(command, old.as_ref()),
        }
    }

    async fn update(&self, command: &Command, update: Update) -> Result<Outcome, StoreError> {
        match self.table.update(update.into_change()).await? {
            Written::Applied(item) => from_item(&item).map(Outcome::Applied),
            Written::Refused(old) => refused(command, old.as_ref()),
        }
    }

    /// An operator's write depends on more than its fence, so the record is read
    /// first; the fence makes sure that it is the same one that is written.
    async fn read_then_update(&self, command: &Command) -> Result<Outcome, StoreError> {
        let record = self.get(&command.task).await?;
        let after = match transition(record.as_ref(), command) {
            Transition::Applied(after) => after,
            Transition::Refused(refusal) => return Ok(Outcome::Refused { refusal, record }),
        };
        let update = match &command.action {
            Action::Cancel { fence, reason } => {
                let reason = after.reason.as_ref().unwrap_or(reason);
                cancel::update(command, fence, reason, self.horizon)?
            }
            Action::Resume { fence, answer } => {
                resume::update(command, fence, answer.is_some(), &after)?
            }
            Action::Create(_)
            | Action::Claim { .. }
            | Action::Checkpoint { .. }
            | Action::Commit { .. }
            | Action::Release { .. }
            | Action::Yield { .. }
            | Action::Fail { .. }
            | Action::Hold { .. }
            | Action::Resend { .. } => {
                return Err(StoreError::Rejected("not an operator's write".to_owned()));
            }
        };
        self.update(command, update).await
    }
}

impl TaskStore for DynamoTasks {
    async fn apply(&self, command: &Command) -> Result<Outcome, StoreError> {
        if !command.action.is_legal() {
            let record = self.get(&command.task).await?;
            let refusal = record.as_ref().map_or(Refusal::Absent, |_| Refusal::Forbidden);
            return Ok(Outcome::Refused { refusal, record });
        }
        let update = match &command.action {
            Action::Create(_) => return self.create(command).await,
            Action::Cancel { .. } | Action::Resume { .. } => {
                return self.read_then_update(command).await;
            }
            Action::Claim { stage, lease_until } => claim::update(command, *stage, *lease_until),
            Action::Checkpoint { fence, checkpoints, intent } => {
                checkpoint::update(command, fence, checkpoints, intent.as_ref())?
            }
            Action::Commit { fence, next } => commit::update(command, fence, next, self.horizon),
            Action::Release { fence, reason } => release::update(command, fence, reason)?,
            Action::Yield { fence } => yield_claim::update(command, fence),
            Action::Fail { fence, reason } => fail::update(command, fence, reason, self.horizon)?,
            Action::Hold { fence, reason } => hold::update(command, fence, reason)?,
            Action::Resend { fence } => resend::update(command, fence),
        };
        self.update(command, update).await
    }

    async fn get(&self, task: &TaskId) -> Result<Option<TaskRecord>, StoreError> {
        let item = self.table.get(key(task_key(task), TASK_SORT)).await?;
        item.as_ref().map(from_item).transpose()
    }
}

/// What a failed condition means, from the old item that came with it.
fn refused(command: &Command, old: Option<&Item>) -> Result<Outcome, StoreError> {
    let record = old.map(from_item).transpose()?;
    match transition(record.as_ref(), command) {
        Transition::Refused(refusal) => Ok(Outcome::Refused { refusal, record }),
        // This attempt's own write, whose first answer was lost.
        Transition::Applied(after) if Some(&after) == record.as_ref() => {
            Ok(Outcome::Applied(after))
        }
        // A stale read: the item came back from before a write that the
        // condition already saw. The same command is repeated.
        Transition::Applied(_) => Err(StoreError::Unavailable(
            "the condition failed on an item that meets it; trying again helps".to_owned(),
        )),
    }
}
