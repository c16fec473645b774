//! What is decided when.

use super::*;
use crate::decision::Fit;
use crate::event::{Milestone, ServiceLevel};
use crate::samples::{at, booking, decided, lane, order, places, policy, task, tracking};
use crate::slot::Generation;
use crate::words::minutes_between;

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
    assert_eq!(decision.reason, "The goods are priced in XXX, for which we have no exchange rate.");
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
        let case = Case { policy: &policy, places, n, lanes: &[], task: &task };
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
