//! The port to where tasks live.

use crate::{Command, Pauses, Refusal, TaskId, TaskRecord, Turn, Whose};
use std::future::Future;

/// What came of a write. Losing a race is an outcome, not an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The write stands; this is the record now.
    Applied(TaskRecord),
    /// The condition did not hold.
    Refused {
        /// Why.
        refusal: Refusal,
        /// The record as it stands; none when there is no such task.
        record: Option<TaskRecord>,
    },
}

/// The store could not say what happened.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// No answer, throttled, or a fault on the other side. A retry helps: the
    /// same command is safe to repeat.
    #[error("the store did not answer: {0}")]
    Unavailable(String),
    /// The stored item cannot be read by this release: of a newer version, or
    /// damaged. A retry helps once a newer release is there.
    #[error("the stored item cannot be read: {0}")]
    Unreadable(String),
    /// The store refused the request itself, for its size or its form. A retry
    /// does not help.
    #[error("the store refused the request: {0}")]
    Rejected(String),
}

impl StoreError {
    /// Whether repeating the same call can help.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::Unreadable(_) => true,
            Self::Rejected(_) => false,
        }
    }
}

/// Where tasks live. Every write is one conditional write that follows
/// [`transition`](crate::transition).
pub trait TaskStore: Send + Sync {
    /// Carries a command out, all or nothing.
    fn apply(&self, command: &Command) -> impl Future<Output = Result<Outcome, StoreError>> + Send;

    /// Reads a task, up to date.
    fn get(
        &self,
        task: &TaskId,
    ) -> impl Future<Output = Result<Option<TaskRecord>, StoreError>> + Send;
}

/// What recovery looks through.
pub trait Stuck: Send + Sync {
    /// One page of open tasks, and where the next one starts.
    fn open_tasks(
        &self,
        after: Option<String>,
    ) -> impl Future<Output = Result<(Vec<TaskRecord>, Option<String>), StoreError>> + Send;

    /// Which agents a person has paused, or had.
    fn pauses(&self) -> impl Future<Output = Result<Pauses, StoreError>> + Send;
}

/// Whose turn a page of the scan is. See [`Turn::after`].
pub trait Turns: Send + Sync {
    /// Takes a turn if it is this message's.
    fn take(&self, turn: &Turn) -> impl Future<Output = Result<Whose, StoreError>> + Send;

    /// Notes that the turn was the scan's last, so that the next scan may begin.
    fn end(&self, turn: &Turn) -> impl Future<Output = Result<(), StoreError>> + Send;
}
