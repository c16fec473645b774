//! The searches: which part of the way, and what may go wrong on it.
//!
//! Each allows a few things and is exhaustive within that. Everything at once
//! would be the same protocol and too many states.

use crate::bounds::{Bounds, Budget, Partner, Without};
use crate::properties::*;
use flotilla_task::Stage;

/// What all searches have in common.
pub(crate) const BASE: Bounds = Bounds {
    name: "",
    start: Stage::Communication,
    after_decision: Stage::Communication,
    partner: Partner::HonoursKeys,
    slow_calls: false,
    workers: 2,
    max_receives: None,
    retry_budget: 2,
    budget: NONE,
    without: Without::Nothing,
    reaches: &[],
};

/// Nothing goes wrong.
pub(crate) const NONE: Budget = Budget {
    crashes: 0,
    duplicates: 0,
    lapses: 0,
    lost: 0,
    late: 0,
    unsent: 0,
    retries: 0,
    permanents: 0,
    waits: 0,
    ambiguous: 0,
    rounds: 0,
    commands: 0,
    scans: 0,
};

/// From the event over processing and decision to state, without a claim.
pub(crate) const HAND_OFF: Bounds = Bounds {
    name: "the hand-off, from an event to the end",
    start: Stage::Ingestion,
    after_decision: Stage::State,
    budget: Budget { crashes: 1, duplicates: 1, lost: 1, unsent: 1, ..NONE },
    reaches: &[COMPLETED, RESENT, ADOPTED],
    ..BASE
};

/// From the event through all five stages.
pub(crate) const WHOLE_WAY: Bounds = Bounds {
    name: "the whole way through five stages",
    start: Stage::Ingestion,
    budget: Budget { crashes: 1, lost: 1, unsent: 1, ..NONE },
    reaches: &[COMPLETED, RESENT, ADOPTED, TAKEOVER],
    ..BASE
};

/// Three stages, the middle one with a claim: leases that clocks disagree about.
pub(crate) const CLAIM: Bounds = Bounds {
    name: "a claim between two hand-offs",
    start: Stage::Decision,
    budget: Budget { crashes: 1, duplicates: 1, lapses: 1, ..NONE },
    reaches: &[COMPLETED, TAKEOVER, FENCED, RESENT],
    ..BASE
};

/// The same three stages, and answers that get lost.
pub(crate) const LOST_ANSWERS: Bounds = Bounds {
    name: "answers lost around a claim",
    start: Stage::Decision,
    budget: Budget { crashes: 1, lapses: 1, lost: 1, ..NONE },
    reaches: &[COMPLETED, TAKEOVER, FENCED, ADOPTED],
    ..BASE
};

/// A write that reaches the store long after its writer has given it up.
pub(crate) const LATE_WRITES: Bounds = Bounds {
    name: "writes that arrive late",
    budget: Budget { crashes: 1, duplicates: 1, lapses: 1, late: 1, ..NONE },
    reaches: &[COMPLETED, TAKEOVER, FENCED, ADOPTED],
    ..BASE
};

/// Communication hands back to decision, so that a task comes to a stage twice.
pub(crate) const ROUNDS: Bounds = Bounds {
    name: "a task that is decided again",
    start: Stage::Decision,
    budget: Budget { lapses: 1, rounds: 1, lost: 1, ..NONE },
    reaches: &[COMPLETED, DECIDED_AGAIN, TAKEOVER, FENCED],
    ..BASE
};

/// A partner that ignores keys: crashes, calls of unknown end, and people.
pub(crate) const NO_KEYS: Bounds = Bounds {
    name: "a partner that ignores keys",
    partner: Partner::IgnoresKeys,
    budget: Budget { crashes: 1, duplicates: 1, retries: 1, ambiguous: 1, commands: 2, ..NONE },
    reaches: &[COMPLETED, HELD, RESUMED, CANCELLED, ORPHANED, RECOVERED],
    ..BASE
};

/// The same partner, checkpoints whose answers get lost, and scans that come too
/// early.
pub(crate) const NOTES: Bounds = Bounds {
    name: "checkpoints without an answer",
    partner: Partner::IgnoresKeys,
    budget: Budget { crashes: 1, lost: 2, scans: 1, ..NONE },
    reaches: &[COMPLETED, HELD, ADOPTED, RECOVERED],
    ..BASE
};

/// Checkpoints that do not reach the store while their writer waits, twice in a row.
pub(crate) const LATE_NOTES: Bounds = Bounds {
    name: "checkpoints that arrive late",
    partner: Partner::IgnoresKeys,
    budget: Budget { late: 2, retries: 1, commands: 1, ..NONE },
    reaches: &[COMPLETED, HELD, RESUMED],
    ..BASE
};

/// A person who steps in while an owner is slow.
pub(crate) const SLOW_CALLS: Bounds = Bounds {
    name: "calls slower than their limit",
    partner: Partner::IgnoresKeys,
    slow_calls: true,
    budget: Budget { crashes: 1, lapses: 1, commands: 2, ..NONE },
    reaches: &[COMPLETED, HELD, RESUMED, TAKEOVER],
    ..BASE
};

/// Failures and waits, of an owner and of the one who took over from it.
pub(crate) const FAILURES: Bounds = Bounds {
    name: "failures while two hold the same message",
    budget: Budget { lapses: 1, unsent: 1, retries: 1, permanents: 1, waits: 1, ..NONE },
    reaches: &[COMPLETED, TAKEOVER, FENCED, DEAD_LETTER],
    ..BASE
};

/// Operators who cancel, hold, release and retry.
pub(crate) const OPERATORS: Bounds = Bounds {
    name: "operators between everything",
    budget: Budget { crashes: 1, duplicates: 1, retries: 2, commands: 2, ..NONE },
    reaches: &[COMPLETED, HELD, RESUMED, CANCELLED, DEAD_LETTER, ORPHANED, RECOVERED],
    ..BASE
};

/// SQS gives a message up after two receives.
pub(crate) const RECEIVES: Bounds = Bounds {
    name: "receives that run out",
    max_receives: Some(2),
    budget: Budget { crashes: 2, permanents: 1, retries: 1, waits: 1, commands: 1, ..NONE },
    reaches: &[COMPLETED, DEAD_LETTER, ORPHANED, RECOVERED, HELD],
    ..BASE
};

/// Every message is lost, again and again.
pub(crate) const GIVES_UP: Bounds = Bounds {
    name: "recovery that gives up",
    start: Stage::State,
    max_receives: Some(1),
    budget: Budget { crashes: 5, ..NONE },
    reaches: &[COMPLETED, ORPHANED, RECOVERED, UNRECOVERED],
    ..BASE
};

/// What `larger_bounds_hold_as_well` searches.
pub(crate) const LARGER: [Bounds; 6] = [
    Bounds { budget: Budget { crashes: 2, duplicates: 1, lost: 1, unsent: 1, ..NONE }, ..HAND_OFF },
    Bounds { budget: Budget { crashes: 1, duplicates: 1, ..NONE }, ..WHOLE_WAY_CLAIMED },
    Bounds {
        budget: Budget { crashes: 1, duplicates: 1, lapses: 1, lost: 1, ..NONE },
        reaches: &[COMPLETED, TAKEOVER, FENCED, RESENT, ADOPTED],
        ..CLAIM
    },
    Bounds {
        workers: 3,
        budget: Budget { crashes: 1, duplicates: 2, lapses: 1, ..NONE },
        start: Stage::Communication,
        ..CLAIM
    },
    Bounds { budget: Budget { crashes: 1, lapses: 1, rounds: 1, ..NONE }, ..ROUNDS },
    Bounds {
        budget: Budget { crashes: 1, lapses: 1, retries: 1, ambiguous: 1, commands: 2, ..NONE },
        ..NO_KEYS
    },
];

const WHOLE_WAY_CLAIMED: Bounds =
    Bounds { reaches: &[COMPLETED, TAKEOVER, FENCED, RESENT], ..WHOLE_WAY };
