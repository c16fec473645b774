//! Compares the three books and finds what was lost, doubled or unexpected.
//!
//! ```text
//!   generator's list ──┐
//!   table + DLQs ──────┼──> reconcile() ──> lost, doubled, unexpected, held
//!   partners' ledger ──┘
//! ```
//!
//! Pure, and the only place where losses are counted. The functions never count
//! them: whoever drops a message cannot be asked how many it dropped.
//!
//! - *Lost, by event*: sent, and now not a task of each shipment that it concerns
//!   that ended or is held, nor parked as it should be, nor refused with a reason.
//! - *Lost, by leg*: the fleet believes in a booking that no carrier has, or a
//!   carrier has one that the fleet has forgotten.
//! - *Doubled*: two tasks for one event and shipment, two bookings for one
//!   generation of a leg, two live bookings of a leg, two notices for one task to
//!   dispatch or to the customer.
//! - *Unexpected*: refused though it was good, taken though it was bad, refused
//!   for a wrong reason, taken for a shipment that it does not concern, or never
//!   sent at all.
//! - *Held* tasks wait for a person. They are neither lost nor doubled.

mod events;
mod index;
mod legs;
mod notices;
mod refused;

use crate::books::{SentBook, TableBook, WorldBook};
use index::Index;
use serde::Serialize;
use std::collections::BTreeMap;

/// One thing that is wrong, and why it is thought so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The event or the shipment's leg.
    pub what: String,
    /// What the books say about it.
    pub why: String,
}

/// What became of the events, as the table and the dead-letter queues have it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Different events that were sent.
    pub events: u64,
    /// Different events that became a task and were not refused.
    pub accepted: u64,
    /// Copies of events beyond the first, in whichever message they came.
    pub duplicates: u64,
    /// Refused events by reason code.
    pub rejected: BTreeMap<String, u64>,
    /// Events that wait for an order or a packing that never came.
    pub parked: u64,
    /// Copies left waiting, though it is known by now what they waited for.
    pub left_parked: u64,
    /// Events that concern nobody.
    pub ignored: u64,
    /// Tasks of this run by status.
    pub tasks: BTreeMap<String, u64>,
    /// Entries of the decision log by what was decided.
    pub decisions: BTreeMap<String, u64>,
}

/// What the comparison found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Findings {
    /// Events that are nowhere, or are not finished.
    pub lost_events: Vec<Finding>,
    /// Legs whose booking the fleet and the carriers do not agree on.
    pub lost_legs: Vec<Finding>,
    /// Events with more than one task of a shipment, tasks with more than one notice.
    pub doubled_events: Vec<Finding>,
    /// Legs that were booked more often than asked for.
    pub doubled_legs: Vec<Finding>,
    /// Good events refused, bad ones taken, strangers.
    pub unexpected: Vec<Finding>,
    /// Tasks that wait for a person.
    pub held: Vec<Finding>,
    /// What became of everything.
    pub counts: Counts,
}

impl Findings {
    /// How much was lost.
    #[must_use]
    pub fn lost(&self) -> usize {
        self.lost_events.len() + self.lost_legs.len()
    }

    /// How much was doubled.
    #[must_use]
    pub fn doubled(&self) -> usize {
        self.doubled_events.len() + self.doubled_legs.len()
    }

    /// Whether all three books agree with what had to happen.
    #[must_use]
    pub fn clean(&self) -> bool {
        self.lost() == 0 && self.doubled() == 0 && self.unexpected.is_empty()
    }
}

/// Compares the books.
#[must_use]
pub fn reconcile(sent: &SentBook, table: &TableBook, world: &WorldBook) -> Findings {
    let index = Index::new(sent, table, world);
    let mut findings = Findings::default();
    events::check(&index, &mut findings);
    notices::check(&index, &mut findings);
    legs::check(&index, &mut findings);
    findings
}

/// Compares the first two books, where nobody keeps the third: what the partners were
/// really asked to do is left out.
#[must_use]
pub fn reconcile_two(sent: &SentBook, table: &TableBook) -> Findings {
    let nobody = WorldBook::default();
    let mut findings = Findings::default();
    events::check(&Index::new(sent, table, &nobody), &mut findings);
    findings
}

/// Files a finding.
fn found(list: &mut Vec<Finding>, what: impl Into<String>, why: impl Into<String>) {
    list.push(Finding { what: what.into(), why: why.into() });
}

#[cfg(test)]
mod tests;
