//! What is decided when.

use super::*;
use crate::decision::Fit;
use crate::event::{Milestone, ServiceLevel};
use crate::payload::SlotView;
use crate::samples::{at, booking, decided, lane, order, places, policy, task, tracking};
use crate::slot::{Booking, Generation};
use crate::words::{minutes_between, plus_minutes};
use proptest::prelude::*;

/// The bundled policy with some of its text replaced.
pub(super) fn policy_with(changes: &[(&str, &str)]) -> Policy {
    let bundled = include_str!("../../data/policy.toml").to_owned();
    let text = changes.iter().fold(bundled, |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    Policy::parse(&text, "p.toml").unwrap()
}

/// `book swift/express@DELEJ`.
pub(super) fn chosen(decision: &Decision) -> String {
    let choice = decision.action.booking();
    let choice = choice.unwrap_or_else(|| panic!("nothing is booked: {decision:?}"));
    let via = choice.via.as_ref().map_or_else(String::new, |via| format!("@{via}"));
    format!("{} {}/{}{via}", decision.action.kind(), choice.carrier, choice.service)
}

fn promised(mut n: Normalised, when: &str) -> Normalised {
    n.known.facts.promised = at(when);
    n
}

fn now() -> Week {
    Week::of(order().known.as_of)
}

#[test]
fn an_order_gets_the_cheapest_option_in_time() {
    let decision = decided(&policy(), &order(), &[]);
    assert_eq!(chosen(&decision), "book tortoise/economy");
    assert_eq!(
        decision.reason,
        "Tortoise economy for 7.78 EUR is the cheapest in time: expected Mon 30 Nov 01:50 UTC, 15 h 10 min early."
    );
    let shown: Vec<String> = decision.options.iter().cloned().map(String::from).collect();
    assert_eq!(
        shown,
        [
            "tortoise/economy 778 2026-11-30T01:50Z safe 5%",
            "steady/standard 1249 2026-11-29T02:24Z safe 5%",
            "steady/express 1853 2026-11-28T12:16Z safe 5%",
        ]
    );
    assert_eq!(decision.policy, "default@2");
    assert_eq!(decision.decided_on, Generation(0));
    assert!(!decision.tell_customer);
    let quoted = decision.action.booking().unwrap().quoted.unwrap();
    assert_eq!((quoted.minutes, quoted.cents), (3950, 778));
}

#[test]
fn safety_slack_and_spread_count() {
    // Tortoise arrives at 01:50, with a spread of 6 h 35 min. Two hours and half
    // the spread later is just enough...
    let decision = decided(&policy(), &promised(order(), "2026-11-30T07:07:00Z"), &[]);
    assert_eq!(chosen(&decision), "book tortoise/economy");
    // ...and a minute less is not, though the promise itself would be kept.
    let decision = decided(&policy(), &promised(order(), "2026-11-30T07:06:00Z"), &[]);
    assert_eq!(chosen(&decision), "book steady/standard");
    // An express order needs more of both: 3 h and one and a half spreads.
    for (when, fit) in [("2026-11-30T14:42:00Z", Fit::Safe), ("2026-11-30T14:41:00Z", Fit::Tight)] {
        let mut n = promised(order(), when);
        n.known.facts.level = ServiceLevel::Express;
        n.excluded = vec!["steady".into(), "swift".into()];
        assert_eq!(decided(&policy(), &n, &[]).options[0].fit, fit, "{when}");
    }
    // What scatters more must be expected earlier.
    let scattered =
        [lane("tortoise", "economy", now(), 30, 500), lane("tortoise", "economy", now(), 30, 1500)];
    let soon = promised(order(), "2026-11-30T10:00:00Z");
    assert_eq!(chosen(&decided(&policy(), &soon, &[])), "book tortoise/economy");
    assert_eq!(chosen(&decided(&policy(), &soon, &scattered)), "book steady/standard");
}

#[test]
fn a_promise_at_risk_or_lost_gets_the_fastest_and_says_so() {
    let decision = decided(&policy(), &promised(order(), "2026-11-28T01:00:00Z"), &[]);
    assert_eq!(chosen(&decision), "book swift/express@DECGN");
    assert_eq!(
        decision.reason,
        "Swift express over Cologne for 33.88 EUR is the fastest: expected Fri 27 Nov 23:57 UTC, 1 h 3 min early. The promise is at risk."
    );
    assert!(!decision.tell_customer, "it may still be kept");
    let decision = decided(&policy(), &promised(order(), "2026-11-27T12:00:00Z"), &[]);
    assert_eq!(
        decision.reason,
        "Swift express over Cologne for 33.88 EUR is the fastest, yet expected Fri 27 Nov 23:57 UTC, 11 h 57 min late. The promise cannot be kept."
    );
    assert!(decision.tell_customer);
}

#[test]
fn reliability_is_worth_its_price() {
    // Eighteen of twenty late and the prior's 5 % of ten make 62 %, which is
    // 15.50 EUR to someone to whom a broken promise costs 25.00...
    let mut n = order();
    n.known.facts.level = ServiceLevel::Express;
    let mut unreliable = lane("tortoise", "economy", now(), 20, 1000);
    unreliable.sums.on_time = 2;
    let decision = decided(&policy(), &n, &[unreliable.clone()]);
    assert_eq!(chosen(&decision), "book steady/standard");
    assert_eq!(
        decision.reason,
        "Steady standard for 12.49 EUR is worth its price for being on time: expected Sun 29 Nov 02:24 UTC, 1 day 14 h early."
    );
    // ...and 3.10 EUR where it costs 5.00: less than what Steady costs more.
    let decision = decided(&policy(), &order(), &[unreliable]);
    assert_eq!(chosen(&decision), "book tortoise/economy");
    assert_eq!(decision.options[0].late_percent, 62);
}

#[test]
fn a_carrier_that_bills_in_another_currency_is_compared_in_ours() {
    let billed_in = ("name = \"Tortoise\"\n", "name = \"Tortoise\"\ncurrency = \"GBP\"\n");
    let decision = decided(&policy_with(&[billed_in]), &order(), &[]);
    let choice = decision.action.booking().unwrap();
    assert_eq!(choice.cost_cents, 910, "7.78 GBP");
    assert_eq!(choice.quoted.unwrap().cents, 778, "as it will be billed");
    assert!(decision.reason.starts_with("Tortoise economy for 9.10 EUR"), "{}", decision.reason);
}

#[test]
fn carriers_that_refused_are_not_asked_again() {
    let mut n = order();
    n.excluded = vec!["tortoise".into()];
    assert_eq!(chosen(&decided(&policy(), &n, &[])), "book steady/standard");
    n.excluded = vec!["tortoise".into(), "steady".into(), "swift".into()];
    let decision = decided(&policy(), &n, &[]);
    assert_eq!(decision.action, Action::Hold);
    assert_eq!(decision.reason, "No carrier takes this shipment.");
    let notifying = policy_with(&[(
        "[rules.unbookable]\ndo = \"hold\"",
        "[rules.unbookable]\ndo = \"notify\"",
    )]);
    assert_eq!(decided(&notifying, &n, &[]).action, Action::Notify);
}

#[test]
fn an_order_that_is_booked_delivered_or_superseded_keeps() {
    let keeps = |n: &Normalised, reason: &str| {
        let decision = decided(&policy(), n, &[]);
        assert_eq!((decision.action, decision.reason.as_str()), (Action::Keep, reason));
        assert!(decision.options.is_empty());
    };
    let mut n = order();
    n.known.superseded = true;
    keeps(&n, "A newer version of this order is known already.");
    n.known.slot = tracking(Milestone::Arrived, None).known.slot;
    keeps(&n, "The shipment is booked already with Tortoise economy.");
    n.known.delivered = true;
    keeps(&n, "The shipment was delivered already.");
    let mut n = tracking(Milestone::Damaged, None);
    n.known.superseded = true;
    keeps(&n, "Something newer is known of this shipment already.");
    n.known.delivered = true;
    keeps(&n, "The shipment was delivered already.");
}

#[test]
fn goods_in_a_currency_without_a_rate_wait_for_a_person() {
    let mut n = order();
    n.known.facts.value = "99.80 XXX".parse().unwrap();
    let decision = decided(&policy(), &n, &[]);
    assert_eq!(decision.action, Action::Hold);
    assert_eq!(decision.reason, "The goods are priced in XXX, for which the policy has no rate.");
}

#[test]
fn the_rule_of_each_milestone_is_followed() {
    let of = |milestone, value: &str| {
        let mut n = tracking(milestone, None);
        n.known.facts.value = value.parse().unwrap();
        decided(&policy(), &n, &[])
    };
    for milestone in [
        Milestone::PickedUp,
        Milestone::Departed,
        Milestone::Arrived,
        Milestone::Seen,
        Milestone::Delivered,
    ] {
        assert_eq!(of(milestone, "99.80 EUR").action, Action::Keep, "{milestone}");
    }
    for milestone in [Milestone::Alarm, Milestone::Withdrawn] {
        assert_eq!(of(milestone, "99.80 EUR").action, Action::Notify, "{milestone}");
    }
    assert_eq!(of(Milestone::Missing, "1.00 EUR").action, Action::Hold);
    let cheap = of(Milestone::Damaged, "499.99 EUR");
    assert_eq!(cheap.action, Action::Notify);
    assert_eq!(
        cheap.reason,
        "The shipment was reported damaged on Sat 28 Nov 08:00 UTC. The goods are worth 499.99 EUR, so nothing is held up."
    );
    assert_eq!(of(Milestone::Damaged, "500.00 EUR").action, Action::Hold);
    assert_eq!(of(Milestone::Damaged, "450.00 GBP").action, Action::Hold, "526.50 EUR");
    assert_eq!(of(Milestone::Damaged, "1.00 XXX").action, Action::Hold, "not comparable");
}

#[test]
fn what_happened_is_said_with_the_city_when_it_is_known() {
    for (milestone, words) in [
        (Milestone::Arrived, "arrived in Hamburg"),
        (Milestone::Departed, "left Hamburg"),
        (Milestone::Seen, "was seen in Hamburg"),
    ] {
        let decision = decided(&policy(), &tracking(milestone, None), &[]);
        assert_eq!(decision.reason, format!("The shipment {words} on Sat 28 Nov 08:00 UTC."));
    }
    let mut n = tracking(Milestone::Arrived, None);
    if let Event::Tracking { place, .. } = &mut n.event {
        *place = Some("XXNIX".parse().unwrap());
    }
    let decision = decided(&policy(), &n, &[]);
    assert_eq!(decision.reason, "The shipment arrived on its way on Sat 28 Nov 08:00 UTC.");
}

#[test]
fn an_estimate_for_a_place_on_the_way_counts_for_the_destination() {
    let expected = |n: &Normalised| decided(&policy(), n, &[]).expected;
    let mut n = tracking(Milestone::Estimated, Some("2026-11-29T08:00:00Z"));
    assert_eq!(expected(&n), None, "for the destination itself");
    // 12 h there, then 350 km at Tortoise's 350 km a day.
    n.known.onward_km = Some(350);
    assert_eq!(expected(&n), Some(at("2026-11-30T20:00:00Z")));
    let decision = decided(&policy(), &n, &[]);
    assert_eq!(chosen(&decision), "rebook steady/standard");
    let words = "The shipment is now expected Mon 30 Nov 20:00 UTC, 3 h late. ";
    assert!(decision.reason.starts_with(words), "{}", decision.reason);
    // At the policy's own speed when nothing is booked, or by nobody we know.
    n.known.slot.live = None;
    assert_eq!(expected(&n), Some(at("2026-11-30T12:48:00Z")));
    n.known.slot.live = Some(booking("gone", "slow"));
    assert_eq!(expected(&n), Some(at("2026-11-30T12:48:00Z")));
}

#[test]
fn an_unknown_distance_is_quoted_as_the_policy_says() {
    let mut n = order();
    n.known.km = None;
    n.known.facts.origin = "XXNIX".parse().unwrap();
    let decision = decided(&policy(), &n, &[]);
    for option in &decision.options {
        let policy = policy();
        let service = policy.service(&option.carrier, &option.service).unwrap();
        assert_eq!(option.cost_cents, service.cost_cents(2400, 800));
        assert_eq!(option.via, None, "nobody knows what a detour it is");
    }
    assert_eq!(decision.options.len(), SHOWN);
}

#[test]
fn only_a_hub_that_brings_the_goods_nearer_is_a_way() {
    let ways = |n: &Normalised| {
        let (policy, places, task) = (policy(), places(), task("t-1"));
        let case = Case { policy: &policy, places: &places, n, lanes: &[], task: &task };
        let offers = options::ranked(&case);
        let mut vias: Vec<String> = offers
            .iter()
            .filter_map(|offer| Some(offer.scored.via.as_ref()?.to_string()))
            .collect();
        vias.sort();
        vias.dedup();
        vias.join(" ")
    };
    assert_eq!(ways(&order()), "DECGN DEHAM DELEJ");
    assert_eq!(ways(&tracking(Milestone::Stopped, None)), "DELEJ", "Cologne is no way to Berlin");
    let mut n = order();
    n.known.facts.destination = "DELEJ".parse().unwrap();
    assert_eq!(ways(&n), "DECGN DEHAM");
}

#[test]
fn what_was_learned_counts_by_its_number_and_within_bounds() {
    let quoted: i64 = 1440 + 2510;
    let arrival = |lanes: &[LaneStats]| {
        let mut n = order();
        n.excluded = vec!["steady".into(), "swift".into()];
        let decision = decided(&policy(), &n, lanes);
        minutes_between(n.known.as_of, decision.options[0].arrival)
    };
    let tortoise = |count, pace| lane("tortoise", "economy", now(), count, pace);
    assert_eq!(arrival(&[]), quoted);
    assert_eq!(arrival(&[tortoise(10, 1200)]), quoted * 110 / 100, "half prior, half data");
    assert_eq!(arrival(&[tortoise(1_000_000, 1)]), quoted / 2);
    assert_eq!(arrival(&[tortoise(1_000_000, 9000)]), quoted * 3);
    assert_eq!(arrival(&[lane("steady", "economy", now(), 9, 5000)]), quoted, "another carrier");
    // A carrier that turned slow loses the booking.
    let decision = decided(&policy(), &order(), &[tortoise(20, 1500)]);
    assert_eq!(chosen(&decision), "book steady/standard");
    // One that bills more than its rate card says does, too.
    let mut dear = tortoise(90, 1000);
    dear.sums.cost_cents = dear.sums.quoted_cents * 2;
    assert_eq!(chosen(&decided(&policy(), &order(), &[dear])), "book steady/standard");
}

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
        let decision = decide(&policy, &places, &n, &lanes, &id);
        let shuffled: Vec<_> = lanes.iter().rev().cloned().collect();
        let again = decide(&policy, &places, &n, &shuffled, &id);
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
