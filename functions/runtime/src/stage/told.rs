//! What the protocol counts and logs about a task: each decision once.
//!
//! At `INFO` and above stands what an operator asks about and the table does not tell
//! again; each step of each task is `DEBUG`, which is for a sample of tasks. Which
//! task a line is about stands in it already (`telemetry::About`).

use super::Protocol;
use crate::batch::Call;
use flotilla_task::settle::{Ending, Found};
use flotilla_task::{Clock, Failure, Stage, Status, StatusKind, TaskRecord, TaskStore};

impl<S: TaskStore, C: Clock> Protocol<S, C> {
    pub(super) fn tell_created(&self, record: &TaskRecord) {
        self.meter.created.add(1);
        let (source, event) = (record.source.as_str(), record.event.as_str());
        tracing::debug!(epoch = record.epoch.get(), source, event, "created");
    }

    pub(super) fn tell_claimed(&self, record: &TaskRecord) {
        let Status::Running { lease_until } = record.status else { return };
        let (epoch, owner) = (record.epoch.get(), record.writer.as_str());
        let lease_until = lease_until.as_millis();
        tracing::info!(epoch, owner, lease_until, "claimed");
    }

    pub(super) fn tell_committed(&self, at: Stage, record: &TaskRecord) {
        self.meter.committed(at, record);
        let epoch = record.epoch.get();
        if record.status.kind() == StatusKind::Completed {
            let took_ms = record.created_at.until(record.updated_at).as_millis();
            tracing::debug!(
                epoch,
                took_ms = u64::try_from(took_ms).unwrap_or(u64::MAX),
                "completed"
            );
        } else {
            tracing::debug!(epoch, next = record.stage.as_str(), "handed on");
        }
    }

    /// Another attempt owns the task: what this one held, and what is on record now.
    pub(super) fn tell_fenced(&self, held: &TaskRecord, now: Option<&TaskRecord>) {
        self.meter.fenced.add(1);
        let now = now.map(|now| now.epoch.get());
        tracing::info!(epoch = held.epoch.get(), now, "fenced");
    }

    pub(super) fn tell_found(&self, found: Found, record: Option<&TaskRecord>) {
        let epoch = record.map(|record| record.epoch.get());
        match found {
            Found::Unsent => {
                self.meter.resent.add(1);
                tracing::info!(epoch, "its message is sent once more");
            }
            Found::MovedOn => {
                self.meter.replayed.add(1);
                tracing::debug!(epoch, "was done already");
            }
            Found::Busy => {
                self.meter.busy.add(1);
                tracing::debug!(epoch, "is being worked on");
            }
            Found::Nothing => tracing::debug!("there is no such task"),
            Found::Failed => tracing::debug!(epoch, "has failed before"),
        }
    }

    /// A failure that ends with no write.
    pub(super) fn tell_failure(
        &self,
        call: Call<'_>,
        record: &TaskRecord,
        failure: &Failure,
        ending: &Ending,
    ) {
        match ending {
            Ending::LookAgain => self.tell_fenced(record, None),
            Ending::Settled(_) => self.tell_next_try(call, record, failure),
            // It counts as what the write has made of it.
            Ending::Write { .. } => {}
        }
    }

    /// There is a next try.
    fn tell_next_try(&self, call: Call<'_>, record: &TaskRecord, failure: &Failure) {
        let epoch = record.epoch.get();
        let Failure::Wait { reason, .. } = failure else {
            self.meter.retried.add(1);
            tracing::warn!(epoch, %failure, before = record.attempts, "will be tried again");
            return;
        };
        self.meter.busy.add(1);
        // The record does not keep it, and whoever asks why a task stands still must see
        // it. A task that waits for hours looks every half a minute, so it says it again
        // only each time that it has looked twice as often.
        if call.incoming.receives.is_power_of_two() {
            tracing::info!(epoch, %reason, "waits");
        } else {
            tracing::debug!(epoch, %reason, "waits");
        }
    }

    /// What a failure has come to: the version that the attempt held, and the one that
    /// its write left.
    pub(super) fn tell_ended(
        &self,
        call: Call<'_>,
        held: &TaskRecord,
        failure: &Failure,
        after: &TaskRecord,
    ) {
        let epoch = after.epoch.get();
        let reason = after.reason.as_ref().map(tracing::field::display);
        match after.status.kind() {
            StatusKind::Held => {
                self.meter.held.add(1);
                tracing::warn!(epoch, reason, "waits for a person");
            }
            StatusKind::Failed => {
                self.meter.failed.add(1);
                tracing::error!(epoch, reason, "failed");
            }
            StatusKind::Pending => self.tell_next_try(call, held, failure),
            StatusKind::Running | StatusKind::Completed | StatusKind::Cancelled => {}
        }
    }
}
