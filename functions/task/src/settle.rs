//! What becomes of the message in hand, once its work or its write has an outcome.
//!
//! Pure, so that the decisions which the runtime carries out are the ones that
//! the model checks. Delays are chosen by the caller: they decide when something
//! is tried again, never whether.

use crate::{
    Action, Failure, Fence, Reason, ReasonCode, Replay, Stage, StageMessage, Status, TaskRecord,
    Timestamp, WaitEnds, replay,
};
use std::time::Duration;

/// Longer waits leave the queue and come back as a delayed copy, because each
/// receive counts towards the crash backstop.
const LONG_WAIT: Duration = Duration::from_secs(120);

/// A refused claim waits at least this long before it is tried again.
const SHORTEST_WAIT: Duration = Duration::from_millis(200);

/// A wait grows with the receives, up to so many times its first length.
const MAX_PATIENCE: u32 = 10;

/// What becomes of the message in hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// Delete it: nothing more follows from it.
    Acknowledge,
    /// Send the message that is stored in the record, then delete the one in hand.
    Send {
        /// The stored message.
        message: StageMessage,
        /// How long it stays invisible.
        delay: Duration,
    },
    /// Send the stored message to the back of its shipment's line on a FIFO queue,
    /// then delete the one in hand. What waits there in front holds up the rest.
    StepBack(StageMessage),
    /// Make it visible again.
    GiveBack {
        /// From now.
        delay: Duration,
    },
    /// Send it to the dead-letter queue with the reason, then delete it.
    DeadLetter(Reason),
}

/// What a refused write found, for counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Found {
    /// No record.
    Nothing,
    /// A message that may never have left.
    Unsent,
    /// A task that has moved on.
    MovedOn,
    /// A task that another attempt works on, or that waits here.
    Busy,
    /// A task that failed here.
    Failed,
}

/// The delivery in hand, as far as decisions depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Delivery {
    /// How often the message was received, this time included.
    pub receives: u32,
    /// After so many receives SQS dead-letters it by itself.
    pub max_receives: u32,
    /// After so many failures at one stage a task fails for good.
    pub retry_budget: u32,
    /// Whether its queue keeps order.
    pub is_fifo: bool,
}

/// What the next try waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pause {
    /// At least so long.
    pub delay: Duration,
    /// What ends the wait.
    pub ends: WaitEnds,
}

impl Pause {
    /// Nothing but time.
    #[must_use]
    pub const fn of(delay: Duration) -> Self {
        Self { delay, ends: WaitEnds::ByTime }
    }
}

/// How an attempt ends whose work failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// With a write. [`ended`] says what becomes of the message after it.
    Write {
        /// The write, fenced to the version the attempt holds.
        action: Action,
        /// What the next try waits for, where there is one.
        pause: Pause,
    },
    /// Without one: the record has nothing to learn from it.
    Settled(Settled),
    /// Another attempt owns the task: it is read again, and [`refused`] decides.
    LookAgain,
}

/// After a commit or a create: the task is handed on, or it is at its end.
#[must_use]
pub fn committed(record: &TaskRecord) -> Settled {
    match record.status {
        Status::Pending => Settled::send(record, Duration::ZERO),
        Status::Running { .. }
        | Status::Held { .. }
        | Status::Completed
        | Status::Failed
        | Status::Cancelled => Settled::Acknowledge,
    }
}

/// After a refused write at stage `at`, which looks at the record before it
/// acknowledges anything.
#[must_use]
pub fn refused(
    at: Stage,
    record: Option<&TaskRecord>,
    now: Timestamp,
    delivery: Delivery,
) -> (Found, Settled) {
    let Some(record) = record else {
        let text = "the task has no record: it ended and expired, or was never created";
        let reason = Reason::new(ReasonCode::NoRecord, text);
        return (Found::Nothing, Settled::DeadLetter(reason));
    };
    match replay(at, record, now) {
        Replay::SendStored => (Found::Unsent, Settled::send(record, Duration::ZERO)),
        Replay::Done => (Found::MovedOn, Settled::Acknowledge),
        Replay::GiveBack { at } => {
            let pause = Pause::of(now.until(at).max(SHORTEST_WAIT));
            (Found::Busy, delivery.wait(record, pause))
        }
        Replay::DeadLetter(reason) => (Found::Failed, Settled::DeadLetter(reason)),
    }
}

/// How an attempt ends whose work failed. `record` is the version the attempt
/// holds (claimed), or the one on record (not claimed); `backoff` is the delay
/// after so many failures.
#[must_use]
pub fn failed(
    record: &TaskRecord,
    failure: &Failure,
    delivery: Delivery,
    backoff: impl Fn(u32) -> Duration,
) -> Ending {
    let fence = Fence::of(record);
    let write = |action| Ending::Write { action, pause: Pause::of(Duration::ZERO) };
    match failure {
        Failure::Fenced => Ending::LookAgain,
        Failure::Permanent(reason) => write(Action::Fail { fence, reason: reason.clone() }),
        Failure::Hold(reason) => write(Action::Hold { fence, reason: reason.clone() }),
        // A claimed task gives its claim up without counting a failure, so that
        // the next try need not wait for the lease. The longer it has waited,
        // the longer it waits next time, unless it knows when to come back.
        Failure::Wait { delay, ends, .. } => {
            let patience = match ends {
                WaitEnds::ByTime | WaitEnds::ByAnotherTask => delivery.receives,
                WaitEnds::AtMoment => 1,
            };
            let delay = *delay * patience.clamp(1, MAX_PATIENCE);
            let pause = Pause { delay, ends: *ends };
            if record.stage.claims() {
                Ending::Write { action: Action::Yield { fence }, pause }
            } else {
                Ending::Settled(delivery.wait(record, pause))
            }
        }
        Failure::Retry { reason, after, terms } => {
            // On a FIFO queue an unclaimed stage's message keeps its place in the
            // order: it goes back itself, and its receives stand in for the failures.
            let keeps_place = !record.stage.claims() && delivery.is_fifo;
            let failures =
                if keeps_place { delivery.receives } else { record.attempts.saturating_add(1) };
            let budget = terms.and_then(|terms| terms.budget).unwrap_or(delivery.retry_budget);
            if failures >= budget || delivery.is_last() {
                return write(exhausted(record, failures, reason));
            }
            let backoff = backoff(failures);
            if keeps_place {
                return Ending::Settled(Settled::GiveBack { delay: backoff });
            }
            // What the other side asked for is the least; the jitter keeps those
            // who were refused together from coming back together.
            let pause = Pause::of(after.unwrap_or_default() + backoff);
            Ending::Write { action: Action::Release { fence, reason: reason.clone() }, pause }
        }
    }
}

/// After the write that ended a failed attempt.
#[must_use]
pub fn ended(after: &TaskRecord, pause: Pause, delivery: Delivery) -> Settled {
    match (&after.status, &after.reason) {
        (Status::Failed, Some(reason)) => Settled::DeadLetter(reason.clone()),
        // A claimed stage's message calls for work at any epoch. The others' are
        // bound to theirs, which the write has raised.
        (Status::Pending, _) if after.stage.claims() => delivery.wait(after, pause),
        (Status::Pending, _) => Settled::send(after, pause.delay),
        (
            Status::Running { .. }
            | Status::Held { .. }
            | Status::Completed
            | Status::Failed
            | Status::Cancelled,
            _,
        ) => Settled::Acknowledge,
    }
}

impl Settled {
    fn send(record: &TaskRecord, delay: Duration) -> Self {
        Self::Send { message: StageMessage::stored_in(record), delay }
    }
}

impl Delivery {
    /// Waiting is not failing: by visibility while it is short, as a delayed copy
    /// of the stored message when it is long or many receives are used up. A FIFO
    /// queue knows no delayed copy, and one message that waits there holds up all
    /// of its shipment's behind it: having waited once for what may stand among
    /// them, or often for anything, it steps back.
    fn wait(self, record: &TaskRecord, pause: Pause) -> Settled {
        let used = self.receives.saturating_mul(2) > self.max_receives;
        let behind = pause.ends == WaitEnds::ByAnotherTask && self.receives > 1;
        if self.is_fifo && (used || behind) {
            return Settled::StepBack(StageMessage::stored_in(record));
        }
        if !self.is_fifo && (used || pause.delay > LONG_WAIT) {
            return Settled::send(record, pause.delay);
        }
        Settled::GiveBack { delay: pause.delay }
    }

    const fn is_last(self) -> bool {
        self.receives >= self.max_receives
    }
}

/// The failure that the budget, or the queue, does not allow to be repeated. A
/// call that may have happened must not be closed as a failure.
fn exhausted(record: &TaskRecord, failures: u32, reason: &Reason) -> Action {
    let fence = Fence::of(record);
    let text = format!("gave up after {failures} failures: {}", reason.text);
    let reason = Reason::new(ReasonCode::RetriesExhausted, text);
    if record.intent.is_some() {
        Action::Hold { fence, reason }
    } else {
        Action::Fail { fence, reason }
    }
}
