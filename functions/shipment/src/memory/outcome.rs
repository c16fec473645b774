//! How a booking ended.

use super::ShipmentState;
use crate::lane::Outcome;
use crate::words::minutes_between;

/// How the shipment's booking ended: `Some` once it is delivered under a booking
/// whose making and quote are known. To be counted once per booking generation.
///
/// The time is taken between events, from the one that led to the booking to the
/// delivery: door to door, as a quote is, which includes the collection. So it
/// does not depend on when the fleet heard of them, nor on a pick-up that may be
/// reported after the delivery, or never.
///
/// A booking that could not keep the promise from the start is on time if it
/// keeps its own date: that it was booked too late is not the carrier's doing.
#[must_use]
pub fn outcome(state: &ShipmentState) -> Option<Outcome> {
    let delivered = state.delivered()?.at;
    let order = &state.order.as_ref()?.value.facts;
    let carriage = state.carriage.as_ref()?;
    let booking = carriage.booking.as_ref()?;
    let made = carriage.made.as_ref()?;
    let minutes = u64::try_from(minutes_between(made.since, delivered)).ok().filter(|m| *m > 0)?;
    Some(Outcome {
        origin: order.origin.clone(),
        destination: order.destination.clone(),
        carrier: booking.carrier.clone(),
        service: booking.service.clone(),
        generation: carriage.generation,
        delivered,
        minutes,
        quoted: made.quoted?,
        on_time: delivered <= made.due.map_or(order.promised, |due| due.max(order.promised)),
        cost_cents: booking.cost_cents,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Milestone;
    use crate::memory::Folded;
    use crate::memory::tests::{moment, remembered, tortoise};
    use crate::payload::{Normalised, SlotView};
    use crate::samples::{QUOTED, at, booking, concluded, order, task};
    use crate::slot::{Booking, Generation};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// What is told of a shipment: an event, the slot's generation it was decided
    /// on, and the booking that was made.
    type Told = (Normalised, u64, Option<Booking>);

    #[test]
    fn an_outcome_runs_from_the_event_that_was_booked_on_to_the_delivery() {
        let picked_up = moment(Milestone::PickedUp, "2026-11-27T18:00:00Z", None);
        let delivered = |when| moment(Milestone::Delivered, when, None);
        let ended = |when| {
            let told = [(order(), 0, tortoise()), (delivered(when), 1, None)];
            outcome(&remembered(&told)).unwrap()
        };
        let found = ended("2026-11-30T17:00:00Z");
        assert_eq!((found.minutes, found.on_time), ((3 * 24 + 9) * 60, true));
        assert_eq!((found.lane().as_str(), found.generation), ("NLRTM>DEBER", Generation(1)));
        assert_eq!((found.carrier.as_str(), found.cost_cents), ("tortoise", 781));
        assert_eq!((found.quoted, found.week().to_string()), (QUOTED, "2026W49".into()));
        assert!(!ended("2026-11-30T17:00:01Z").on_time, "a second late is late");
        // A pick-up that is reported before, after or never makes no difference.
        let told = [
            (order(), 0, tortoise()),
            (picked_up, 1, None),
            (delivered("2026-11-30T17:00:00Z"), 1, None),
        ];
        assert_eq!(outcome(&remembered(&told)).unwrap(), found);
    }

    #[test]
    fn a_carrier_that_was_booked_too_late_is_measured_by_its_own_date() {
        let mut late = order();
        late.known.facts.promised = at("2026-11-28T08:00:00Z");
        let ended = |when| {
            let delivered = moment(Milestone::Delivered, when, None);
            outcome(&remembered(&[(late.clone(), 0, tortoise()), (delivered, 1, None)])).unwrap()
        };
        assert!(ended("2026-11-30T01:50:00Z").on_time, "as it was expected when it was booked");
        assert!(!ended("2026-11-30T01:50:01Z").on_time);
    }

    #[test]
    fn a_rebooking_is_an_outcome_of_its_own() {
        let delayed = moment(Milestone::Delayed, "2026-11-28T08:00:00Z", None);
        let delivered = moment(Milestone::Delivered, "2026-11-29T08:00:00Z", None);
        let state = remembered(&[
            (order(), 0, tortoise()),
            (delayed, 1, Some(booking("swift", "express"))),
            (delivered, 2, None),
        ]);
        let found = outcome(&state).unwrap();
        assert_eq!((found.carrier.as_str(), found.generation), ("swift", Generation(2)));
        assert_eq!(found.minutes, 24 * 60, "from the delay that led to it");
    }

    /// A story with a rescue, each event as often as it takes, in any order.
    fn rescued() -> impl Strategy<Value = Vec<(usize, Told)>> {
        let delayed = moment(Milestone::Delayed, "2026-11-28T08:00:00Z", None);
        let mut delivered = moment(Milestone::Delivered, "2026-11-29T08:00:00Z", None);
        let live = Some(booking("swift", "express"));
        delivered.known.slot = SlotView { generation: Generation(2), live, busy: false };
        let told = [
            (order(), 0, tortoise()),
            (moment(Milestone::PickedUp, "2026-11-27T18:00:00Z", None), 1, None),
            (delayed, 1, Some(booking("swift", "express"))),
            (delivered, 2, None),
        ];
        let twice = told.into_iter().enumerate().flat_map(|event| [event.clone(), event]);
        Just(twice.collect::<Vec<_>>()).prop_shuffle()
    }

    proptest! {
        /// State asks after every delivery and every booking, and keeps a marker
        /// for each booking that it has counted; so does this.
        #[test]
        fn each_booking_is_counted_once_and_alike_whatever_the_order(arrival in rescued()) {
            let mut state: Option<ShipmentState> = None;
            let mut counted: BTreeMap<Generation, Outcome> = BTreeMap::new();
            for (n, (from, on, made)) in &arrival {
                let concluded = concluded(from.clone(), *on, made.clone());
                let folded = ShipmentState::fold(state.as_ref(), &concluded, &task(&format!("e-{n}")));
                if let Folded::Changed(changed) = folded {
                    state = Some(*changed);
                }
                let asks = made.is_some() || from.event.kind() == "delivered";
                if let (true, Some(found)) = (asks, state.as_ref().and_then(outcome)) {
                    counted.entry(found.generation).or_insert(found);
                }
            }
            let counted: Vec<_> = counted.into_values().collect();
            prop_assert_eq!(counted.len(), 1, "{:?}", &counted);
            prop_assert_eq!((counted[0].carrier.as_str(), counted[0].minutes), ("swift", 24 * 60));
        }
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
}
