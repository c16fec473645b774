//! What an agent is to the protocol: work at a stage, and what came of it.

use crate::backoff::RetryTerms;
use crate::{
    Action, AttemptId, Clock, Command, Fence, Intent, Next, Outcome, Reason, ReasonCode, Stage,
    StageMessage, StatusKind, StoreError, TaskId, TaskRecord, TaskStore, Timestamp,
};
use std::future::Future;
use std::time::Duration;

/// Why a stage's work did not end in a commit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Something that a retry may mend; counts against the retry budget.
    #[error("{reason}")]
    Retry {
        /// What went wrong.
        reason: Reason,
        /// When the other side asked to be called again, if it did.
        after: Option<Duration>,
        /// How the other side is to be tried again; `None`: as everything is.
        terms: Option<RetryTerms>,
    },
    /// A retry cannot mend it.
    #[error("{0}")]
    Permanent(Reason),
    /// Nothing is wrong, it is not time yet. Waiting is not failing: the retry
    /// budget is untouched.
    #[error("{reason}")]
    Wait {
        /// What it waits for.
        reason: Reason,
        /// When to look again.
        delay: Duration,
        /// What ends the wait.
        ends: WaitEnds,
    },
    /// A person has to say how to go on.
    #[error("{0}")]
    Hold(Reason),
    /// Another attempt owns the task now; nothing more may be done.
    #[error("another attempt owns the task now")]
    Fenced,
}

/// What a task waits for, which decides where its message does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WaitEnds {
    /// The moment itself: the message may keep its place in a queue.
    ByTime,
    /// The same, and the moment is known: to wait longer each time gains nothing.
    AtMoment,
    /// Another task of the same shipment, whose message may stand behind this one
    /// in a FIFO queue and must get past it.
    ByAnotherTask,
}

impl Failure {
    /// A failure that a retry may mend.
    #[must_use]
    pub fn retry(text: impl AsRef<str>) -> Self {
        Self::Retry { reason: Reason::new(ReasonCode::Failed, text), after: None, terms: None }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let reason = Reason::new(ReasonCode::Failed, error.to_string());
        if error.is_retryable() { Self::retry(reason.text) } else { Self::Permanent(reason) }
    }
}

/// An agent without outside effects: its result depends on the message and on
/// what it reads, so a duplicate wastes work and changes nothing.
pub trait Agent: Send + Sync {
    /// The stage it works at.
    const STAGE: Stage;

    /// Works on a message and says where the task goes.
    fn work(&self, message: &StageMessage) -> impl Future<Output = Result<Next, Failure>> + Send;
}

/// An agent with outside effects: it works under a lease.
pub trait ClaimingAgent: Send + Sync {
    /// The stage it works at.
    const STAGE: Stage;

    /// Works on a claimed task and says where it goes.
    fn work<S: TaskStore, C: Clock>(
        &self,
        task: &mut Claimed<'_, S, C>,
    ) -> impl Future<Output = Result<Next, Failure>> + Send;
}

/// A claimed task, and the right to write to it while the lease holds.
#[derive(Debug)]
pub struct Claimed<'a, S, C> {
    store: &'a S,
    clock: &'a C,
    attempt: AttemptId,
    record: TaskRecord,
}

impl<'a, S: TaskStore, C: Clock> Claimed<'a, S, C> {
    /// Wraps the record that a claim by `attempt` returned.
    #[must_use]
    pub const fn new(store: &'a S, clock: &'a C, attempt: AttemptId, record: TaskRecord) -> Self {
        Self { store, clock, attempt, record }
    }

    /// The record as this attempt last wrote it.
    #[must_use]
    pub const fn record(&self) -> &TaskRecord {
        &self.record
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The result of an effect that was already done, by this attempt or one before.
    #[must_use]
    pub fn done(&self, effect: &str) -> Option<&str> {
        self.record.checkpoints.get(effect).map(String::as_str)
    }

    /// The call that may have been made and never explained.
    #[must_use]
    pub const fn intent(&self) -> Option<&Intent> {
        self.record.intent.as_ref()
    }

    /// Whether another task is pending or running, so that it will go on by itself.
    ///
    /// # Errors
    /// A retryable failure when the store does not answer.
    pub async fn is_at_work(&self, other: &TaskId) -> Result<bool, Failure> {
        let record = self.store.get(other).await?;
        Ok(record.is_some_and(|record| match record.status.kind() {
            StatusKind::Pending | StatusKind::Running => true,
            StatusKind::Held
            | StatusKind::Completed
            | StatusKind::Failed
            | StatusKind::Cancelled => false,
        }))
    }

    /// Notes that an effect is done, and clears an intent about it.
    ///
    /// # Errors
    /// [`Failure::Fenced`] when another attempt owns the task; a retryable
    /// failure when the store does not answer.
    pub async fn checkpoint(&mut self, effect: &str, result: String) -> Result<(), Failure> {
        self.checkpoint_all([(effect, result)]).await
    }

    /// The same of several effects, in one write.
    ///
    /// # Errors
    /// As [`checkpoint`](Self::checkpoint).
    pub async fn checkpoint_all(
        &mut self,
        effects: impl IntoIterator<Item = (&str, String)> + Send,
    ) -> Result<(), Failure> {
        let mut checkpoints = self.record.checkpoints.clone();
        let mut intent = self.record.intent.clone();
        for (effect, result) in effects {
            checkpoints.insert(effect.to_owned(), result);
            intent = intent.filter(|intent| intent.effect != effect);
        }
        self.note(checkpoints, intent).await
    }

    /// Notes that a call is about to be made which the partner cannot recognise
    /// when it is repeated.
    ///
    /// # Errors
    /// As [`checkpoint`](Self::checkpoint).
    pub async fn intend(&mut self, effect: &str, limit: Duration) -> Result<(), Failure> {
        let until = self.clock.now().plus(limit);
        let intent = Intent { effect: effect.to_owned(), until };
        self.note(self.record.checkpoints.clone(), Some(intent)).await
    }

    /// Clears the intent: the call certainly did not happen.
    ///
    /// # Errors
    /// As [`checkpoint`](Self::checkpoint).
    pub async fn clear_intent(&mut self) -> Result<(), Failure> {
        self.note(self.record.checkpoints.clone(), None).await
    }

    async fn note(
        &mut self,
        checkpoints: crate::Checkpoints,
        intent: Option<Intent>,
    ) -> Result<(), Failure> {
        let fence = Fence::of(&self.record);
        let action = Action::Checkpoint { fence, checkpoints, intent };
        match apply_surely(self.store, &self.command(action)).await? {
            Outcome::Applied(record) => {
                self.record = record;
                Ok(())
            }
            Outcome::Refused { .. } => Err(Failure::Fenced),
        }
    }

    /// A command by this attempt, for the write that ends its work.
    #[must_use]
    pub fn command(&self, action: Action) -> Command {
        Command {
            task: self.record.id.clone(),
            by: self.attempt.clone(),
            now: self.clock.now(),
            action,
        }
    }
}

/// Applies a command, and repeats the very same command once when no answer
/// came. The repetition cannot apply twice: the record carries the attempt's id,
/// and [`transition`](crate::transition()) recognises its own write.
///
/// # Errors
/// When the second try has no answer either; the message must go back then.
pub async fn apply_surely(
    store: &impl TaskStore,
    command: &Command,
) -> Result<Outcome, StoreError> {
    match store.apply(command).await {
        Err(StoreError::Unavailable(_)) => store.apply(command).await,
        answer => answer,
    }
}
