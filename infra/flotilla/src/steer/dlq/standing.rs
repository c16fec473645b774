//! What a dead letter is worth, by how its task stands.

use crate::steer::words::{long, place};
use flotilla_task::{Replay, Stage, StatusKind, TaskRecord, Timestamp, replay};
use serde::Serialize;
use std::time::Duration;

/// What may be done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Standing {
    /// It belongs to no task: sent back, it is read as if it came for the first time.
    NoTask,
    /// Its task is open at this stage, or not yet past the next, and may have no other
    /// message: sent back, the task goes on.
    Open,
    /// Its task failed here: sent back it returns. A retry lets the task go on.
    Failed,
    /// Its task has moved on, or a person has it: nothing follows from it any more.
    Done,
    /// Its task has no record: sent back it returns.
    Gone,
}

impl Standing {
    /// What the fleet would do with the letter, which is what it does with any message
    /// that comes twice. `named` says whether it names a task.
    #[must_use]
    pub(super) fn of(at: Stage, named: bool, record: Option<&TaskRecord>, now: Timestamp) -> Self {
        match (named, record) {
            (false, _) => Self::NoTask,
            (true, None) => Self::Gone,
            (true, Some(record)) => match replay(at, record, now) {
                Replay::SendStored | Replay::GiveBack { .. } => Self::Open,
                Replay::Done => Self::Done,
                Replay::DeadLetter(_) => Self::Failed,
            },
        }
    }

    /// Whether it is of use to send it back.
    #[must_use]
    pub(super) const fn is_redriven(self) -> bool {
        match self {
            Self::NoTask | Self::Open => true,
            Self::Failed | Self::Done | Self::Gone => false,
        }
    }

    /// What to do with a letter of this agent.
    #[must_use]
    pub(super) fn advice(self, at: Stage, record: Option<&TaskRecord>) -> String {
        let stands = record.map_or_else(String::new, place);
        let task = record.map_or("TASK", |record| record.id.as_str());
        match self {
            Self::NoTask => format!(
                "it belongs to no task: `flotilla dlq redrive {at}` has it read once more, which \
                 helps when what was wrong with it has changed"
            ),
            Self::Open => format!(
                "its task is {stands}: `flotilla dlq redrive {at}` lets it go on, and does no harm \
                 where it has another message"
            ),
            Self::Failed => format!(
                "its task {stands}: `flotilla retry {task}` lets it go on there; redriven, the \
                 letter would come back"
            ),
            Self::Done => {
                let is_held = record.is_some_and(|it| it.status.kind() == StatusKind::Held);
                let after = if is_held {
                    "a person has it, and a release sends its own message"
                } else {
                    "nothing follows from the letter any more"
                };
                format!(
                    "already done: its task is {stands}, {after}. `flotilla dlq drop {at} --done`"
                )
            }
            Self::Gone => format!(
                "its task has no record: it ended and expired, or was never created. Redriven, the \
                 letter would come back; `flotilla dlq drop {at}`"
            ),
        }
    }
}

/// `3 h ago`.
#[must_use]
pub(super) fn ago(sent: Option<Timestamp>, now: Timestamp) -> String {
    sent.map_or_else(|| "at an unknown time".to_owned(), |sent| format!("{} ago", age(sent, now)))
}

fn age(sent: Timestamp, now: Timestamp) -> String {
    // Whole seconds: nobody dates a letter more exactly.
    long(Duration::from_secs(sent.until(now).as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steer::samples;
    use flotilla_task::Status;

    const NOW: Timestamp = Timestamp::from_millis(1_000);

    fn task(stage: Stage, status: Status) -> TaskRecord {
        TaskRecord { stage, status, ..samples::pending() }
    }

    #[test]
    fn a_letter_is_worth_what_the_fleet_would_make_of_it() {
        let of = |at, stage, status| Standing::of(at, true, Some(&task(stage, status)), NOW);
        let held = || Status::Held { lease_until: None };
        for (at, stage, status, wanted) in [
            (Stage::Processing, Stage::Processing, Status::Pending, Standing::Open),
            (Stage::Processing, Stage::Processing, Status::Failed, Standing::Failed),
            (Stage::Processing, Stage::Processing, held(), Standing::Done),
            (Stage::Processing, Stage::Decision, Status::Pending, Standing::Open),
            (Stage::Processing, Stage::Communication, Status::Pending, Standing::Done),
            (Stage::Processing, Stage::Decision, Status::Failed, Standing::Done),
            (Stage::Communication, Stage::State, Status::Completed, Standing::Done),
            (Stage::Communication, Stage::Communication, Status::Cancelled, Standing::Done),
        ] {
            assert_eq!(of(at, stage, status.clone()), wanted, "{at}: {status:?} at {stage}");
        }
        assert_eq!(Standing::of(Stage::State, true, None, NOW), Standing::Gone);
        assert_eq!(Standing::of(Stage::Ingestion, false, None, NOW), Standing::NoTask);
    }

    #[test]
    fn the_advice_names_the_command() {
        let said =
            |standing: Standing, record: &TaskRecord| standing.advice(record.stage, Some(record));
        let failed = said(Standing::Failed, &task(Stage::Decision, Status::Failed));
        assert!(failed.starts_with("its task failed at decision: `flotilla retry t`"), "{failed}");
        let done = said(Standing::Done, &task(Stage::State, Status::Completed));
        assert!(done.starts_with("already done: its task is completed at state"), "{done}");
        let held = said(Standing::Done, &task(Stage::State, Status::Held { lease_until: None }));
        assert!(held.contains("a release sends its own message"), "{held}");
        let open = said(Standing::Open, &task(Stage::State, Status::Pending));
        assert!(open.contains("`flotilla dlq redrive state`"), "{open}");
    }

    #[test]
    fn an_age_is_short() {
        let sent = Timestamp::from_millis(500);
        assert_eq!(ago(Some(sent), Timestamp::from_millis(7_500_900)), "2 h 5 min ago");
        assert_eq!(ago(None, NOW), "at an unknown time");
    }
}
