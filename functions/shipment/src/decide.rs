//! From what is known to what is to be done. Pure: the same record, policy and
//! lane statistics always give the same decision.

mod options;
mod order;
mod rescue;
mod tracking;

use crate::decision::{Action, Choice, Decision, Scored};
use crate::event::Event;
use crate::memory::LaneStats;
use crate::payload::Normalised;
use crate::policy::Policy;

/// How many options a decision shows.
const SHOWN: usize = 4;

/// Decides.
#[must_use]
pub fn decide(policy: &Policy, normalised: &Normalised, lanes: &[LaneStats]) -> Decision {
    let case = Case { policy, n: normalised, lanes };
    if normalised.known.delivered {
        return case.keep("The shipment was delivered already.");
    }
    match &normalised.event {
        Event::Order { .. } => order::decide(&case),
        Event::Tracking { milestone, at, .. } => tracking::decide(&case, *milestone, *at),
    }
}

/// Everything a decision looks at.
struct Case<'a> {
    policy: &'a Policy,
    n: &'a Normalised,
    lanes: &'a [LaneStats],
}

impl Case<'_> {
    fn decision(
        &self,
        action: Action,
        reason: impl Into<String>,
        options: Vec<Scored>,
    ) -> Decision {
        Decision {
            action,
            reason: reason.into(),
            options,
            expected: None,
            tell_customer: false,
            policy: self.policy.label(),
            decided_on: self.n.known.slot.generation,
        }
    }

    fn keep(&self, reason: impl Into<String>) -> Decision {
        self.decision(Action::Keep, reason, Vec::new())
    }

    /// The chosen option first, then the best of the others.
    fn shown(chosen: Option<&Scored>, mut options: Vec<Scored>) -> Vec<Scored> {
        if let Some(chosen) = chosen {
            options.retain(|option| option != chosen);
            options.insert(0, chosen.clone());
        }
        options.truncate(SHOWN);
        options
    }

    /// An option in words: `Swift express for 28.10 EUR`.
    fn words(&self, option: &Scored) -> String {
        let service = self.policy.words(&option.carrier, &option.service);
        format!("{service} for {}", self.policy.money(option.cost_cents))
    }
}

fn choice(option: &Scored) -> Choice {
    Choice {
        carrier: option.carrier.clone(),
        service: option.service.clone(),
        cost_cents: option.cost_cents,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Milestone;
    use crate::payload::SlotView;
    use crate::samples::{at, booking, order, policy, tracking};
    use crate::slot::Generation;
    use proptest::prelude::*;

    fn lane(carrier: &str, service: &str, count: u64, mean: u64) -> LaneStats {
        LaneStats { count, minutes: count * mean, ..LaneStats::empty(carrier, service) }
    }

    fn chosen(decision: &Decision) -> String {
        let choice = decision.action.booking();
        let choice = choice.unwrap_or_else(|| panic!("nothing is booked: {decision:?}"));
        format!("{} {}/{}", decision.action.kind(), choice.carrier, choice.service)
    }

    fn promised(mut n: Normalised, when: &str) -> Normalised {
        n.known.facts.promised = at(when);
        n
    }

    fn ways(decision: &Decision) -> Vec<String> {
        decision.options.iter().map(|o| format!("{}/{}", o.carrier, o.service)).collect()
    }

    #[test]
    fn an_order_gets_the_cheapest_option_in_time() {
        let decision = decide(&policy(), &order(), &[]);
        assert_eq!(chosen(&decision), "book tortoise/economy");
        assert_eq!(
            decision.reason,
            "Tortoise economy for 7.78 EUR is the cheapest in time: expected Mon 30 Nov 01:50 UTC, 15 h 10 min early."
        );
        let all = ["tortoise/economy", "steady/standard", "steady/express", "swift/express"];
        assert_eq!(ways(&decision), all);
        assert_eq!(decision.policy, "default@1");
        assert_eq!(decision.decided_on, Generation(0));
    }

    #[test]
    fn the_safety_slack_counts() {
        // Tortoise arrives at 01:50. Four hours later is just enough...
        let decision = decide(&policy(), &promised(order(), "2026-11-30T05:50:00Z"), &[]);
        assert_eq!(chosen(&decision), "book tortoise/economy");
        // ...and a minute less is not, though the promise itself would be kept.
        let decision = decide(&policy(), &promised(order(), "2026-11-30T05:49:00Z"), &[]);
        assert_eq!(chosen(&decision), "book steady/standard");
        // An express order needs six hours.
        let mut n = promised(order(), "2026-11-30T05:50:00Z");
        n.known.facts.level = crate::event::ServiceLevel::Express;
        assert_eq!(chosen(&decide(&policy(), &n, &[])), "book steady/standard");
    }

    #[test]
    fn a_promise_at_risk_or_lost_gets_the_fastest_and_says_so() {
        let decision = decide(&policy(), &promised(order(), "2026-11-28T04:00:00Z"), &[]);
        assert_eq!(chosen(&decision), "book swift/express");
        assert_eq!(
            decision.reason,
            "Swift express for 29.73 EUR is the fastest: expected Sat 28 Nov 02:12 UTC, only 1 h 48 min early. The promise is at risk."
        );
        let decision = decide(&policy(), &promised(order(), "2026-11-27T12:00:00Z"), &[]);
        assert_eq!(chosen(&decision), "book swift/express");
        assert_eq!(
            decision.reason,
            "Swift express for 29.73 EUR is the fastest, yet expected Sat 28 Nov 02:12 UTC, 14 h 12 min late. The promise cannot be kept."
        );
    }

    #[test]
    fn carriers_that_refused_are_not_asked_again() {
        let mut n = order();
        n.excluded = vec!["tortoise".into()];
        assert_eq!(chosen(&decide(&policy(), &n, &[])), "book steady/standard");
        n.excluded = vec!["tortoise".into(), "steady".into(), "swift".into()];
        let decision = decide(&policy(), &n, &[]);
        assert_eq!(decision.action, Action::Hold);
        assert_eq!(decision.reason, "No carrier takes this shipment.");
        let text = include_str!("../data/policy.toml");
        let text = text
            .replace("[rules.unbookable]\ndo = \"hold\"", "[rules.unbookable]\ndo = \"notify\"");
        let notifying = Policy::parse(&text, "p.toml").unwrap();
        assert_eq!(decide(&notifying, &n, &[]).action, Action::Notify);
    }

    #[test]
    fn an_order_that_is_booked_delivered_or_superseded_keeps() {
        let keeps = |n: &Normalised, reason: &str| {
            let decision = decide(&policy(), n, &[]);
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
        let decision = decide(&policy(), &n, &[]);
        assert_eq!(decision.action, Action::Hold);
        assert_eq!(
            decision.reason,
            "The goods are priced in XXX, for which the policy has no rate."
        );
    }

    #[test]
    fn the_rule_of_each_milestone_is_followed() {
        let of = |milestone, value: &str| {
            let mut n = tracking(milestone, None);
            n.known.facts.value = value.parse().unwrap();
            decide(&policy(), &n, &[])
        };
        for milestone in
            [Milestone::PickedUp, Milestone::Departed, Milestone::Arrived, Milestone::Delivered]
        {
            assert_eq!(of(milestone, "99.80 EUR").action, Action::Keep, "{milestone}");
        }
        assert_eq!(
            of(Milestone::Arrived, "99.80 EUR").reason,
            "The shipment arrived on its way on Sat 28 Nov 08:00 UTC."
        );
        let cheap = of(Milestone::Damaged, "499.99 EUR");
        assert_eq!(cheap.action, Action::Notify);
        assert_eq!(
            cheap.reason,
            "The shipment was reported damaged on Sat 28 Nov 08:00 UTC; goods worth 499.99 EUR are reported, not held."
        );
        assert_eq!(of(Milestone::Damaged, "500.00 EUR").action, Action::Hold);
        assert_eq!(of(Milestone::Damaged, "450.00 GBP").action, Action::Hold, "526.50 EUR");
        assert_eq!(of(Milestone::Damaged, "1.00 XXX").action, Action::Hold, "not comparable");
    }

    #[test]
    fn an_unknown_distance_is_quoted_as_the_policy_says() {
        let mut n = order();
        n.known.km = None;
        let decision = decide(&policy(), &n, &[]);
        for option in &decision.options {
            let policy = policy();
            let service = policy.service(&option.carrier, &option.service).unwrap();
            assert_eq!(option.cost_cents, service.cost_cents(2400, 800));
        }
        assert_eq!(decision.options.len(), 4);
    }

    #[test]
    fn what_was_learned_counts_after_enough_outcomes_and_within_bounds() {
        let quoted = 1440 + 2510;
        let arrival = |lanes: &[LaneStats]| {
            let decision = decide(&policy(), &order(), lanes);
            let option = decision.options.iter().find(|o| o.carrier == "tortoise").unwrap();
            crate::words::minutes_between(order().known.as_of, option.arrival)
        };
        assert_eq!(arrival(&[]), quoted);
        assert_eq!(arrival(&[lane("tortoise", "economy", 4, 8000)]), quoted, "too few");
        assert_eq!(arrival(&[lane("tortoise", "economy", 5, 5925)]), quoted * 150 / 100);
        assert_eq!(arrival(&[lane("tortoise", "economy", 5, 1)]), quoted / 2);
        assert_eq!(arrival(&[lane("tortoise", "economy", 5, 999_999)]), quoted * 3);
        assert_eq!(arrival(&[lane("steady", "economy", 5, 8000)]), quoted, "another carrier");
        // A carrier that turned slow loses the booking.
        let slow = [lane("tortoise", "economy", 9, 6000)];
        assert_eq!(chosen(&decide(&policy(), &order(), &slow)), "book steady/standard");
    }

    fn any_case() -> impl Strategy<Value = (Normalised, Vec<LaneStats>)> {
        let milestone = proptest::option::of(proptest::sample::select(Milestone::ALL));
        let numbers = (1_u64..40_000, 0_i64..200_000, -3000_i64..12_000, 0_u64..12, 1_u64..9000);
        let eta = proptest::option::of(-2000_i64..12_000);
        let km = proptest::option::of(0_u32..3000);
        (milestone, numbers, eta, km, any::<[bool; 5]>(), 0_usize..5).prop_map(
            |(milestone, (g, cents, due, count, mean), eta, km, flags, live)| {
                let [left, refused, delivered, superseded, known_before] = flags;
                let mut n = milestone.map_or_else(order, |milestone| tracking(milestone, None));
                let now = n.known.as_of;
                if let Event::Tracking { eta: estimate, .. } = &mut n.event {
                    *estimate = eta.map(|minutes| crate::words::plus_minutes(now, minutes));
                }
                n.known.facts.weight_g = g;
                n.known.facts.value.cents = cents;
                n.known.facts.promised = crate::words::plus_minutes(now, due);
                n.known.km = km;
                n.known.left_km = km.filter(|_| left).map(|km| km / 3);
                n.known.expected = n.known.expected.filter(|_| known_before);
                n.known.delivered = delivered && count % 4 == 0;
                n.known.superseded = superseded && count % 4 == 1;
                n.excluded = if refused { vec!["swift".into()] } else { Vec::new() };
                let services = [
                    ("swift", "express"),
                    ("steady", "express"),
                    ("steady", "standard"),
                    ("tortoise", "economy"),
                ];
                let live = services.get(live).map(|(carrier, service)| booking(carrier, service));
                n.known.slot = SlotView { generation: Generation(count), live, busy: false };
                (n, vec![lane("tortoise", "economy", count, mean)])
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn every_decision_can_be_carried_out_and_explained((n, lanes) in any_case()) {
            let policy = policy();
            let decision = decide(&policy, &n, &lanes);
            prop_assert_eq!(&decision, &decide(&policy, &n, &lanes), "not the same again");
            prop_assert_eq!(decision.decided_on, n.known.slot.generation);
            prop_assert!(decision.options.len() <= SHOWN);
            prop_assert!(!decision.reason.is_empty() && decision.reason.len() <= 200);
            prop_assert!(decision.options.iter().all(|o| !n.excluded.contains(&o.carrier)));
            let json = serde_json::to_string(&decision).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Decision>(&json).unwrap(), &decision);
            if let Some(choice) = decision.action.booking() {
                let first = decision.options.first().unwrap();
                prop_assert_eq!(choice, &super::choice(first), "the chosen option comes first");
            }
            match &decision.action {
                // One live booking at most: book only where none is, rebook only where one is.
                Action::Book(_) => prop_assert!(n.known.slot.live.is_none()),
                Action::Rebook(_) => prop_assert!(n.known.slot.live.is_some()),
                Action::Keep | Action::Notify | Action::Hold => {}
            }
            if n.known.delivered || n.known.superseded {
                prop_assert_eq!(decision.action, Action::Keep);
            }
        }

        #[test]
        fn an_order_never_pays_more_than_it_must((mut n, lanes) in any_case()) {
            n.event = order().event;
            let decision = decide(&policy(), &n, &lanes);
            if let Action::Book(choice) = &decision.action {
                let booked = decision.options.first().unwrap();
                prop_assert_eq!(choice.cost_cents, booked.cost_cents);
                for other in &decision.options {
                    match booked.fit {
                        crate::decision::Fit::Safe => prop_assert!(
                            other.fit != crate::decision::Fit::Safe
                                || other.cost_cents >= booked.cost_cents
                        ),
                        // If even the best is not safe then none is, and it is the fastest.
                        crate::decision::Fit::Tight | crate::decision::Fit::Late => {
                            prop_assert!(other.fit != crate::decision::Fit::Safe);
                            prop_assert!(other.arrival >= booked.arrival);
                        }
                    }
                }
            }
        }
    }
}
