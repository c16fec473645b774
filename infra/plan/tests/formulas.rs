//! The sizing rules, each with the number that others publish for it.
#![allow(clippy::unwrap_used, reason = "a test stops by panicking")]

use flotilla_plan::{Book, Limits, formula};

fn near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance * expected.abs(), "{found} is not {expected}");
}

#[test]
fn demand_of_100_a_second_at_half_a_second_is_50_and_so_is_83_at_600_ms() {
    near(formula::concurrency(100.0, 0.5, 1.0), 50.0, 1e-12);
    near(formula::concurrency(83.0, 0.6, 1.0), 50.0, 0.01);
}

#[test]
fn hpa_asks_for_the_ceiling_of_current_times_metric_by_target() {
    near(formula::hpa(4, 90.0, 50.0), 8.0, 0.0);
    near(formula::hpa(10, 25.0, 50.0), 5.0, 0.0);
}

#[test]
fn keda_counts_five_messages_a_replica_and_those_in_flight() {
    assert_eq!(formula::keda(20, 3, 5), 5);
    assert_eq!(formula::keda(0, 0, 5), 0);
}

#[test]
fn half_failing_with_five_receives_is_1_9375_attempts_and_3_125_percent_dead() {
    let attempts = formula::Attempts::of(0.5, 5);
    near(attempts.mean, 1.9375, 1e-12);
    near(attempts.dead, 0.031_25, 1e-12);
}

#[test]
fn a_thousand_events_of_3_kb_at_100_ms_and_batch_10_need_10_pollers() {
    let limits = Limits::of(&Book::included().unwrap()).unwrap();
    near(formula::pollers(1000.0, 3000.0, 0.1, 10.0, &limits), 10.0, 0.0);
}

/// Erlang C from its sum, term by term.
fn erlang_c(offered: f64, servers: u32) -> f64 {
    let mut term = 1.0;
    let mut sum = 0.0;
    for n in 0..servers {
        sum += term;
        term *= offered / f64::from(n + 1);
    }
    let tail = term / (1.0 - offered / f64::from(servers));
    tail / (sum + tail)
}

#[test]
fn batches_of_one_wait_as_erlang_c_says() {
    for (servers, load) in [(1, 0.5), (4, 0.8), (20, 0.9), (100, 0.97)] {
        let seconds = 0.2;
        let arrivals = load * f64::from(servers) / seconds;
        let queue = formula::Queue { arrivals, seconds, servers: f64::from(servers), batch: 1.0 };
        let all = erlang_c(arrivals * seconds, servers);
        let busy = queue.rest().unwrap();
        near(busy.all, all, 1e-6);
        near(queue.wait().unwrap(), all * seconds / (f64::from(servers) * (1.0 - load)), 1e-6);
        near(busy.servers, load * f64::from(servers), 1e-6);
        near(busy.fill, 1.0, 1e-6);
    }
    let full = formula::Queue { arrivals: 10.0, seconds: 1.0, servers: 10.0, batch: 1.0 };
    assert_eq!(full.rest(), None, "it never comes to rest");
}
