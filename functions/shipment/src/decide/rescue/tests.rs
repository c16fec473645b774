//! What is rescued, and what is not.

use crate::decide::tests::{chosen, policy_with};
use crate::decision::Action;
use crate::event::Milestone;
use crate::payload::Normalised;
use crate::samples::{at, booking, decided, policy, tracking};
use crate::slot::{Booking, Generation};

const LATE: &str = "2026-12-01T12:00:00Z";

fn delayed(eta: Option<&str>) -> Normalised {
    tracking(Milestone::Delayed, eta)
}

fn here(mut n: Normalised, place: &str) -> Normalised {
    n.known.here = Some(place.parse().unwrap());
    n
}

#[test]
fn a_broken_promise_is_saved_by_the_cheapest_faster_service() {
    let decision = decided(&policy(), &delayed(Some(LATE)), &[]);
    assert_eq!(chosen(&decision), "rebook steady/standard");
    assert_eq!(
        decision.reason,
        "The shipment is now expected Tue 1 Dec 12:00 UTC, 19 h late. Steady standard for 10.01 EUR keeps the promise: expected Sun 29 Nov 12:12 UTC."
    );
}

#[test]
fn enough_slack_keeps_and_a_minute_less_does_not() {
    let decision = decided(&policy(), &delayed(Some("2026-11-30T16:00:00Z")), &[]);
    assert_eq!(decision.action, Action::Keep);
    assert_eq!(
        decision.reason,
        "The shipment is now expected Mon 30 Nov 16:00 UTC, still 1 h early."
    );
    let decision = decided(&policy(), &delayed(Some("2026-11-30T16:01:00Z")), &[]);
    assert_eq!(chosen(&decision), "rebook steady/standard");
    assert!(
        decision
            .reason
            .starts_with("The shipment is now expected Mon 30 Nov 16:01 UTC, only 59 min early. ")
    );
}

#[test]
fn a_rescue_above_the_limit_is_reported() {
    let mean = policy_with(&[("limit = 80.00", "limit = 10.00")]);
    let decision = decided(&mean, &delayed(Some(LATE)), &[]);
    assert_eq!(decision.action, Action::Notify);
    assert_eq!(
        decision.reason,
        "The shipment is now expected Tue 1 Dec 12:00 UTC, 19 h late. Steady standard for 10.01 EUR would keep the promise, but this may cost 10.00 EUR at most."
    );
    assert!(!decision.options.is_empty(), "the desk sees what there was");
    let enough = policy_with(&[("limit = 80.00", "limit = 10.01")]);
    assert_eq!(chosen(&decided(&enough, &delayed(Some(LATE)), &[])), "rebook steady/standard");
    // Not broken yet: nobody need be told.
    let tight = decided(&mean, &delayed(Some("2026-11-30T16:30:00Z")), &[]);
    assert_eq!(tight.action, Action::Keep);
}

#[test]
fn a_rescue_is_not_dearer_than_the_goods() {
    let mut n = delayed(Some(LATE));
    n.known.facts.value = "10.00 EUR".parse().unwrap();
    let decision = decided(&policy(), &n, &[]);
    assert_eq!(decision.action, Action::Notify);
    assert!(decision.reason.ends_with("but this may cost 10.00 EUR at most."));
    n.known.facts.value = "8.56 GBP".parse().unwrap();
    assert_eq!(chosen(&decided(&policy(), &n, &[])), "rebook steady/standard", "10.02 EUR");
}

#[test]
fn nothing_saves_a_promise_that_has_passed() {
    let mut n = delayed(Some(LATE));
    n.known.facts.promised = at("2026-11-28T07:00:00Z");
    let decision = decided(&policy(), &n, &[]);
    assert_eq!(decision.action, Action::Notify);
    assert_eq!(
        decision.reason,
        "The shipment is now expected Tue 1 Dec 12:00 UTC, 3 days 5 h late. No faster service keeps the promise."
    );
}

#[test]
fn a_gain_below_the_hysteresis_is_no_rescue() {
    // Swift arrives at 19:06, so it must be expected at 23:06 or later otherwise.
    let mut n = delayed(Some("2026-11-28T23:05:00Z"));
    n.excluded = vec!["steady".into()];
    n.known.facts.promised = at("2026-11-28T22:00:00Z");
    assert_eq!(decided(&policy(), &n, &[]).action, Action::Notify);
    n.event = delayed(Some("2026-11-28T23:06:00Z")).event;
    assert_eq!(chosen(&decided(&policy(), &n, &[])), "rebook swift/express");
}

#[test]
fn a_delay_of_unknown_length_is_taken_for_a_day() {
    // Expected on Monday 01:50, so on Tuesday at the same time: too late.
    let decision = decided(&policy(), &delayed(None), &[]);
    assert_eq!(chosen(&decision), "rebook steady/standard");
    assert!(
        decision
            .reason
            .starts_with("The shipment is now expected Tue 1 Dec 01:50 UTC, 8 h 50 min late. ")
    );
    // Nothing expected before: as long as the booked service takes from now on.
    let mut n = delayed(None);
    n.known.expected = None;
    let decision = decided(&policy(), &n, &[]);
    assert!(
        decision.reason.starts_with("The shipment is now expected Tue 1 Dec 01:30 UTC, "),
        "{decision:?}"
    );
}

#[test]
fn a_delay_without_any_booking_to_go_by_is_booked_or_reported() {
    let mut n = delayed(None);
    n.known.expected = None;
    n.known.slot.live = None;
    let decision = decided(&policy(), &n, &[]);
    assert_eq!(chosen(&decision), "book tortoise/economy");
    assert!(decision.reason.starts_with("Nobody says when the shipment will arrive. "));
    n.known.facts.promised = n.known.as_of;
    assert_eq!(decided(&policy(), &n, &[]).action, Action::Notify);
}

#[test]
fn another_milestone_may_rescue_when_its_rule_says_so() {
    let policy = policy_with(&[(
        "[rules.departed]\ndo = \"keep\"",
        "[rules.departed]\ndo = \"rebook\"\nwhen_slack_below_hours = 2",
    )]);
    let late = tracking(Milestone::Departed, Some(LATE));
    assert_eq!(chosen(&decided(&policy, &late, &[])), "rebook steady/standard");
    let mut silent = tracking(Milestone::Departed, None);
    assert_eq!(decided(&policy, &silent, &[]).action, Action::Keep);
    silent.known.expected = None;
    silent.known.slot.live = None;
    assert_eq!(decided(&policy, &silent, &[]).action, Action::Keep);
}

#[test]
fn a_second_report_of_a_delay_does_not_book_back() {
    let mut n = delayed(Some(LATE));
    n.known.slot.live = Some(booking("swift", "express"));
    let decision = decided(&policy(), &n, &[]);
    assert_eq!(decision.action, Action::Notify);
    assert!(decision.reason.ends_with("No faster service keeps the promise."));
}

#[test]
fn an_hour_gained_has_its_price() {
    // Steady standard gains 23 h 48 min for 10.01 EUR: a little over 0.42 an hour.
    let n = delayed(Some("2026-11-30T12:00:00Z"));
    let with = |limit: &str| {
        let rule = "[rules.delayed]\ndo = \"rebook\"\nwhen_slack_below_hours = ";
        policy_with(&[
            ("limit_per_hour_gained = 20.00", &format!("limit_per_hour_gained = {limit}")),
            (&format!("{rule}1"), &format!("{rule}9")),
        ])
    };
    assert_eq!(chosen(&decided(&with("0.43"), &n, &[])), "rebook steady/standard");
    let decision = decided(&with("0.42"), &n, &[]);
    assert_eq!(decision.action, Action::Keep);
    assert!(
        decision.reason.ends_with("but this may cost 9.99 EUR at most."),
        "{}",
        decision.reason
    );
}

#[test]
fn after_so_many_bookings_a_person_is_asked() {
    let mut n = delayed(Some(LATE));
    n.known.slot.generation = Generation(7);
    assert_eq!(chosen(&decided(&policy(), &n, &[])), "rebook steady/standard");
    n.known.slot.generation = Generation(8);
    let decision = decided(&policy(), &n, &[]);
    assert_eq!(decision.action, Action::Notify);
    assert!(
        decision.reason.ends_with("Carriers were asked 8 times already."),
        "{}",
        decision.reason
    );
}

#[test]
fn goods_that_are_stopped_are_rerouted_over_another_hub() {
    let decision = decided(&policy(), &tracking(Milestone::Stopped, None), &[]);
    assert_eq!(chosen(&decision), "reroute steady/express@DELEJ");
    assert_eq!(
        decision.reason,
        "The shipment was stopped in Hamburg on Sat 28 Nov 08:00 UTC. It is now expected Tue 1 Dec 01:50 UTC, 8 h 50 min late. Steady express over Leipzig for 19.19 EUR keeps the promise: expected Sun 29 Nov 08:51 UTC."
    );
    assert!(decision.tell_customer);
    assert!(decision.options.iter().all(|o| o.via.is_some()), "{:?}", decision.options);
}

#[test]
fn a_stop_with_time_to_spare_or_without_a_way_out_is_reported() {
    let soon = tracking(Milestone::Stopped, Some("2026-11-30T11:00:00Z"));
    let decision = decided(&policy(), &soon, &[]);
    assert_eq!(decision.action, Action::Notify);
    assert_eq!(
        decision.reason,
        "The shipment was stopped in Hamburg on Sat 28 Nov 08:00 UTC. It is now expected Mon 30 Nov 11:00 UTC, still 6 h early."
    );
    assert!(!decision.tell_customer);
    let nowhere = here(tracking(Milestone::Stopped, None), "XXNIX");
    let decision = decided(&policy(), &nowhere, &[]);
    assert_eq!(decision.action, Action::Notify);
    assert!(decision.reason.ends_with("No way over another hub keeps the promise."));
    assert!(decision.tell_customer, "the promise will be broken");
}

#[test]
fn goods_on_a_way_over_a_hub_are_not_sent_to_and_fro() {
    let on_the_way_over = |hub: &str| {
        let mut n = here(tracking(Milestone::Stopped, Some(LATE)), "DECGN");
        let via = Some(hub.parse().unwrap());
        n.known.slot.live = Some(Booking { via, ..booking("steady", "express") });
        n
    };
    // Stopped in Cologne, before Leipzig: over Hamburg it takes longer...
    let before = on_the_way_over("DELEJ");
    let steady = |mut n: Normalised| {
        n.excluded = vec!["swift".into()];
        decided(&policy(), &n, &[])
    };
    assert_eq!(steady(before.clone()).action, Action::Notify);
    // ...and straight on they were not sent for a reason.
    let mut late = before;
    late.event = delayed(Some(LATE)).event;
    assert!(decided(&policy(), &late, &[]).options.iter().all(|o| o.via.is_some()));
    // Stopped in the very hub they were sent over, any other is a way out.
    assert_eq!(chosen(&steady(on_the_way_over("DECGN"))), "reroute steady/express@DELEJ");
}

#[test]
fn a_delay_is_rerouted_when_only_a_hub_is_fast_enough() {
    // Paris to Berlin: straight in 23 h 33 min, over Cologne in 20 h 20 min.
    let mut n = here(delayed(Some(LATE)), "FRPAR");
    n.known.left_km = Some(878);
    n.excluded = vec!["steady".into()];
    n.known.facts.promised = at("2026-11-29T06:00:00Z");
    let decision = decided(&policy(), &n, &[]);
    assert_eq!(chosen(&decision), "reroute swift/express@DECGN");
    assert!(decision.reason.contains(" should just keep the promise: "), "{}", decision.reason);
    n.known.facts.promised = at("2026-11-30T06:00:00Z");
    assert_eq!(chosen(&decided(&policy(), &n, &[])), "rebook swift/express", "cheaper");
}
