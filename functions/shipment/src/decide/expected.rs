//! When the goods will be at their destination if nothing is done.

use super::{Case, options};
use crate::event::{Event, Milestone};
use crate::policy::on_the_way;
use crate::words::{plus_minutes, whole_minute};
use jiff::Timestamp;

/// The arrival at the destination where the event's estimate is for a place on
/// the way: from there the goods go on at the booked service's speed.
pub(super) fn onward(case: &Case<'_>) -> Option<Timestamp> {
    let (eta, km) = (eta(&case.n.event)?, case.n.known.onward_km?);
    let estimates = &case.policy.estimates;
    let live = case.n.known.slot.live.as_ref();
    let service = live.and_then(|live| case.policy.service(&live.carrier, &live.service));
    let speed = service.map_or(estimates.onward_km_per_day, |service| service.km_per_day);
    let minutes = estimates.onward_fixed_minutes.saturating_add(on_the_way(km, speed));
    Some(whole_minute(plus_minutes(eta, minutes)))
}

/// What the event says of the arrival at the destination.
pub(super) fn reported(case: &Case<'_>) -> Option<Timestamp> {
    onward(case).or_else(|| eta(&case.n.event))
}

/// What the event makes of the arrival: what it says; else, where it tells of a
/// delay, what was expected before plus what such a delay is taken to last.
pub(super) fn changed(case: &Case<'_>, milestone: Milestone) -> Option<Timestamp> {
    let delay = || {
        let minutes = case.policy.rescue.unknown_delay_minutes;
        before(case).map(|before| plus_minutes(before, minutes))
    };
    reported(case).or_else(|| delays(milestone).then(delay).flatten())
}

/// When the goods will arrive: as the event makes it, else as expected before.
pub(super) fn arrival(case: &Case<'_>, milestone: Milestone) -> Option<Timestamp> {
    changed(case, milestone).or_else(|| before(case))
}

/// As it was expected before this event; else as the booked service takes from
/// now on.
fn before(case: &Case<'_>) -> Option<Timestamp> {
    let known = &case.n.known;
    known.expected.or_else(|| {
        let minutes = options::booked_minutes(case, known.slot.live.as_ref()?)?;
        Some(plus_minutes(known.as_of, minutes))
    })
}

/// Whether the goods lose time by this, though nobody says how much.
pub(super) const fn delays(milestone: Milestone) -> bool {
    match milestone {
        Milestone::Delayed | Milestone::Stopped => true,
        Milestone::PickedUp
        | Milestone::Departed
        | Milestone::Arrived
        | Milestone::Seen
        | Milestone::Estimated
        | Milestone::Damaged
        | Milestone::Missing
        | Milestone::Alarm
        | Milestone::Withdrawn
        | Milestone::Delivered => false,
    }
}

const fn eta(event: &Event) -> Option<Timestamp> {
    match event {
        Event::Tracking { eta, .. } => *eta,
        Event::Order { .. } => None,
    }
}
