//! What holds for decisions in any case.

use super::*;
use crate::decision::Fit;
use crate::event::Milestone;
use crate::payload::SlotView;
use crate::samples::{booking, decided, lane, order, places, policy, task, tracking};
use crate::slot::{Booking, Generation};
use crate::words::plus_minutes;
use proptest::prelude::*;

const SERVICES: [(&str, &str); 4] =
    [("swift", "express"), ("steady", "express"), ("steady", "standard"), ("tortoise", "economy")];

/// Any case and its lane statistics.
pub(super) fn any_case() -> impl Strategy<Value = (Normalised, Vec<LaneStats>)> {
    let milestone = proptest::option::of(proptest::sample::select(Milestone::ALL));
    let numbers = (1_u64..40_000, 0_i64..200_000, -3000_i64..12_000, 0_u64..12);
    let eta = proptest::option::of(-2000_i64..12_000);
    let here = proptest::option::of(proptest::sample::select(vec!["DEHAM", "DELEJ", "XXNIX"]));
    let place = (proptest::option::of(0_u32..3000), here);
    let via = proptest::option::of(proptest::sample::select(vec!["DEHAM", "DELEJ"]));
    let learned = (0_usize..4, 0_i64..14, 0_u64..60, 300_u64..4000, any::<bool>());
    let learned = proptest::collection::vec(learned, 0..6);
    (milestone, numbers, eta, place, any::<[bool; 6]>(), (0_usize..5, via), learned).prop_map(
        |(milestone, (g, cents, due, generation), eta, (km, here), flags, (live, via), learned)| {
            let [left, refused, delivered, superseded, known_before, onward] = flags;
            let mut n = milestone.map_or_else(order, |milestone| tracking(milestone, None));
            let now = n.known.as_of;
            if let Event::Tracking { eta: estimate, .. } = &mut n.event {
                *estimate = eta.map(|minutes| plus_minutes(now, minutes));
            }
            n.known.facts.weight_g = g;
            n.known.facts.value.cents = cents;
            n.known.facts.promised = plus_minutes(now, due);
            n.known.km = km;
            n.known.here = here.map(|here| here.parse().unwrap());
            n.known.left_km = km.filter(|_| left).map(|km| km / 3);
            n.known.onward_km = km.filter(|_| onward);
            n.known.expected = n.known.expected.filter(|_| known_before);
            n.known.delivered = delivered && generation % 4 == 0;
            n.known.superseded = superseded && generation % 4 == 1;
            n.excluded = if refused { vec!["swift".into()] } else { Vec::new() };
            let live = SERVICES.get(live).map(|(carrier, service)| {
                let via = via.map(|via| via.parse().unwrap());
                Booking { via, ..booking(carrier, service) }
            });
            n.known.slot = SlotView { generation: Generation(generation), live, busy: false };
            let stats = learned.into_iter().map(|(at, age, count, pace, on_time)| {
                let (carrier, service) = SERVICES[at];
                let mut stats = lane(carrier, service, Week::of(now).before(age), count, pace);
                stats.sums.on_time = if on_time { count } else { 0 };
                stats
            });
            (n, stats.collect())
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn every_decision_can_be_carried_out_and_explained(
        (n, lanes) in any_case(), name in "[a-f0-9]{32}",
    ) {
        let (policy, places, id) = (policy(), places(), task(&name));
        let decision = decide(&policy, places, &n, &lanes, &id);
        let shuffled: Vec<_> = lanes.iter().rev().cloned().collect();
        let again = decide(&policy, places, &n, &shuffled, &id);
        prop_assert_eq!(&decision, &again, "not the same again");
        prop_assert_eq!(decision.decided_on, n.known.slot.generation);
        prop_assert!(decision.options.len() <= SHOWN);
        let reason = &decision.reason;
        prop_assert!(!reason.is_empty() && reason.len() <= 280, "{}", reason);
        prop_assert!(reason.ends_with('.') && !reason.contains(".."), "{}", reason);
        prop_assert!(decision.options.iter().all(|o| !n.excluded.contains(&o.carrier)));
        let json = serde_json::to_string(&decision).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Decision>(&json).unwrap(), &decision);
        if let Some(choice) = decision.action.booking() {
            let first = decision.options.first().unwrap();
            prop_assert_eq!(
                (&choice.carrier, &choice.service, &choice.via, choice.cost_cents),
                (&first.carrier, &first.service, &first.via, first.cost_cents),
                "the chosen option comes first"
            );
        }
        match &decision.action {
            // One live booking at most: book only where none is, replace only where one is.
            Action::Book(_) => prop_assert!(n.known.slot.live.is_none()),
            Action::Rebook(choice) => {
                prop_assert!(n.known.slot.live.is_some() && choice.via.is_none());
            }
            Action::Reroute(choice) => {
                prop_assert!(n.known.slot.live.is_some() && choice.via.is_some());
                prop_assert_ne!(&choice.via, &n.known.here, "they are there");
            }
            Action::Keep | Action::Notify => {}
            Action::Hold => prop_assert!(!decision.tell_customer),
        }
        if n.known.delivered || n.known.superseded {
            prop_assert_eq!(decision.action, Action::Keep);
            prop_assert!(!decision.tell_customer);
        }
    }

    /// It pays for being on time what the policy says that is worth, and no more.
    #[test]
    fn an_order_never_pays_more_than_it_must((mut n, lanes) in any_case()) {
        n.event = order().event;
        let policy = policy();
        let decision = decided(&policy, &n, &lanes);
        if let Action::Book(choice) = &decision.action {
            let booked = decision.options.first().unwrap();
            prop_assert_eq!(choice.cost_cents, booked.cost_cents);
            let penalty = policy.level(n.known.facts.level).late_penalty_cents;
            let cost = |o: &Scored| o.cost_cents * 100 + penalty * i64::from(o.late_percent);
            for other in &decision.options {
                match booked.fit {
                    // The expected penalty is rounded to the cent.
                    Fit::Safe => prop_assert!(
                        other.fit != Fit::Safe || cost(other) + 100 >= cost(booked)
                    ),
                    // If even the best is not safe then none is, and it is the fastest.
                    Fit::Tight | Fit::Late => {
                        prop_assert!(other.fit != Fit::Safe);
                        prop_assert!(other.arrival >= booked.arrival);
                    }
                }
            }
        }
    }
}
