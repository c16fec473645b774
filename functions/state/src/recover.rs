//! Recovery: open tasks older than a backlog can explain get their stored
//! message sent again; after three of those the task fails with that reason.
//!
//! It is needed because SQS may dead-letter the only message of an open task
//! when its worker dies on the last receive, and an operator's command may die
//! between write and send. A scan a day is cheaper than an index that every task
//! would pay for.
//!
//! A task whose agent a person has paused is left alone, or a long pause would use
//! its three up; and the time of a pause does not count after it.
//!
//! The attempt that mends is the scan message itself: when its sends fail and it
//! is delivered again, it finds its own writes and sends for them. A copy of it
//! finds that the page is not its turn.

use flotilla_crashpoint::{Point, reach};
use flotilla_runtime::batch::{Call, Handled};
use flotilla_runtime::stage::Protocol;
use flotilla_task::{
    AttemptId, Clock, Command, Failure, Outcome, Reason, ReasonCode, Remedy, StageMessage, Status,
    StoreError, Stuck, TaskRecord, TaskStore, Timestamp, Turn, Turns, Whose, apply_surely, remedy,
};
use std::time::Duration;

/// How soon a scan that finds another under way tries again to begin.
const WAIT: Duration = Duration::from_secs(5);
/// How often; then the other one has done its work.
const TRIES: u32 = 12;

/// Looks for tasks that lost their message.
#[derive(Debug, Clone, Copy)]
pub struct Recover {
    /// A task untouched for this long is stuck: the setting `RECOVER_AFTER_SECONDS`.
    pub after: Duration,
    /// A scan that has not moved for this long has lost its message, and the next
    /// one may begin.
    pub lost: Duration,
    /// No further task is touched within this of the deadline.
    pub reserve: Duration,
}

impl Recover {
    /// One page of the scan; the next page is a next message, so that a large
    /// table is scanned at the queue's pace and never past a deadline.
    pub async fn run<S: TaskStore + Stuck + Turns, C: Clock>(
        &self,
        call: Call<'_>,
        protocol: &Protocol<S, C>,
    ) -> Handled {
        let cursor = call.envelope.data.and_then(|data| serde_json::from_str(data.get()).ok());
        match self.page(call, protocol, cursor.unwrap_or_default()).await {
            Ok(handled) => handled,
            Err(error) => {
                tracing::warn!(%error, "recovery goes back");
                Handled::back_off(call.incoming.receives)
            }
        }
    }

    async fn page<S: TaskStore + Stuck + Turns, C: Clock>(
        &self,
        call: Call<'_>,
        protocol: &Protocol<S, C>,
        cursor: Cursor,
    ) -> Result<Handled, Failure> {
        let by = AttemptId::new(&call.incoming.id).map_err(|error| {
            Failure::Permanent(Reason::new(ReasonCode::Failed, error.to_string()))
        })?;
        let now = protocol.clock.now();
        let turn = self.turn(&cursor, &by, now);
        match protocol.store.take(&turn).await? {
            Whose::Mine => reach(Point::TurnTaken),
            Whose::Later if call.incoming.receives <= TRIES => return Ok(Handled::give_back(WAIT)),
            Whose::Later | Whose::Gone => {
                tracing::info!(page = turn.page, "this page of the scan is not its turn");
                return Ok(Handled::DONE);
            }
        }
        let pauses = protocol.store.pauses().await?;
        let (open, next) = protocol.store.open_tasks(cursor.after.clone()).await?;
        let mut goes_on = next;
        let mut is_more = goes_on.is_some();
        let mut send = Vec::new();
        for record in &open {
            if protocol.clock.now().plus(self.reserve) >= call.deadline {
                // The rest of this page is looked at once more, by a next message.
                goes_on = cursor.after;
                is_more = true;
                break;
            }
            let mended = match remedy(record, &by, self.after, pauses.get(&record.stage), now) {
                Remedy::Leave => None,
                Remedy::Send => Some(record.clone()),
                Remedy::Write(action) => {
                    let (task, by) = (record.id.clone(), by.clone());
                    mend(protocol, Command { task, by, now, action }).await?
                }
            };
            if let Some(after) = mended {
                match protocol.router.address(&StageMessage::stored_in(&after), Duration::ZERO) {
                    Ok(message) => send.push(message),
                    Err(error) => tracing::error!(task = %record.id, %error, "cannot be sent"),
                }
            }
        }
        let paused = pauses.values().filter(|note| !note.is_over).count();
        let (open, resent) = (open.len(), send.len());
        tracing::info!(open, resent, paused, more = is_more, "recovery");
        if is_more {
            let page = turn.page.saturating_add(1);
            let cursor = Cursor { run: Some(turn.run), page, after: goes_on };
            match protocol.router.next_page("flotilla.recover.v1", &cursor) {
                Ok(message) => send.push(message),
                Err(error) => tracing::error!(%error, "the scan ends early"),
            }
        } else {
            protocol.store.end(&turn).await?;
        }
        Ok(Handled::sending(send))
    }

    /// The schedule's message begins a scan, under its own name.
    fn turn(&self, cursor: &Cursor, by: &AttemptId, now: Timestamp) -> Turn {
        let lost = u64::try_from(self.lost.as_millis()).unwrap_or(u64::MAX);
        let stale = Timestamp::from_millis(now.as_millis().saturating_sub(lost));
        let (run, page) = match &cursor.run {
            Some(run) => (run.clone(), cursor.page),
            None => (by.clone(), 0),
        };
        Turn { run, page, by: by.clone(), now, stale }
    }
}

/// Where the scan goes on. Empty in the schedule's message.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
struct Cursor {
    /// The scan.
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<AttemptId>,
    /// The page that is called for.
    page: u32,
    /// What it begins after.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

/// Makes a stuck task pending again, or fails it. The record to send, if any.
async fn mend<S: TaskStore, C: Clock>(
    protocol: &Protocol<S, C>,
    command: Command,
) -> Result<Option<TaskRecord>, StoreError> {
    Ok(match apply_surely(&protocol.store, &command).await? {
        Outcome::Applied(after) if after.status == Status::Pending => {
            protocol.meter.resent.add(1);
            let (task, shipment) = (after.id.as_str(), after.shipment.as_str());
            let (stage, epoch) = (after.stage.as_str(), after.epoch.get());
            let resends = after.resends;
            tracing::info!(task, shipment, stage, epoch, resends, "its message is sent once more");
            reach(Point::Mended);
            Some(after)
        }
        Outcome::Applied(after) => {
            protocol.meter.failed.add(1);
            let (task, shipment) = (after.id.as_str(), after.shipment.as_str());
            let (stage, epoch) = (after.stage.as_str(), after.epoch.get());
            let reason = after.reason.as_ref().map(tracing::field::display);
            tracing::error!(task, shipment, stage, epoch, reason, "gave up on a task");
            None
        }
        // It moved while we looked: not stuck.
        Outcome::Refused { .. } => None,
    })
}
