//! From a document of the right shape to an event that makes sense, with what
//! is known of its shipment beside it.

mod items;
mod read;
mod time;

use crate::Invalid;
use crate::event::{Event, Milestone};
use crate::memory::Memory;
use crate::payload::{Facts, Known, Normalised, Received, SlotView};
use crate::places::{Place, Places};
use crate::words::whole_second;
use jiff::Timestamp;

/// How far a sender's clock may run ahead, in seconds.
const CLOCK_AHEAD: i64 = 5 * 60;

/// Whether the event cannot be processed before its shipment is remembered.
/// A tracking event says nothing about the order it belongs to.
#[must_use]
pub const fn needs_memory(received: &Received) -> bool {
    match received {
        Received::Order(_) => false,
        Received::Tracking(_) => true,
    }
}

/// Whether the memory there is suffices: a tracking event needs to know the
/// order. As long as it does not, the task waits; that is no failure.
#[must_use]
pub fn is_ready(received: &Received, memory: Option<&Memory>) -> bool {
    !needs_memory(received) || memory.is_some_and(|memory| memory.state.order.is_some())
}

/// Validates by itself, without what is known of the shipment, and tells when
/// the event happened. An order must pass this before anything of it is kept, so
/// that a wrong one cannot occupy another's identifiers.
///
/// # Errors
/// [`Invalid`] as [`normalise`].
pub fn check(received: &Received, places: &Places, now: Timestamp) -> Result<Timestamp, Invalid> {
    match received {
        Received::Order(raw) => read::order(raw, places, now).map(|(event, _)| event.at()),
        Received::Tracking(raw) => {
            read::tracking(raw, places, None, now).map(|(event, _)| event.at())
        }
    }
}

/// Validates, cleans and enriches.
///
/// # Errors
/// [`Invalid`] names the first field whose value makes no sense. Also when
/// [`is_ready`] is false, which the caller should have waited for.
pub fn normalise(
    received: &Received,
    memory: Option<&Memory>,
    places: &Places,
    now: Timestamp,
) -> Result<Normalised, Invalid> {
    let (event, facts, onward_km) = match received {
        Received::Order(raw) => {
            let (event, facts) = read::order(raw, places, now)?;
            (event, facts, None)
        }
        Received::Tracking(raw) => {
            let order = memory.and_then(|memory| memory.state.order.as_ref());
            let order = order.ok_or_else(|| {
                Invalid::new("identifier", "the shipment's order is not known yet")
            })?;
            let facts = order.value.facts.clone();
            let (event, onward_km) = read::tracking(raw, places, Some(&facts.destination), now)?;
            (event, facts, onward_km)
        }
    };
    // A withdrawal is judged on what is left without the withdrawn event.
    let left = memory.and_then(|memory| memory.after(&event));
    let known = known(&event, facts, left.as_ref().or(memory), places, now);
    let known = Known { onward_km, ..known };
    Ok(Normalised { event, known, excluded: Vec::new(), rounds: 0 })
}

fn known(
    event: &Event,
    facts: Facts,
    memory: Option<&Memory>,
    places: &Places,
    now: Timestamp,
) -> Known {
    let km = places.distance_km(&facts.origin, &facts.destination);
    let here = whereabouts(event, memory);
    let left_km = here
        .and_then(|place| places.distance_km(place, &facts.destination))
        .filter(|left| Some(*left) != km);
    Known {
        km,
        here: here.cloned(),
        left_km,
        onward_km: None,
        as_of: whole_second(now.max(event.at())),
        expected: memory.and_then(|memory| memory.state.expected_arrival()),
        delivered: memory.is_some_and(|memory| memory.state.delivered().is_some()),
        superseded: memory.is_some_and(|memory| superseded(event, memory)),
        slot: memory.map_or_else(SlotView::default, |memory| SlotView::from(&memory.slot)),
        facts,
    }
}

/// Where the goods are, as far as anybody said. An order says nothing of it.
fn whereabouts<'a>(event: &'a Event, memory: Option<&'a Memory>) -> Option<&'a Place> {
    let said = match event {
        Event::Order { .. } => None,
        Event::Tracking { place, .. } => place.as_ref(),
    };
    said.or_else(|| Some(&memory?.state.place()?.value))
}

/// Whether a later event of the same kind is remembered. At the same moment
/// neither is later: both are decided, and the booking slot keeps them apart. A
/// withdrawal never gets old: what it takes back stays wrong.
fn superseded(event: &Event, memory: &Memory) -> bool {
    let newest = match event {
        Event::Order { .. } => memory.state.order.as_ref().map(|order| order.stamp.at),
        Event::Tracking { milestone: Milestone::Withdrawn, .. } => None,
        Event::Tracking { .. } => memory.state.position().map(|seen| seen.stamp.at),
    };
    newest.is_some_and(|newest| newest > event.at())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::{Folded, ShipmentState};
    use crate::payload::{RawOrder, RawTracking};
    use crate::samples::{at, booking, concluded, order, task};
    use crate::slot::{Generation, Slot, SlotStatus};

    const NOW: &str = "2026-11-28T08:00:00Z";

    fn raw_order(ordered_at: &str) -> Received {
        let items = serde_json::json!([
            {"quantity": 2, "weight": {"value": 1.2, "unit": "kg"},
             "value": {"amount": "49.90", "currency": "EUR"}},
        ]);
        Received::Order(RawOrder {
            zone: None,
            ids: Vec::new(),
            origin: "nl rtm".into(),
            destination: "DEBER".into(),
            ordered_at: ordered_at.into(),
            promised: "2026-11-30T18:00:00+01:00".into(),
            service: "economy".into(),
            items: serde_json::from_value(items).unwrap(),
        })
    }

    fn raw_tracking(occurred_at: &str, place: Option<&str>) -> Received {
        Received::Tracking(RawTracking {
            zone: None,
            estimated_for: None,
            withdraws: None,
            milestone: "delayed".into(),
            occurred_at: occurred_at.into(),
            place: place.map(Into::into),
            estimated_arrival: None,
        })
    }

    fn folded(before: Option<&ShipmentState>, n: Normalised, name: &str) -> ShipmentState {
        let concluded = concluded(n, 0, Some(booking("tortoise", "economy")));
        match ShipmentState::fold(before, &concluded, &task(name)) {
            Folded::Changed(state) => *state,
            Folded::Stale => panic!("something new was stale"),
        }
    }

    /// The sample order, booked with Tortoise.
    fn memory() -> Memory {
        let slot = Slot {
            generation: Generation(1),
            status: SlotStatus::Live { booking: booking("tortoise", "economy"), task: task("o") },
        };
        Memory { state: folded(None, order(), "o"), slot }
    }

    fn run(received: &Received, memory: Option<&Memory>) -> Normalised {
        normalise(received, memory, &Places::bundled().unwrap(), at(NOW)).unwrap()
    }

    #[test]
    fn a_first_order_is_cleaned_and_measured() {
        let n = run(&raw_order("2026-11-27T09:00:00.75+01:00"), None);
        assert_eq!(n.event, Event::Order { at: at("2026-11-27T08:00:00Z"), ids: Vec::new() });
        assert_eq!(n.known.facts, order().known.facts);
        assert!(n.known.km.unwrap().abs_diff(610) < 10, "{:?}", n.known.km);
        assert_eq!((n.known.left_km, n.known.expected), (None, None));
        assert_eq!(n.known.as_of, at(NOW), "nothing can be done before now");
        assert!(!n.known.delivered && !n.known.superseded);
        assert_eq!(n.known.slot, SlotView::default());
    }

    #[test]
    fn an_unknown_place_is_no_distance_and_no_rejection() {
        let Received::Order(mut raw) = raw_order("2026-11-27T08:00:00Z") else { unreachable!() };
        raw.origin = "XXNIX".into();
        let n = run(&Received::Order(raw), None);
        assert_eq!(n.known.km, None);
        assert_eq!(n.known.facts.origin.as_str(), "XXNIX");
    }

    #[test]
    fn a_tracking_event_waits_for_its_order() {
        let received = raw_tracking(NOW, None);
        assert!(needs_memory(&received) && !needs_memory(&raw_order(NOW)));
        assert!(!is_ready(&received, None) && is_ready(&raw_order(NOW), None));
        let mut early = memory();
        early.state.order = None;
        assert!(!is_ready(&received, Some(&early)) && is_ready(&received, Some(&memory())));
        let places = Places::default();
        for memory in [None, Some(&early)] {
            let error = normalise(&received, memory, &places, at(NOW)).unwrap_err();
            assert_eq!(error.to_string(), "identifier: the shipment's order is not known yet");
        }
    }

    #[test]
    fn a_tracking_event_knows_its_shipment() {
        let n = run(&raw_tracking(NOW, Some("DEHAM")), Some(&memory()));
        assert_eq!(n.known.facts, order().known.facts);
        assert_eq!(n.known.slot.live, Some(booking("tortoise", "economy")));
        assert_eq!(n.known.expected, Some(at("2026-11-30T01:50:00Z")), "the booking's arrival");
        assert!(n.known.left_km.unwrap().abs_diff(255) < 10, "{:?}", n.known.left_km);
        assert!(n.known.km > n.known.left_km);
    }

    #[test]
    fn the_newest_place_is_remembered_when_an_event_names_none() {
        let mut memory = memory();
        let n = run(&raw_tracking(NOW, Some("DEHAM")), Some(&memory));
        let left = n.known.left_km;
        memory.state = folded(Some(&memory.state), n, "t1");
        let n = run(&raw_tracking("2026-11-28T08:04:00Z", None), Some(&memory));
        assert_eq!(n.known.left_km, left);
        assert_eq!(n.known.as_of, at("2026-11-28T08:04:00Z"), "a sender's clock runs ahead");
        assert!(!n.known.superseded);
    }

    #[test]
    fn what_is_older_than_the_memory_is_superseded_and_the_same_moment_is_not() {
        let mut memory = memory();
        let n = run(&raw_tracking("2026-11-28T06:00:00Z", None), Some(&memory));
        memory.state = folded(Some(&memory.state), n, "t1");
        for (when, superseded) in
            [("2026-11-28T05:59:59Z", true), ("2026-11-28T06:00:00Z", false), (NOW, false)]
        {
            let n = run(&raw_tracking(when, None), Some(&memory));
            assert_eq!(n.known.superseded, superseded, "{when}");
        }
        for (when, superseded) in
            [("2026-11-27T07:00:00Z", true), ("2026-11-27T08:00:00Z", false), (NOW, false)]
        {
            let n = run(&raw_order(when), Some(&memory));
            assert_eq!(n.known.superseded, superseded, "{when}");
        }
    }

    #[test]
    fn a_withdrawal_is_judged_on_what_is_left_without_the_withdrawn_event() {
        let mut memory = memory();
        let mut n = run(&raw_tracking(NOW, Some("DEHAM")), Some(&memory));
        if let Event::Tracking { milestone, .. } = &mut n.event {
            *milestone = Milestone::Delivered;
        }
        memory.state = folded(Some(&memory.state), n, "wrong");
        let withdrawal = |of: &str| {
            let Received::Tracking(raw) = raw_tracking("2026-11-28T07:30:00Z", None) else {
                unreachable!()
            };
            let withdraws = Some(of.to_owned());
            Received::Tracking(RawTracking { milestone: "withdrawn".into(), withdraws, ..raw })
        };
        let n = run(&withdrawal("wrong"), Some(&memory));
        assert_eq!((n.known.delivered, n.known.superseded, &n.known.here), (false, false, &None));
        memory.state = folded(Some(&memory.state), n, "w");
        assert!(!run(&raw_tracking(NOW, None), Some(&memory)).known.delivered);
        // What corrects it is not old, although the withdrawn event was later.
        let correction = run(&raw_tracking("2026-11-28T07:00:00Z", None), Some(&memory));
        assert!(!correction.known.superseded);
        // A withdrawal of something else leaves the delivery alone.
        memory.state.withdrawn.clear();
        let n = run(&withdrawal("other"), Some(&memory));
        // Nor does it get old, although the delivery is later.
        assert!(n.known.delivered && !n.known.superseded);
    }

    #[test]
    fn an_estimate_for_a_place_on_the_way_brings_the_rest_of_it() {
        let Received::Tracking(raw) = raw_tracking(NOW, None) else { unreachable!() };
        let raw = RawTracking {
            estimated_arrival: Some("2026-11-29T08:00:00Z".into()),
            estimated_for: Some("DEHAM".into()),
            ..raw
        };
        let n = run(&Received::Tracking(raw), Some(&memory()));
        assert!(n.known.onward_km.unwrap().abs_diff(255) < 10, "{:?}", n.known.onward_km);
    }

    #[test]
    fn a_delivery_is_known_afterwards() {
        let mut memory = memory();
        let mut n = run(&raw_tracking(NOW, None), Some(&memory));
        if let Event::Tracking { milestone, .. } = &mut n.event {
            *milestone = Milestone::Delivered;
        }
        assert!(!n.known.delivered);
        memory.state = folded(Some(&memory.state), n, "t1");
        assert!(run(&raw_tracking(NOW, None), Some(&memory)).known.delivered);
        assert!(run(&raw_order("2026-11-27T08:00:00Z"), Some(&memory)).known.delivered);
    }
}
