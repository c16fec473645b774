//! A season on one lane, week by week: what is delivered is learned, and what is
//! learned decides the next bookings.

use crate::decide::decide;
use crate::decide::tests::policy_with;
use crate::lane::{LaneStats, Outcome, Sums};
use crate::policy::Policy;
use crate::samples::{order, places, task};
use crate::slot::Generation;
use crate::week::Week;
use crate::words::{minutes_between, plus_minutes};
use std::collections::BTreeMap;

const WEEKS: i64 = 40;
const ORDERS_A_WEEK: i64 = 60;

/// How long Tortoise takes, in thousandths of its quote: half as long again in
/// two bad months.
const fn pace(week: i64) -> i64 {
    if 8 <= week && week < 16 { 1500 } else { 1000 }
}

/// Sums by carrier, service and week, as they are stored.
type Learned = BTreeMap<(String, String, Week), Sums>;

/// How many orders Tortoise gets in each week.
fn season(policy: &Policy) -> Vec<i64> {
    let mut learned = Learned::new();
    let week = |week| {
        let won = (0..ORDERS_A_WEEK).filter(|n| order_of(policy, week, *n, &mut learned)).count();
        i64::try_from(won).unwrap()
    };
    (0..WEEKS).map(week).collect()
}

/// Decides one order and learns from its delivery; whether Tortoise got it.
fn order_of(policy: &Policy, week: i64, number: i64, learned: &mut Learned) -> bool {
    let mut n = order();
    let later = week * 7 * 24 * 60 + number;
    n.known.as_of = plus_minutes(n.known.as_of, later);
    n.known.facts.promised = plus_minutes(n.known.facts.promised, later);
    let stats = |((carrier, service, week), sums): (&(String, String, Week), &Sums)| LaneStats {
        carrier: carrier.clone(),
        service: service.clone(),
        week: *week,
        sums: *sums,
    };
    let lanes: Vec<LaneStats> = learned.iter().map(stats).collect();
    let id = task(&format!("season-{week}-{number}"));
    let decision = decide(policy, places(), &n, &lanes, &id);
    let choice = decision.action.booking().unwrap();
    let quoted = choice.quoted.unwrap();
    let slow = choice.carrier == "tortoise";
    // Times scatter evenly, by up to a tenth.
    let scatter = (number * 37) % 200 - 100;
    let taken = quoted.minutes * (if slow { pace(week) } else { 1000 } + scatter) / 1000;
    let delivered = plus_minutes(n.known.as_of, taken);
    let outcome = Outcome {
        origin: n.known.facts.origin.clone(),
        destination: n.known.facts.destination.clone(),
        carrier: choice.carrier.clone(),
        service: choice.service.clone(),
        generation: Generation(1),
        delivered,
        minutes: minutes_between(n.known.as_of, delivered).unsigned_abs(),
        quoted,
        on_time: delivered <= n.known.facts.promised,
        cost_cents: quoted.cents,
    };
    let key = (choice.carrier.clone(), choice.service.clone(), outcome.week());
    let sums = learned.entry(key).or_default();
    *sums = sums.plus(Sums::of(&outcome));
    slow
}

#[test]
fn a_carrier_that_turns_slow_loses_bookings_and_wins_them_back() {
    let policy = policy_with(&[("explore_extra_cost = 4.00", "explore_extra_cost = 6.00")]);
    let won = season(&policy);
    let share = |weeks: std::ops::Range<usize>| {
        let won = &won[weeks];
        won.iter().sum::<i64>() * 100 / (ORDERS_A_WEEK * i64::try_from(won.len()).unwrap())
    };
    assert!(share(0..8) >= 95, "the cheapest in time gets nearly all: {won:?}");
    assert!((1..=10).contains(&share(10..16)), "slow, it is only tried: {won:?}");
    assert!(share(28..40) >= 95, "as fast as before, it is found out: {won:?}");
    assert_eq!(won, season(&policy), "a replay of the season decides alike");
}

#[test]
fn a_carrier_that_is_never_tried_is_forgiven_when_its_bad_weeks_no_longer_count() {
    let won = season(&policy_with(&[("explore_percent = 2", "explore_percent = 0")]));
    assert!(won[10..16].iter().all(|won| *won == 0), "{won:?}");
    assert!(won[30..].iter().all(|won| *won == ORDERS_A_WEEK), "{won:?}");
}
