//! Carries out what a write's outcome or a failure means for the message in hand.
//! What it means stands in `flotilla_task::settle`.

use super::Protocol;
use crate::batch::{BACKOFF, Call, Handled};
use crate::queue::Outgoing;
use crate::telemetry::About;
use crate::trace;
use flotilla_crashpoint::{Point, reach};
use flotilla_task::settle::{self, Delivery, Ending, Settled};
use flotilla_task::{
    Action, AttemptId, Clock, Command, Failure, NewTask, Outcome, Stage, StageMessage, StatusKind,
    StoreError, TaskId, TaskRecord, TaskStore, apply_surely, fingerprint,
};
use std::pin::pin;
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
        let answer = answer.inspect(|outcome| trace::wrote(&command, outcome));
        answer.map_err(|error| self.unanswered(call, &error))
    }

    /// Creates a task and hands it to processing. A refusal is not yet a
    /// duplicate: the message of the first create may never have left.
    pub async fn create(&self, call: Call<'_>, task: &TaskId, new: NewTask) -> Handled {
        let about = About::task(task.as_str(), new.shipment.as_str());
        about.scope(pin!(self.try_to_create(call, task, new))).await
    }

    async fn try_to_create(&self, call: Call<'_>, task: &TaskId, new: NewTask) -> Handled {
        let by = super::new_attempt();
        match self.apply(call, task, &by, Action::Create(new)).await {
            Ok(Outcome::Applied(record)) => {
                reach(Point::Created);
                self.tell_created(&record);
                self.carry_out(call, settle::committed(&record))
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

    /// After a commit: the task is handed on, or it is at its end.
    pub(super) fn committed(&self, call: Call<'_>, at: Stage, record: &TaskRecord) -> Handled {
        reach(Point::Committed);
        self.tell_committed(at, record);
        self.carry_out(call, settle::committed(record))
    }

    /// A refused write looks at the record before it acknowledges anything.
    pub(super) fn refused(
        &self,
        call: Call<'_>,
        at: Stage,
        record: Option<&TaskRecord>,
    ) -> Handled {
        let (found, settled) = settle::refused(at, record, self.clock.now(), self.delivery(call));
        self.tell_found(found, record);
        self.carry_out(call, settled)
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
        let terms = match &failure {
            Failure::Retry { terms, .. } => terms.map(|terms| terms.backoff),
            Failure::Permanent(_) | Failure::Wait { .. } | Failure::Hold(_) | Failure::Fenced => {
                None
            }
        };
        let backoff = |failures| terms.unwrap_or(BACKOFF).delay(failures, fastrand::f64());
        let ending = settle::failed(record, &failure, self.delivery(call), backoff);
        self.tell_failure(call, record, &failure, &ending);
        let (action, pause) = match ending {
            Ending::Write { action, pause } => (action, pause),
            Ending::Settled(settled) => return Ok(self.carry_out(call, settled)),
            Ending::LookAgain => {
                let now =
                    self.store.get(&record.id).await.map_err(|e| self.unanswered(call, &e))?;
                return Ok(self.refused(call, record.stage, now.as_ref()));
            }
        };
        if matches!(action, Action::Fail { .. }) {
            reach(Point::Failing);
        }
        Ok(match self.apply(call, &record.id, by, action).await? {
            Outcome::Applied(after) => {
                if after.status.kind() == StatusKind::Failed {
                    reach(Point::Failed);
                }
                self.tell_ended(call, record, &failure, &after);
                self.carry_out(call, settle::ended(&after, pause, self.delivery(call)))
            }
            Outcome::Refused { record: now, .. } => {
                self.tell_fenced(record, now.as_ref());
                self.refused(call, record.stage, now.as_ref())
            }
        })
    }

    /// What the delivery in hand is, as far as decisions depend on it.
    fn delivery(&self, call: Call<'_>) -> Delivery {
        Delivery {
            receives: call.incoming.receives,
            max_receives: self.settings.max_receives,
            retry_budget: self.settings.retry_budget,
            is_fifo: crate::queue::is_fifo(&self.settings.queue_url),
        }
    }

    fn carry_out(&self, call: Call<'_>, settled: Settled) -> Handled {
        match settled {
            Settled::Acknowledge => Handled::DONE,
            Settled::GiveBack { delay } => Handled::give_back(delay),
            Settled::DeadLetter(reason) => Handled::dead_letter(reason),
            Settled::Send { message, delay } => self.send(&message, delay, |id| id),
            // SQS swallows what has the deduplication id of a message it took within
            // five minutes, so the copy's is made from that of the message in hand.
            Settled::StepBack(message) => {
                self.send(&message, Duration::ZERO, |id| fingerprint(&[&id, &call.incoming.id]))
            }
        }
    }

    fn send(
        &self,
        message: &StageMessage,
        delay: Duration,
        once: impl FnOnce(String) -> String,
    ) -> Handled {
        match self.router.address(message, delay) {
            Ok(outgoing) => {
                let deduplication = outgoing.deduplication.map(once);
                Handled::sending(vec![Outgoing { deduplication, ..outgoing }])
            }
            Err(error) => {
                tracing::error!(%error, "cannot be handed on");
                Handled::give_back(BACKOFF.limit)
            }
        }
    }
}
