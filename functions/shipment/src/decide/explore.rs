//! Trying out: a small share of new orders takes the service of which the least
//! is known.
//!
//! Without this a carrier that was slow once is never booked again, so that
//! nobody sees when it becomes better. Which orders try something is a matter of
//! their task's id, so a task that is decided twice decides alike.

use super::Case;
use super::options::Offer;
use flotilla_task::{TaskId, fingerprint};

/// The offer to try instead of the best one, if this order tries anything and
/// there is something to learn. It is safe by the rate card, costs no more than
/// the policy allows on top, and goes straight: what is learned is learned of a
/// service, whatever its way.
pub(super) fn instead<'a>(case: &Case<'_>, offers: &'a [Offer], best: &Offer) -> Option<&'a Offer> {
    let learning = &case.policy.learning;
    if !is_chosen(case.task, learning.explore_per_10_000) || !best.is_safe() {
        return None;
    }
    let most = best.scored.cost_cents.saturating_add(learning.explore_extra_cents);
    offers
        .iter()
        .filter(|offer| offer.safe_by_card && offer.scored.via.is_none())
        .filter(|offer| offer.scored.cost_cents <= most)
        .filter(|offer| offer.evidence < best.evidence)
        // The first of equals: the better ranked.
        .min_by_key(|offer| offer.evidence)
}

/// Whether a task is among so many of 10,000.
fn is_chosen(task: &TaskId, per_10_000: u64) -> bool {
    let hash = fingerprint(&["explore", task.as_str()]);
    let head = hash.get(..12).and_then(|head| u64::from_str_radix(head, 16).ok());
    head.is_some_and(|head| head % 10_000 < per_10_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::decide;
    use crate::decide::laws::any_case;
    use crate::decide::tests::{chosen, policy_with};
    use crate::decision::Action;
    use crate::policy::Policy;
    use crate::samples::{at, lane, order, places, policy, task};
    use crate::week::Week;
    use proptest::prelude::*;

    #[test]
    fn two_of_a_hundred_orders_try_something_and_a_replay_tries_the_same() {
        let share = policy().learning.explore_per_10_000;
        let tries = |n: &u32| is_chosen(&task(&format!("task-{n}")), share);
        let tried: Vec<u32> = (0..50_000).filter(tries).collect();
        assert!((900..=1100).contains(&tried.len()), "{}", tried.len());
        assert!((0..50_000).filter(tries).eq(tried));
        assert!(!is_chosen(&task("t"), 0) && is_chosen(&task("t"), 10_000));
    }

    /// Every order tries something, and may pay so much for it.
    fn curious(extra: &str) -> Policy {
        policy_with(&[
            ("explore_percent = 2", "explore_percent = 100"),
            ("explore_extra_cost = 4.00", &format!("explore_extra_cost = {extra}")),
        ])
    }

    #[test]
    fn the_least_known_service_is_tried_if_it_is_safe_and_not_too_dear() {
        let now = Week::of(order().known.as_of);
        let known = [lane("tortoise", "economy", now, 9, 1000)];
        let tried =
            |policy: &Policy, lanes: &[_]| decide(policy, places(), &order(), lanes, &task("t"));
        let decision = tried(&curious("4.71"), &known);
        assert_eq!(chosen(&decision), "book steady/standard", "for 4.71 EUR more");
        assert_eq!(
            decision.reason,
            "Steady standard for 12.49 EUR is tried, to learn how it does: expected Sun 29 Nov 02:24 UTC, 1 day 14 h early."
        );
        assert_eq!(chosen(&tried(&curious("4.70"), &known)), "book tortoise/economy", "too dear");
        let cold = tried(&curious("99"), &[]);
        assert_eq!(chosen(&cold), "book tortoise/economy", "nothing is known of any");
        assert!(cold.reason.contains(" is the cheapest in time: "), "{}", cold.reason);
        // One that was slow is tried again: by its rate card it is safe...
        let slow = [
            lane("tortoise", "economy", now.before(2), 9, 2000),
            lane("steady", "standard", now, 50, 1000),
        ];
        let bundled = decide(&policy(), places(), &order(), &slow, &task("t-1"));
        assert_eq!(chosen(&bundled), "book steady/standard");
        assert_eq!(chosen(&tried(&curious("0"), &slow)), "book tortoise/economy");
        // ...and by that one it is not.
        let mut n = order();
        n.known.facts.promised = at("2026-11-30T02:00:00Z");
        let decision = decide(&curious("0"), places(), &n, &slow, &task("t"));
        assert_eq!(chosen(&decision), "book steady/standard");
    }

    proptest! {
        #[test]
        fn trying_never_costs_more_than_allowed((mut n, lanes) in any_case()) {
            n.event = order().event;
            let book = |policy: &Policy| decide(policy, places(), &n, &lanes, &task("t"));
            let never = policy_with(&[("explore_percent = 2", "explore_percent = 0")]);
            let curious = curious("6.00");
            let (best, tried) = (book(&never), book(&curious));
            prop_assert_eq!(best.action.kind(), tried.action.kind());
            if let (Action::Book(best), Action::Book(tried)) = (&best.action, &tried.action) {
                let most = curious.learning.explore_extra_cents;
                prop_assert!(tried.cost_cents <= best.cost_cents + most);
                prop_assert!(tried == best || tried.via.is_none());
            }
        }
    }
}
