//! The second book: what the fleet's table and dead-letter queues hold.

use flotilla_shipment::lane::LaneStats;
use flotilla_shipment::payload::Concluded;
use flotilla_shipment::slot::Slot;
use flotilla_task::{Stage, StatusKind};

/// What the fleet says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableBook {
    /// Every task.
    pub tasks: Vec<Task>,
    /// Every event that waits for its order.
    pub parked: Vec<Parked>,
    /// Every booking slot.
    pub slots: Vec<SlotItem>,
    /// The decision log of every shipment.
    pub decisions: Vec<Decided>,
    /// What was learned of each lane, by its name.
    pub lanes: Vec<(String, LaneStats)>,
    /// What lies in the dead-letter queues.
    pub dead_letters: Vec<DeadLetter>,
}

/// Why a task failed, is held or went back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// For counting.
    pub code: String,
    /// For people.
    pub text: String,
}

/// A task as the reconciler needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: String,
    /// The shipment it is about.
    pub shipment: String,
    /// Where its event came from.
    pub source: String,
    /// The event's id there.
    pub event: String,
    /// The stage it is at.
    pub stage: Stage,
    /// Where it stands there.
    pub status: StatusKind,
    /// Failures at this stage.
    pub attempts: u32,
    /// Why it stands there.
    pub why: Option<Why>,
    /// When it was created, in milliseconds since 1970.
    pub created_at: u64,
    /// When it was last written.
    pub updated_at: u64,
    /// When it ended.
    pub ended_at: Option<u64>,
}

/// An event that waits for its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// The name it waits under: `sscc:...`.
    pub identifier: String,
    /// Where it came from.
    pub source: String,
    /// Its id there.
    pub event: String,
}

/// The booking slot of one leg.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotItem {
    /// The shipment.
    pub shipment: String,
    /// The leg.
    pub leg: String,
    /// What it holds.
    pub slot: Slot,
}

/// One entry of a decision log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The shipment.
    pub shipment: String,
    /// Its place in the log: when the event happened, in milliseconds since 1970.
    pub logged_at: u64,
    /// The task that brought it.
    pub task: String,
    /// Event, facts, decision and what was done.
    pub concluded: Concluded,
}

/// A message in a dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Whose queue.
    pub stage: Stage,
    /// How its body is recognised.
    pub body_hash: String,
    /// Source and id of every event that it tells of, as far as it can be read.
    pub events: Vec<(String, String)>,
    /// How long its body is.
    pub bytes: usize,
    /// The attribute `reason_code`; absent when SQS moved it by itself.
    pub code: Option<String>,
    /// The attribute `reason`.
    pub reason: Option<String>,
    /// The task it belongs to, when that is known.
    pub task: Option<String>,
}

impl DeadLetter {
    /// What stands for the reason of a letter that SQS moved by itself.
    pub const NO_REASON: &str = "none";

    /// Its reason's code, or [`Self::NO_REASON`].
    #[must_use]
    pub fn code(&self) -> &str {
        self.code.as_deref().unwrap_or(Self::NO_REASON)
    }

    /// The same for people.
    #[must_use]
    pub fn code_in_words(&self) -> String {
        self.code.as_deref().map_or_else(|| "none (moved by SQS)".to_owned(), flotilla_task::safe)
    }
}
