//! A delay: is the promise broken, can a faster service save it, and is that
//! worth its price?

use super::{Case, choice, options};
use crate::decision::{Action, Decision, Scored};
use crate::event::{Event, Milestone};
use crate::words::{day_and_time, minutes_between, plus_minutes, span};
use jiff::Timestamp;

pub(super) fn decide(case: &Case<'_>, milestone: Milestone, enough_slack: i64) -> Decision {
    let promised = case.n.known.facts.promised;
    let Some(expected) = expected(case, milestone) else {
        return without_estimate(case, milestone);
    };
    let slack = minutes_between(expected, promised);
    let when = day_and_time(expected);
    if slack >= enough_slack {
        return case.keep(format!("Expected {when}, still {} early.", span(slack)));
    }
    let gain = case.policy.rescue.hysteresis_minutes;
    let in_time = |option: &Scored| {
        option.keeps_promise() && minutes_between(option.arrival, expected) >= gain
    };
    let trouble = if slack < 0 {
        format!("Expected {when}, {} late", span(slack))
    } else {
        format!("Expected {when}, only {} early", span(slack))
    };
    save(case, &trouble, slack < 0, in_time)
}

/// A delay of which nobody says how long it lasts, and no booking to guess from.
fn without_estimate(case: &Case<'_>, milestone: Milestone) -> Decision {
    let trouble = "Nobody says when the shipment will arrive";
    match milestone {
        Milestone::Delayed => save(case, trouble, true, Scored::keeps_promise),
        Milestone::PickedUp
        | Milestone::Departed
        | Milestone::Arrived
        | Milestone::Seen
        | Milestone::Estimated
        | Milestone::Damaged
        | Milestone::Missing
        | Milestone::Alarm
        | Milestone::Stopped
        | Milestone::Withdrawn
        | Milestone::Delivered => case.keep(format!("{trouble}.")),
    }
}

/// The best option that saves the promise within the limit. `broken`: as things
/// stand the promise will not be kept, so the desk must know if nothing saves it.
fn save(
    case: &Case<'_>,
    trouble: &str,
    broken: bool,
    in_time: impl Fn(&Scored) -> bool,
) -> Decision {
    let live = case.n.known.slot.live.as_ref();
    let ranked: Vec<Scored> =
        options::ranked(case).into_iter().filter(|option| is_faster(case, option)).collect();
    let limit = limit_cents(case);
    let saving: Vec<&Scored> = ranked.iter().filter(|option| in_time(option)).collect();
    if let Some(chosen) = saving.iter().find(|option| option.cost_cents <= limit) {
        let reason = format!(
            "{trouble}. {} keeps the promise: expected {}.",
            case.words(chosen),
            day_and_time(chosen.arrival)
        );
        let choice = choice(chosen);
        let action = if live.is_some() { Action::Rebook(choice) } else { Action::Book(choice) };
        let shown = Case::shown(Some(chosen), ranked.clone());
        return case.decision(action, reason, shown);
    }
    let why = match saving.iter().min_by_key(|option| option.cost_cents) {
        Some(cheapest) => format!(
            "{} would keep the promise, but a rescue may cost {} at most",
            case.words(cheapest),
            case.policy.money(limit)
        ),
        None => "no faster service keeps the promise".to_owned(),
    };
    let reason = format!("{trouble}; {why}.");
    if broken {
        case.decision(Action::Notify, reason, Case::shown(None, ranked))
    } else {
        case.keep(reason)
    }
}

/// Whether an option is faster by the hysteresis than the service that is booked.
/// Without this a second report of the same delay would book back to a slower
/// service, which beats the reported arrival just as well.
fn is_faster(case: &Case<'_>, option: &Scored) -> bool {
    let known = &case.n.known;
    let Some(live) = &known.slot.live else {
        return true;
    };
    if live.carrier == option.carrier && live.service == option.service {
        return false;
    }
    // A service that has left the policy has no quote to compare with.
    case.policy.service(&live.carrier, &live.service).is_none_or(|service| {
        let minutes = options::expected_minutes(case, &live.carrier, service);
        let booked = plus_minutes(known.as_of, minutes);
        minutes_between(option.arrival, booked) >= case.policy.rescue.hysteresis_minutes.max(1)
    })
}

/// When the goods will arrive if nothing is done: as the event says; else as
/// was expected before, or as the live booking's service takes from now on,
/// plus what a delay of unknown length is taken to cost.
fn expected(case: &Case<'_>, milestone: Milestone) -> Option<Timestamp> {
    if let Event::Tracking { eta: Some(eta), .. } = &case.n.event {
        return Some(*eta);
    }
    let known = &case.n.known;
    let before = known.expected.or_else(|| {
        let live = known.slot.live.as_ref()?;
        let service = case.policy.service(&live.carrier, &live.service)?;
        let minutes = options::expected_minutes(case, &live.carrier, service);
        Some(plus_minutes(known.as_of, minutes))
    })?;
    Some(match milestone {
        Milestone::Delayed => plus_minutes(before, case.policy.rescue.unknown_delay_minutes),
        Milestone::PickedUp
        | Milestone::Departed
        | Milestone::Arrived
        | Milestone::Seen
        | Milestone::Estimated
        | Milestone::Damaged
        | Milestone::Missing
        | Milestone::Alarm
        | Milestone::Stopped
        | Milestone::Withdrawn
        | Milestone::Delivered => before,
    })
}

/// What this rescue may cost: the policy's limit, and no more than its share of
/// what the goods are worth, when that can be compared.
fn limit_cents(case: &Case<'_>) -> i64 {
    let rescue = &case.policy.rescue;
    case.policy
        .in_currency(case.n.known.facts.value)
        .and_then(|cents| cents.checked_mul(rescue.share_of_value_percent))
        .map_or(rescue.limit_cents, |share| rescue.limit_cents.min(share / 100))
}

#[cfg(test)]
mod tests {
    use super::super::decide;
    use super::*;
    use crate::payload::Normalised;
    use crate::policy::Policy;
    use crate::samples::{at, booking, policy, tracking};
    use proptest::prelude::*;

    const LATE: &str = "2026-12-01T12:00:00Z";

    fn delayed(eta: Option<&str>) -> Normalised {
        tracking(Milestone::Delayed, eta)
    }

    fn policy_with(from: &str, to: &str) -> Policy {
        let text = include_str!("../../data/policy.toml");
        assert!(text.contains(from));
        Policy::parse(&text.replace(from, to), "p.toml").unwrap()
    }

    fn chosen(decision: &Decision) -> String {
        let choice = decision.action.booking();
        let choice = choice.unwrap_or_else(|| panic!("nothing is booked: {decision:?}"));
        format!("{} {}/{}", decision.action.kind(), choice.carrier, choice.service)
    }

    #[test]
    fn a_broken_promise_is_saved_by_the_cheapest_faster_service() {
        let decision = decide(&policy(), &delayed(Some(LATE)), &[]);
        assert_eq!(chosen(&decision), "rebook steady/standard");
        assert_eq!(
            decision.reason,
            "Expected Tue 1 Dec 12:00 UTC, 19 h late. Steady standard for 10.01 EUR keeps the promise: expected Sun 29 Nov 12:12 UTC."
        );
    }

    #[test]
    fn enough_slack_keeps_and_a_minute_less_does_not() {
        let decision = decide(&policy(), &delayed(Some("2026-11-30T16:00:00Z")), &[]);
        assert_eq!(decision.action, Action::Keep);
        assert_eq!(decision.reason, "Expected Mon 30 Nov 16:00 UTC, still 1 h early.");
        let decision = decide(&policy(), &delayed(Some("2026-11-30T16:01:00Z")), &[]);
        assert_eq!(chosen(&decision), "rebook steady/standard");
        assert!(decision.reason.starts_with("Expected Mon 30 Nov 16:01 UTC, only 59 min early. "));
    }

    #[test]
    fn a_rescue_above_the_limit_is_reported() {
        let mean = policy_with("limit = 80.00", "limit = 10.00");
        let decision = decide(&mean, &delayed(Some(LATE)), &[]);
        assert_eq!(decision.action, Action::Notify);
        assert_eq!(
            decision.reason,
            "Expected Tue 1 Dec 12:00 UTC, 19 h late; Steady standard for 10.01 EUR would keep the promise, but a rescue may cost 10.00 EUR at most."
        );
        assert!(!decision.options.is_empty(), "the desk sees what there was");
        let enough = policy_with("limit = 80.00", "limit = 10.01");
        assert_eq!(chosen(&decide(&enough, &delayed(Some(LATE)), &[])), "rebook steady/standard");
        // Not broken yet: nobody need be told.
        let tight = decide(&mean, &delayed(Some("2026-11-30T16:30:00Z")), &[]);
        assert_eq!(tight.action, Action::Keep);
    }

    #[test]
    fn a_rescue_is_not_dearer_than_the_goods() {
        let mut n = delayed(Some(LATE));
        n.known.facts.value = "10.00 EUR".parse().unwrap();
        let decision = decide(&policy(), &n, &[]);
        assert_eq!(decision.action, Action::Notify);
        assert!(decision.reason.ends_with("but a rescue may cost 10.00 EUR at most."));
        n.known.facts.value = "8.56 GBP".parse().unwrap();
        assert_eq!(chosen(&decide(&policy(), &n, &[])), "rebook steady/standard", "10.02 EUR");
    }

    #[test]
    fn nothing_saves_a_promise_that_has_passed() {
        let mut n = delayed(Some(LATE));
        n.known.facts.promised = at("2026-11-28T07:00:00Z");
        let decision = decide(&policy(), &n, &[]);
        assert_eq!(decision.action, Action::Notify);
        assert_eq!(
            decision.reason,
            "Expected Tue 1 Dec 12:00 UTC, 3 days 5 h late; no faster service keeps the promise."
        );
    }

    #[test]
    fn a_gain_below_the_hysteresis_is_no_rescue() {
        // Swift arrives at 19:06, so it must be expected at 23:06 or later otherwise.
        let mut n = delayed(Some("2026-11-28T23:05:00Z"));
        n.excluded = vec!["steady".into()];
        n.known.facts.promised = at("2026-11-28T22:00:00Z");
        assert_eq!(decide(&policy(), &n, &[]).action, Action::Notify);
        n.event = delayed(Some("2026-11-28T23:06:00Z")).event;
        assert_eq!(chosen(&decide(&policy(), &n, &[])), "rebook swift/express");
    }

    #[test]
    fn a_delay_of_unknown_length_is_taken_for_a_day() {
        // Expected on Monday 01:50, so on Tuesday at the same time: too late.
        let decision = decide(&policy(), &delayed(None), &[]);
        assert_eq!(chosen(&decision), "rebook steady/standard");
        assert!(decision.reason.starts_with("Expected Tue 1 Dec 01:50 UTC, 8 h 50 min late. "));
        // Nothing expected before: as long as the booked service takes from now on.
        let mut n = delayed(None);
        n.known.expected = None;
        let decision = decide(&policy(), &n, &[]);
        assert!(decision.reason.starts_with("Expected Tue 1 Dec 01:30 UTC, "), "{decision:?}");
    }

    #[test]
    fn a_delay_without_any_booking_to_go_by_is_booked_or_reported() {
        let mut n = delayed(None);
        n.known.expected = None;
        n.known.slot.live = None;
        let decision = decide(&policy(), &n, &[]);
        assert_eq!(chosen(&decision), "book tortoise/economy");
        assert!(decision.reason.starts_with("Nobody says when the shipment will arrive. "));
        n.known.facts.promised = n.known.as_of;
        assert_eq!(decide(&policy(), &n, &[]).action, Action::Notify);
    }

    #[test]
    fn another_milestone_may_rescue_when_its_rule_says_so() {
        let policy = policy_with(
            "[rules.departed]\ndo = \"keep\"",
            "[rules.departed]\ndo = \"rebook\"\nwhen_slack_below_hours = 2",
        );
        let late = tracking(Milestone::Departed, Some(LATE));
        assert_eq!(chosen(&decide(&policy, &late, &[])), "rebook steady/standard");
        let mut silent = tracking(Milestone::Departed, None);
        assert_eq!(decide(&policy, &silent, &[]).action, Action::Keep);
        silent.known.expected = None;
        silent.known.slot.live = None;
        assert_eq!(decide(&policy, &silent, &[]).action, Action::Keep);
    }

    #[test]
    fn a_second_report_of_a_delay_does_not_book_back() {
        let mut n = delayed(Some(LATE));
        n.known.slot.live = Some(booking("swift", "express"));
        let decision = decide(&policy(), &n, &[]);
        assert_eq!(decision.action, Action::Notify);
        assert!(decision.reason.ends_with("no faster service keeps the promise."));
    }

    proptest! {
        /// Whatever is reported, and however often: every rebooking is faster than
        /// the one before it, so they come to an end.
        #[test]
        fn rebookings_come_to_an_end(
            etas in proptest::collection::vec(proptest::option::of(0_i64..20_000), 1..30),
            due in 0_i64..10_000,
        ) {
            let policy = policy();
            let mut n = delayed(None);
            n.known.facts.promised = plus_minutes(n.known.as_of, due);
            let mut rebooked = 0;
            for eta in etas {
                let estimate = eta.map(|minutes| plus_minutes(n.known.as_of, minutes));
                if let Event::Tracking { eta, .. } = &mut n.event {
                    *eta = estimate;
                }
                let decision = decide(&policy, &n, &[]);
                if let Action::Rebook(choice) = &decision.action {
                    let before = n.known.slot.live.as_ref().unwrap();
                    let minutes = |carrier: &str, service: &str| {
                        policy.service(carrier, service).unwrap().minutes(255)
                    };
                    let gained = minutes(&before.carrier, &before.service)
                        - minutes(&choice.carrier, &choice.service);
                    prop_assert!(gained >= policy.rescue.hysteresis_minutes, "{}", gained);
                    n.known.slot.live = Some(booking(&choice.carrier, &choice.service));
                    rebooked += 1;
                }
            }
            prop_assert!(rebooked <= 3, "four services");
        }
    }
}
