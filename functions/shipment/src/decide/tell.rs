//! What the customer hears of, beside the dispatch desk.

use super::{Case, expected};
use crate::decision::{Action, Decision, Fit};
use crate::event::{Event, Milestone};
use crate::policy::TellCustomer;
use crate::words::{day_and_time, minutes_between, plus_minutes, span};
use jiff::Timestamp;

/// Whether the customer is told. Nobody is told of old news, nor of what a
/// person has to decide first.
pub(super) fn customer(case: &Case<'_>, decision: &Decision) -> bool {
    if case.n.known.superseded || decision.action == Action::Hold {
        return false;
    }
    match &case.n.event {
        Event::Order { .. } => {
            let booked = decision.action.booking().and(decision.options.first());
            booked.is_some_and(|option| option.fit == Fit::Late)
        }
        Event::Tracking { milestone, at, .. } => match case.policy.rule(*milestone).customer {
            TellCustomer::Always => true,
            TellCustomer::Never => false,
            TellCustomer::OfThePromise => match decision.action {
                Action::Rebook(_) | Action::Reroute(_) => true,
                Action::Book(_) | Action::Hold => false,
                Action::Keep | Action::Notify => breaks(case, *milestone, *at).is_some(),
            },
        },
    }
}

/// How an event breaks the promise, in words: the goods came late, or will, and
/// that is news. Estimates come by the dozen, so that a promise that was broken
/// before is news only when the arrival moves on by the hysteresis.
pub(super) fn breaks(case: &Case<'_>, milestone: Milestone, at: Timestamp) -> Option<String> {
    let promised = case.n.known.facts.promised;
    let late = |when| span(minutes_between(promised, when));
    if milestone == Milestone::Delivered {
        return (at > promised).then(|| format!("That is {} late.", late(at)));
    }
    let now = expected::changed(case, milestone).filter(|now| *now > promised)?;
    let known_late = case.n.known.expected.is_some_and(|before| {
        let moved = plus_minutes(before, case.policy.rescue.hysteresis_minutes);
        before > promised && now < moved
    });
    (!known_late).then(|| format!("It is now expected {}, {} late.", day_and_time(now), late(now)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::tests::policy_with;
    use crate::payload::Normalised;
    use crate::samples::{at, decided, policy, tracking};

    const LATE: &str = "2026-12-01T12:00:00Z";

    fn told(n: &Normalised) -> (&'static str, bool, String) {
        let decision = decided(&policy(), n, &[]);
        (decision.action.kind(), decision.tell_customer, decision.reason)
    }

    #[test]
    fn a_promise_that_will_be_broken_is_told_once() {
        // The carrier says, by the way, that it will be late; the rule does nothing.
        let mut n = tracking(Milestone::Arrived, Some(LATE));
        let words = "The shipment arrived in Hamburg on Sat 28 Nov 08:00 UTC. It is now expected Tue 1 Dec 12:00 UTC, 19 h late.";
        assert_eq!(told(&n), ("keep", true, words.into()));
        // Said again it is no news, until it is hours later still.
        n.known.expected = Some(at(LATE));
        assert!(!told(&n).1);
        n.known.expected = Some(at("2026-12-01T08:00:00Z"));
        assert!(told(&n).1, "four hours more");
        n.known.expected = Some(at("2026-12-01T08:01:00Z"));
        assert!(!told(&n).1);
        n.known.superseded = true;
        n.known.expected = None;
        assert!(!told(&n).1, "old news");
    }

    #[test]
    fn a_promise_that_was_saved_is_told_and_one_that_was_never_in_danger_is_not() {
        let saved = told(&tracking(Milestone::Delayed, Some(LATE)));
        assert_eq!((saved.0, saved.1), ("rebook", true));
        let slack = told(&tracking(Milestone::Delayed, Some("2026-11-30T10:00:00Z")));
        assert_eq!((slack.0, slack.1), ("keep", false));
        assert!(!told(&tracking(Milestone::Arrived, None)).1);
    }

    #[test]
    fn a_late_delivery_is_told() {
        let mut n = tracking(Milestone::Delivered, None);
        assert!(!told(&n).1);
        n.known.facts.promised = at("2026-11-28T05:00:00Z");
        let words = "The shipment was delivered on Sat 28 Nov 08:00 UTC. That is 3 h late.";
        assert_eq!(told(&n), ("keep", true, words.into()));
    }

    #[test]
    fn a_rule_may_tell_always_or_never_but_nobody_hears_of_a_hold() {
        let rule = |name: &str, told: &str| {
            let from = format!("[rules.{name}]\n");
            let to = format!("[rules.{name}]\ntell_customer = \"{told}\"\n");
            policy_with(&[(&from, &to)])
        };
        let departed = tracking(Milestone::Departed, None);
        assert!(decided(&rule("departed", "always"), &departed, &[]).tell_customer);
        let delayed = tracking(Milestone::Delayed, Some(LATE));
        assert!(!decided(&rule("delayed", "never"), &delayed, &[]).tell_customer);
        let lost = tracking(Milestone::Missing, Some(LATE));
        assert!(!decided(&rule("missing", "always"), &lost, &[]).tell_customer);
    }
}
