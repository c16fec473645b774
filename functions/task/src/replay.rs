//! What a message means when its write was refused.
//!
//! SQS delivers at least once, and a worker may die between its write and its
//! send. So a refused create, claim or commit looks at the record before it
//! acknowledges anything: perhaps the message of the next stage never left.

use crate::{Reason, ReasonCode, Stage, Status, TaskRecord, Timestamp};

/// What to do with the message in hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replay {
    /// The stored message may never have left: send *it*, then acknowledge.
    /// Never one's own recomputed result, which was never committed.
    SendStored,
    /// The task has moved on, or a person has it: acknowledge.
    Done,
    /// The task is still at this stage and this message may be the only one:
    /// give it back.
    GiveBack {
        /// When it is worth another look.
        at: Timestamp,
    },
    /// The task failed here: the message belongs in the dead-letter queue.
    DeadLetter(Reason),
}

/// What the record says about a message of stage `at` whose write was refused.
///
/// The next stage's commit is the proof of delivery, so a task that is pending or
/// running at the next stage, at whatever epoch, may never have got its message.
#[must_use]
pub fn replay(at: Stage, record: &TaskRecord, now: Timestamp) -> Replay {
    let here = record.stage == at;
    match &record.status {
        // A claimed stage's message only calls for work: it is as good as the
        // stored one. An unclaimed stage's message is bound to its epoch, and a
        // newer epoch wants the stored one.
        Status::Pending if here && at.claims() => Replay::GiveBack { at: now },
        Status::Pending if here || at.hands_to(record.stage) => Replay::SendStored,
        Status::Pending => Replay::Done,
        Status::Running { lease_until } if here => Replay::GiveBack { at: (*lease_until).max(now) },
        // A claim does not prove that this visit's message was sent: a worker that
        // has outlived its own message from an earlier visit may have made it.
        Status::Running { .. } if at.hands_to(record.stage) => Replay::SendStored,
        Status::Running { .. } => Replay::Done,
        // An operator's resume sends anew.
        Status::Held { .. } | Status::Completed | Status::Cancelled => Replay::Done,
        Status::Failed if here => Replay::DeadLetter(record.reason.clone().unwrap_or_else(|| {
            Reason::new(ReasonCode::Failed, "the task failed without a reason on record")
        })),
        Status::Failed => Replay::Done,
    }
}
