//! What holds for rescues whatever is reported.

use crate::decide::laws::any_case;
use crate::event::{Event, Milestone};
use crate::samples::{booking, decided, policy, tracking};
use crate::slot::Booking;
use crate::words::{minutes_between, plus_minutes};
use proptest::prelude::*;

#[derive(Debug, Clone)]
struct Report {
    milestone: Milestone,
    eta: Option<i64>,
    place: &'static str,
}

fn reports(places: &'static [&'static str], most: usize) -> impl Strategy<Value = Vec<Report>> {
    let milestones = vec![Milestone::Delayed, Milestone::Estimated, Milestone::Stopped];
    let report = (
        proptest::sample::select(milestones),
        proptest::option::of(0_i64..20_000),
        proptest::sample::select(places),
    );
    let report = report.prop_map(|(milestone, eta, place)| Report { milestone, eta, place });
    proptest::collection::vec(report, 1..most)
}

/// The bookings that are made on these reports, each in place of the one before,
/// beginning with the sample's.
fn bookings(reports: &[Report], due: i64) -> Vec<Booking> {
    let policy = policy();
    let mut slot = tracking(Milestone::Delayed, None).known.slot;
    let mut made: Vec<Booking> = slot.live.iter().cloned().collect();
    for report in reports {
        let mut n = tracking(report.milestone, None);
        n.known.here = Some(report.place.parse().unwrap());
        n.known.facts.promised = plus_minutes(n.known.as_of, due);
        n.known.facts.value.cents = 100_000;
        let estimate = report.eta.map(|minutes| plus_minutes(n.known.as_of, minutes));
        if let Event::Tracking { eta, .. } = &mut n.event {
            *eta = estimate;
        }
        n.known.slot = slot.clone();
        if let Some(choice) = decided(&policy, &n, &[]).action.booking() {
            let via = choice.via.clone();
            let booking = Booking { via, ..booking(&choice.carrier, &choice.service) };
            slot.generation = slot.generation.next();
            slot.live = Some(booking.clone());
            made.push(booking);
        }
    }
    made
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Whatever is reported of goods at one place, and however often: no booking
    /// is made twice, so they come to an end.
    #[test]
    fn rebookings_come_to_an_end(
        reports in reports(&["DEHAM"], 30), due in 0_i64..10_000,
    ) {
        let made = bookings(&reports, due);
        for (at, booking) in made.iter().enumerate() {
            let again = made.iter().skip(at + 1).any(|later| later == booking);
            prop_assert!(!again, "to and fro: {:?}", &made);
        }
        // One way out of what is blocked, then each faster than the last.
        prop_assert!(made.len() <= 5, "{:?}", &made);
    }

    /// Goods that are stopped in one place after the other are sent on again and
    /// again, until the policy's number of bookings ends it.
    #[test]
    fn reroutings_come_to_an_end_wherever_the_goods_are_stopped(
        reports in reports(&["DEHAM", "DELEJ", "DECGN", "FRPAR"], 60), due in 0_i64..20_000,
    ) {
        let most = usize::try_from(policy().rescue.most_bookings).unwrap();
        prop_assert!(bookings(&reports, due).len() <= most);
    }

    #[test]
    fn no_rescue_costs_more_than_the_policy_allows((mut n, lanes) in any_case()) {
        if matches!(n.event, Event::Order { .. }) {
            n.event = tracking(Milestone::Delayed, None).event;
        }
        let policy = policy();
        let decision = decided(&policy, &n, &lanes);
        if let Some(choice) = decision.action.booking() {
            let rescue = &policy.rescue;
            prop_assert!(choice.cost_cents <= rescue.limit_cents);
            let share = n.known.facts.value.cents * rescue.share_of_value_percent / 100;
            prop_assert!(choice.cost_cents <= share);
            prop_assert!(decision.options[0].keeps_promise());
            prop_assert!(n.known.slot.generation.0 < rescue.most_bookings);
            let eta = match &n.event {
                Event::Tracking { eta, .. } => decision.expected.or(*eta),
                Event::Order { .. } => None,
            };
            if let Some(eta) = eta {
                let gain = minutes_between(decision.options[0].arrival, eta);
                prop_assert!(gain >= rescue.hysteresis_minutes);
                prop_assert!(choice.cost_cents * 60 <= rescue.limit_per_hour_gained_cents * gain);
            }
        }
    }
}
