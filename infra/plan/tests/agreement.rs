//! The aggregated simulator against the one that follows every message, on days that are
//! small enough for both.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops by panicking")]

use flotilla_plan::fleet::{Setup, Work};
use flotilla_plan::network::{Network, Pollers, Units};
use flotilla_plan::rates::{Point, Rates};
use flotilla_plan::sim::{Options, Outcome, exact, flow};
use flotilla_plan::{Book, Forecast, Limits};
use flotilla_task::Stage;

fn limits() -> Limits {
    Limits::of(&Book::included().unwrap()).unwrap()
}

/// The included day on a tenth of the time scale and with rates that leave 150,000 events.
fn small_day() -> Rates {
    let day = Forecast::black_friday().unwrap().rates;
    let points = day.points();
    let points: Vec<Point> = points
        .iter()
        .map(|point| Point { time: point.time / 40.0, rate: point.rate / 12.0 })
        .collect();
    Rates::new(&points).unwrap()
}

fn both(network: &Network, load: &Rates) -> (Outcome, Outcome) {
    let options = Options { bin: 30.0, step: 0.5, ..Options::default() };
    (exact::run(network, load, &options), flow::run(network, load, &options))
}

fn close(what: &str, flow: f64, exact: f64, tolerance: f64) {
    assert!((flow - exact).abs() <= tolerance * exact.abs(), "{what}: flow {flow}, exact {exact}");
}

fn deepest(outcome: &Outcome) -> f64 {
    outcome.stages.iter().map(|stage| stage.peak_backlog).fold(0.0, f64::max)
}

/// Tolerances: what was completed 1 %, the deepest queue 10 %, the quantiles 15 %, the
/// invocations 15 %.
fn agree(network: &Network, load: &Rates) {
    let (exact, flow) = both(network, load);
    close("completed", flow.completed, exact.completed, 0.01);
    close("p50", flow.end_to_end.p50, exact.end_to_end.p50, 0.15);
    close("p95", flow.end_to_end.p95, exact.end_to_end.p95, 0.15);
    close("p99", flow.end_to_end.p99, exact.end_to_end.p99, 0.15);
    let all = |outcome: &Outcome| outcome.stages.iter().map(|stage| stage.invocations).sum::<f64>();
    close("invocations", all(&flow), all(&exact), 0.15);
    if deepest(&exact) > 1000.0 {
        close("deepest queue", deepest(&flow), deepest(&exact), 0.1);
    }
}

fn setup(most: f64) -> (Work, Setup) {
    let mut setup = Setup::of_the_template(&limits());
    let pollers = |agent| (agent, Pollers::Shared { most: Some(most) });
    setup.pollers = Stage::ALL.map(pollers).into();
    (Work::assumed(), setup)
}

#[test]
fn a_day_that_the_table_holds_up_is_the_same_in_both() {
    let (work, mut setup) = setup(20.0);
    setup.warm = Units { writes: 1500.0, reads: 12_000.0 };
    agree(&setup.network(&work, &limits()), &small_day());
}

#[test]
fn a_day_that_concurrency_holds_up_is_the_same_in_both() {
    let (work, setup) = setup(2.0);
    agree(&setup.network(&work, &limits()), &small_day());
}

#[test]
fn a_day_that_nothing_holds_up_is_the_same_in_both() {
    let (work, setup) = setup(20.0);
    agree(&setup.network(&work, &limits()), &small_day());
}

#[test]
fn a_day_that_a_partner_holds_up_is_the_same_in_both() {
    let (mut work, setup) = setup(20.0);
    work.partner.rate = 20.0;
    work.partner.outages = vec![(600.0, 700.0)];
    agree(&setup.network(&work, &limits()), &small_day());
}

/// The same seed gives the same outcome, and another one another.
#[test]
fn an_outcome_follows_from_the_seed() {
    let (work, setup) = setup(2.0);
    let network = setup.network(&work, &limits());
    let load = Rates::steady(20.0, 120.0).unwrap();
    let run = |seed| {
        let options = Options { seed, ..Options::default() };
        (exact::run(&network, &load, &options), flow::run(&network, &load, &options))
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1).0, run(2).0);
    assert_ne!(run(1).1, run(2).1);
}

/// What a day costs to simulate depends on its seconds and not on its events: 100 million
/// are as much work as a million.
#[test]
fn a_day_of_100_million_events_takes_as_many_steps_as_any_other() {
    let (work, setup) = setup(1000.0);
    let mut network = setup.network(&work, &limits());
    network.table.warm = Units { writes: 1e6, reads: 1e6 };
    let run = |events: f64| {
        let load = Rates::steady(events / 7200.0, 7200.0).unwrap();
        flow::run(&network, &load, &Options::default()).steps
    };
    let (million, hundred) = (run(1e6 / 12.0), run(1e8 / 12.0));
    // A step of a second is one for the network and one for each stage.
    assert!(hundred <= million + 60, "{million} {hundred}");
    assert!(hundred < 6 * 7300, "{hundred}");
}
