//! What the fleet remembers of a shipment.
//!
//! Tasks of one shipment end in any order, so the memory keeps, for each thing
//! it knows, the newest report with the stamp it came under. Taking the newest
//! of stamped values does not depend on the order they come in.

mod fold;
mod withdrawn;

use crate::event::Milestone;
use crate::identifier::Identifier;
pub use crate::lane::{LaneStats, Outcome};
use crate::payload::Facts;
use crate::places::Place;
use crate::slot::{Booking, Generation, Slot};
use crate::words::minutes_between;
use flotilla_task::TaskId;
pub use fold::Folded;
use jiff::Timestamp;
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
    /// The newest pick-up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picked_up: Option<Stamp>,
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

/// How the shipment's booking ended: `Some` once it is delivered under a booking
/// whose making is known. To be counted once per booking generation.
///
/// The time under way is taken between events, from the pick-up (or the event
/// that led to the booking, if that was later) to the delivery, so it does not
/// depend on when the fleet heard of them.
#[must_use]
pub fn outcome(state: &ShipmentState) -> Option<Outcome> {
    let delivered = state.delivered()?.at;
    let order = &state.order.as_ref()?.value.facts;
    let carriage = state.carriage.as_ref()?;
    let booking = carriage.booking.as_ref()?;
    let since = carriage.made.as_ref()?.since;
    let start = state.picked_up().map_or(since, |picked_up| picked_up.at.max(since));
    let minutes = u64::try_from(minutes_between(start, delivered)).ok().filter(|m| *m > 0)?;
    Some(Outcome {
        origin: order.origin.clone(),
        destination: order.destination.clone(),
        carrier: booking.carrier.clone(),
        service: booking.service.clone(),
        generation: carriage.generation,
        minutes,
        on_time: delivered <= order.promised,
        cost_cents: booking.cost_cents,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Milestone;
    use crate::payload::Normalised;
    use crate::samples::{at, booking, concluded, order, task, tracking};

    /// Folds in order, each on its own task.
    fn remembered(events: &[(Normalised, u64, Option<Booking>)]) -> ShipmentState {
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

    fn moment(milestone: Milestone, when: &str, eta: Option<&str>) -> Normalised {
        let mut n = tracking(milestone, eta);
        if let crate::event::Event::Tracking { at: moment, .. } = &mut n.event {
            *moment = at(when);
        }
        n
    }

    fn tortoise() -> Option<Booking> {
        Some(booking("tortoise", "economy"))
    }

    #[test]
    fn an_outcome_runs_from_pick_up_to_delivery() {
        let picked_up = moment(Milestone::PickedUp, "2026-11-27T18:00:00Z", None);
        let delivered = |when| moment(Milestone::Delivered, when, None);
        let on_time = "2026-11-30T17:00:00Z";
        let state = remembered(&[
            (order(), 0, tortoise()),
            (picked_up.clone(), 1, None),
            (delivered(on_time), 1, None),
        ]);
        let found = outcome(&state).unwrap();
        assert_eq!((found.minutes, found.on_time), ((2 * 24 + 23) * 60, true));
        assert_eq!((found.lane().as_str(), found.generation), ("NLRTM>DEBER", Generation(1)));
        assert_eq!((found.carrier.as_str(), found.cost_cents), ("tortoise", 781));
        // Without a pick-up the order starts the clock; a second late is late.
        let state =
            remembered(&[(order(), 0, tortoise()), (delivered("2026-11-30T17:00:01Z"), 1, None)]);
        let found = outcome(&state).unwrap();
        assert_eq!((found.minutes, found.on_time), ((3 * 24 + 9) * 60, false));
    }

    #[test]
    fn a_rebooking_is_an_outcome_of_its_own() {
        let delayed = moment(Milestone::Delayed, "2026-11-28T08:00:00Z", None);
        let delivered = moment(Milestone::Delivered, "2026-11-29T08:00:00Z", None);
        let state = remembered(&[
            (order(), 0, tortoise()),
            (moment(Milestone::PickedUp, "2026-11-27T18:00:00Z", None), 1, None),
            (delayed, 1, Some(booking("swift", "express"))),
            (delivered, 2, None),
        ]);
        let found = outcome(&state).unwrap();
        assert_eq!((found.carrier.as_str(), found.generation), ("swift", Generation(2)));
        assert_eq!(found.minutes, 24 * 60, "from the delay that led to it");
    }

    #[test]
    fn no_outcome_without_delivery_order_booking_or_time() {
        let delivered = |when| moment(Milestone::Delivered, when, None);
        let late = "2026-11-29T08:00:00Z";
        assert_eq!(outcome(&remembered(&[(order(), 0, tortoise())])), None);
        assert_eq!(outcome(&remembered(&[(delivered(late), 1, None)])), None, "booking only seen");
        assert_eq!(outcome(&remembered(&[(order(), 0, None), (delivered(late), 0, None)])), None);
        let before = "2026-11-27T07:00:00Z";
        let state = remembered(&[(order(), 0, tortoise()), (delivered(before), 1, None)]);
        assert_eq!(outcome(&state), None, "delivered before it was ordered teaches nothing");
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
