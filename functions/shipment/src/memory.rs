//! What the fleet remembers of a shipment.
//!
//! Tasks of one shipment end in any order, so the memory keeps, for each thing
//! it knows, the newest report with the stamp it came under. Taking the newest
//! of stamped values does not depend on the order they come in.

mod fold;
mod outcome;
mod withdrawn;

use crate::decision::Quoted;
use crate::event::Milestone;
use crate::identifier::Identifier;
pub use crate::lane::{LaneStats, Outcome};
use crate::payload::Facts;
use crate::places::Place;
use crate::slot::{Booking, Generation, Slot};
use flotilla_task::TaskId;
pub use fold::Folded;
use jiff::Timestamp;
pub use outcome::outcome;
use serde::{Deserialize, Serialize};

/// How much of a task's id a stamp keeps: 48 bits tell apart what happened at
/// the same moment to one shipment, and the record holds many stamps.
const TAG: usize = 12;

/// The key of an event among those of a shipment. Later time wins; at the same
/// time the greater task: arbitrary, but the same whatever arrives first.
///
/// In JSON it is one short string, `"2026-11-28T08:00:00Z 0f3a5be07c21"`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Stamp {
    /// When the event happened.
    pub at: Timestamp,
    tag: String,
}

impl Stamp {
    /// The stamp of what happened then and was dealt with by that task.
    #[must_use]
    pub fn new(at: Timestamp, task: &TaskId) -> Self {
        Self { at, tag: Self::tag_of(task) }
    }

    /// How a task stands in stamps, and in the events that take its event back.
    #[must_use]
    pub fn tag_of(task: &TaskId) -> String {
        task.as_str().chars().take(TAG).collect()
    }

    /// What tells it from others of the same moment.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.tag
    }
}

impl From<Stamp> for String {
    fn from(stamp: Stamp) -> Self {
        format!("{} {}", stamp.at, stamp.tag)
    }
}

impl TryFrom<String> for Stamp {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("expected a time and a task, got {text:?}");
        let (at, tag) = text.split_once(' ').ok_or_else(wrong)?;
        Ok(Self { at: at.parse().map_err(|_| wrong())?, tag: tag.to_owned() })
    }
}

/// A value and the event it came with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamped<T> {
    /// From which event.
    pub stamp: Stamp,
    /// The value.
    pub value: T,
}

/// What the newest order says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ordered {
    /// The facts.
    #[serde(flatten)]
    pub facts: Facts,
    /// The names the outside world knows the shipment by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<Identifier>,
}

/// What the newest tracking event says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// What happened.
    pub milestone: Milestone,
    /// Where, when it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// The booking slot as the newest conclusion left it. The slot record itself is
/// the authority; this is what `retrieve` shows and outcomes are counted from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carriage {
    /// The slot's version.
    pub generation: Generation,
    /// The live booking, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booking: Option<Booking>,
    /// Set by the task that made the booking; absent when it was only seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<Made>,
    /// The conclusion this comes from.
    pub stamp: Stamp,
}

/// How a booking came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// When the event happened that led to it.
    pub since: Timestamp,
    /// When the goods should arrive with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// What the rate card said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quoted: Option<Quoted>,
}

/// What the fleet remembers of a shipment. Each part is the newest of its kind,
/// also when it was taken back: the methods of the same names tell what counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentState {
    /// The newest event of any kind: its task is the shipment's last.
    pub last: Stamp,
    /// The newest order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Stamped<Ordered>>,
    /// The newest tracking event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Stamped<Position>>,
    /// The newest tracking event that said when the goods will arrive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Stamped<Timestamp>>,
    /// The newest tracking event that said where the goods are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Stamped<Place>>,
    /// The newest delivery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered: Option<Stamp>,
    /// The booking with the highest generation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carriage: Option<Carriage>,
    /// The newest event that the dispatch desk was told of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notified: Option<Stamp>,
    /// The tags of tasks whose events were taken back, the newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withdrawn: Vec<Stamped<String>>,
}

/// What is known when an event is processed: the memory and the booking slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memory {
    /// What state remembers.
    pub state: ShipmentState,
    /// The booking slot.
    pub slot: Slot,
}

impl ShipmentState {
    /// The arrival to expect: the newest estimate, unless a booking was made on
    /// it or after it, whose own arrival then counts.
    #[must_use]
    pub fn expected_arrival(&self) -> Option<Timestamp> {
        let booked = self.carriage.as_ref().and_then(|carriage| carriage.made.as_ref());
        match (self.estimate(), booked) {
            (Some(estimate), Some(made)) if made.since < estimate.stamp.at => Some(estimate.value),
            (_, Some(Made { due: Some(due), .. })) => Some(*due),
            (estimate, _) => estimate.map(|estimate| estimate.value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Milestone;
    use crate::payload::Normalised;
    use crate::samples::{at, booking, concluded, order, task, tracking};

    /// Folds in order, each on its own task.
    pub(super) fn remembered(events: &[(Normalised, u64, Option<Booking>)]) -> ShipmentState {
        let mut state: Option<ShipmentState> = None;
        for (n, (from, on, made)) in events.iter().enumerate() {
            let name = format!("e-{n}");
            let concluded = concluded(from.clone(), *on, made.clone());
            match ShipmentState::fold(state.as_ref(), &concluded, &task(&name)) {
                Folded::Changed(changed) => state = Some(*changed),
                Folded::Stale => {}
            }
        }
        state.unwrap()
    }

    pub(super) fn moment(milestone: Milestone, when: &str, eta: Option<&str>) -> Normalised {
        let mut n = tracking(milestone, eta);
        if let crate::event::Event::Tracking { at: moment, .. } = &mut n.event {
            *moment = at(when);
        }
        n
    }

    pub(super) fn tortoise() -> Option<Booking> {
        Some(booking("tortoise", "economy"))
    }

    #[test]
    fn the_expected_arrival_is_the_newer_of_estimate_and_booking() {
        let due = "2026-11-30T01:50:00Z";
        let mut events = vec![(order(), 0, tortoise())];
        assert_eq!(remembered(&events).expected_arrival(), Some(at(due)));
        let late = "2026-12-01T12:00:00Z";
        let seen = "2026-11-28T06:00:00Z";
        events.push((moment(Milestone::Departed, seen, Some(late)), 1, None));
        assert_eq!(remembered(&events).expected_arrival(), Some(at(late)));
        // A rebooking on a later report is worth its own arrival again...
        let delayed = moment(Milestone::Delayed, "2026-11-28T08:00:00Z", Some(late));
        events.push((delayed, 1, Some(booking("swift", "express"))));
        assert_eq!(remembered(&events).expected_arrival(), Some(at(due)));
        // ...until a later estimate comes, and one without keeps the estimate.
        let later = "2026-11-30T09:00:00Z";
        events.push((moment(Milestone::Arrived, "2026-11-28T09:00:00Z", Some(later)), 2, None));
        events.push((moment(Milestone::Departed, "2026-11-28T10:00:00Z", None), 2, None));
        assert_eq!(remembered(&events).expected_arrival(), Some(at(later)));
    }
}
