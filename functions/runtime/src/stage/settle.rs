//! What a write's outcome or a failure means for the message in hand.

use super::Protocol;
use crate::batch::{BACKOFF, Call, Handled};
use crate::queue::{Outgoing, is_fifo};
use flotilla_crashpoint::{Point, reach};
use flotilla_task::{
    Action, AttemptId, Clock, Command, Failure, Fence, NewTask, Outcome, Reason, ReasonCode,
    Replay, Stage, StageMessage, Status, StoreError, TaskId, TaskRecord, TaskStore, apply_surely,
    replay,
};
use std::time::Duration;

impl<S: TaskStore, C: Clock> Protocol<S, C> {
    /// Applies a command for this record's attempt; no answer means giving back.
    pub(super) async fn apply(
        &self,
        call: Call<'_>,
        task: &TaskId,
        by: &AttemptId,
        action: Action,
    ) -> Result<Outcome, Handled> {
        let command = Command { task: task.clone(), by: by.clone(), now: self.clock.now(), action };
        let answer = apply_surely(&self.store, &command).await;
        answer.map_err(|error| self.unanswered(call, &error))
    }

    /// Creates a task and hands it to processing. A refusal is not yet a
    /// duplicate: the message of the first create may never have left.
    pub async fn create(&self, call: Call<'_>, task: &TaskId, new: NewTask) -> Handled {
        let by = super::new_attempt();
        match self.apply(call, task, &by, Action::Create(new)).await {
            Ok(Outcome::Applied(record)) => {
                reach(Point::Created);
                self.send_stored(&record, Duration::ZERO)
            }
            Ok(Outcome::Refused { record, .. }) => {
                self.refused(call, Stage::Ingestion, record.as_ref())
            }
            Err(handled) => handled,
        }
    }

    /// The store said nothing certain: the message goes back.
    #[must_use]
    pub fn unanswered(&self, call: Call<'_>, error: &StoreError) -> Handled {
        self.meter.retried.add(1);
        tracing::error!(message_id = %call.incoming.id, %error, "store");
        Handled::back_off(call.incoming.receives)
    }

    /// Sends the message stored in the record, then acknowledges.
    pub(super) fn send_stored(&self, record: &TaskRecord, delay: Duration) -> Handled {
        self.stored(record, delay)
            .map_or_else(|back| back, |message| Handled::sending(vec![message]))
    }

    /// The message stored in the record, addressed; without an address the one in
    /// hand goes back.
    pub(super) fn stored(&self, record: &TaskRecord, delay: Duration) -> Result<Outgoing, Handled> {
        self.router.address(&StageMessage::stored_in(record), delay).map_err(|error| {
            tracing::error!(task = %record.id, %error, "cannot be handed on");
            Handled::give_back(BACKOFF.limit)
        })
    }

    /// After a commit: the task is handed on, or it is at its end.
    pub(super) fn committed(&self, record: &TaskRecord) -> Handled {
        reach(Point::Committed);
        match record.status {
            Status::Pending => self.send_stored(record, Duration::ZERO),
            Status::Running { .. }
            | Status::Held { .. }
            | Status::Completed
            | Status::Failed
            | Status::Cancelled => Handled::DONE,
        }
    }

    /// A refused write looks at the record before it acknowledges anything.
    pub(super) fn refused(
        &self,
        call: Call<'_>,
        at: Stage,
        record: Option<&TaskRecord>,
    ) -> Handled {
        let Some(record) = record else {
            let text = "the task has no record: it ended and expired, or was never created";
            return Handled::dead_letter(Reason::new(ReasonCode::NoRecord, text));
        };
        let now = self.clock.now();
        match replay(at, record, now) {
            Replay::SendStored => {
                self.meter.resent.add(1);
                self.send_stored(record, Duration::ZERO)
            }
            Replay::Done => {
                self.meter.replayed.add(1);
                Handled::DONE
            }
            Replay::GiveBack { at } => {
                self.meter.busy.add(1);
                self.wait(call, record, now.until(at).max(Duration::from_millis(200)))
            }
            Replay::DeadLetter(reason) => Handled::dead_letter(reason),
        }
    }

    /// Ends an attempt whose work failed. `record` is the version this attempt
    /// holds (claimed), or the one on record (not claimed).
    pub(super) async fn failed(
        &self,
        call: Call<'_>,
        by: &AttemptId,
        record: &TaskRecord,
        failure: Failure,
    ) -> Result<Handled, Handled> {
        let at = record.stage;
        let fence = Fence::of(record);
        let action = match failure {
            Failure::Fenced => {
                self.meter.fenced.add(1);
                let now =
                    self.store.get(&record.id).await.map_err(|e| self.unanswered(call, &e))?;
                return Ok(self.refused(call, at, now.as_ref()));
            }
            Failure::Permanent(reason) => {
                reach(Point::Failing);
                Action::Fail { fence, reason }
            }
            Failure::Hold(reason) => Action::Hold { fence, reason },
            Failure::Wait { reason, delay, ends } => {
                return self.waited(call, by, record, (&reason, delay, ends)).await;
            }
            Failure::Retry { reason, after } => {
                return self.retried(call, by, record, reason, after).await;
            }
        };
        Ok(match self.apply(call, &record.id, by, action).await? {
            Outcome::Applied(after) => match (&after.status, after.reason) {
                (Status::Failed, Some(reason)) => {
                    reach(Point::Failed);
                    Handled::dead_letter(reason)
                }
                (status, reason) => {
                    self.meter.held.add(1);
                    tracing::warn!(task = %after.id, ?status, ?reason, "waits for a person");
                    Handled::DONE
                }
            },
            Outcome::Refused { record, .. } => {
                self.meter.fenced.add(1);
                self.refused(call, at, record.as_ref())
            }
        })
    }

    /// A retryable failure is counted in the record; the last one the budget or
    /// the queue allows fails the task.
    async fn retried(
        &self,
        call: Call<'_>,
        by: &AttemptId,
        record: &TaskRecord,
        reason: Reason,
        after: Option<Duration>,
    ) -> Result<Handled, Handled> {
        let fence = Fence::of(record);
        // On a FIFO queue an unclaimed stage's message keeps its place in the
        // order: it goes back itself, and its receives stand in for the failures.
        let keeps_place = !record.stage.claims() && is_fifo(&self.settings.queue_url);
        let failures =
            if keeps_place { call.incoming.receives } else { record.attempts.saturating_add(1) };
        let last_receive = call.incoming.receives >= self.settings.max_receives;
        if failures >= self.settings.retry_budget || last_receive {
            let text = format!("gave up after {failures} failures: {}", reason.text);
            let reason = Reason::new(ReasonCode::RetriesExhausted, text);
            // A call that may have happened must not be closed as a failure.
            let failure = if record.intent.is_some() {
                Failure::Hold(reason)
            } else {
                Failure::Permanent(reason)
            };
            return Box::pin(self.failed(call, by, record, failure)).await;
        }
        self.meter.retried.add(1);
        tracing::warn!(task = %record.id, %reason, failures, "will be tried again");
        if keeps_place {
            return Ok(Handled::back_off(failures));
        }
        // What the other side asked for is the least; the jitter keeps those who
        // were refused together from coming back together.
        let delay = after.unwrap_or_default() + BACKOFF.delay(failures, fastrand::f64());
        match self.apply(call, &record.id, by, Action::Release { fence, reason }).await? {
            // A claimed stage's message calls for work at any epoch. The others'
            // are bound to theirs, which the write has raised.
            Outcome::Applied(after) if after.stage.claims() => Ok(self.wait(call, &after, delay)),
            Outcome::Applied(after) => Ok(self.send_stored(&after, delay)),
            Outcome::Refused { record: now, .. } => {
                self.meter.fenced.add(1);
                Ok(self.refused(call, record.stage, now.as_ref()))
            }
        }
    }
}
