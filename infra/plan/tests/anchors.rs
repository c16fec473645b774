//! Numbers that others publish, or that follow from the platform's rules on paper, against
//! both simulators. Each test says how far off it may be, and why.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops by panicking")]

use flotilla_plan::network::{Network, Pollers, Service, Spread, Stage, Trouble};
use flotilla_plan::rates::Rates;
use flotilla_plan::sim::{Options, Outcome, exact, flow};
use flotilla_plan::{Book, Limits, formula};

fn limits() -> Limits {
    Limits::of(&Book::included().unwrap()).unwrap()
}

fn near(what: &str, found: f64, expected: f64, tolerance: f64) {
    let off = (found - expected).abs();
    assert!(off <= tolerance * expected.abs(), "{what}: {found} is not {expected}");
}

const fn takes(seconds: f64, spread: Spread) -> Service {
    Service { base: seconds, record: 0.0, spread }
}

/// 5,000 tasks a second in batches of 10 that take a second: 500 environments.
fn surge(pollers: Pollers) -> (Network, Rates) {
    let stage = Stage::alone("surge", takes(1.0, Spread::Fixed), 10, pollers);
    (Network::of_one(stage, limits()), Rates::steady(5000.0, 230.0).unwrap())
}

const EVEN: Options = Options { seed: 1, by_chance: false, step: 0.1, bin: 1.0, patience: 600.0 };

/// When 500 batches at once are allowed, the deepest queue, and when it is empty.
fn course(outcome: &Outcome) -> (f64, f64, f64) {
    let reached = outcome.bins.iter().find(|bin| bin.stages[0].allowed >= 500.0);
    let sum = outcome.stages[0];
    let deep = outcome.bins.iter().rfind(|bin| bin.stages[0].backlog >= 5000.0);
    (reached.unwrap().at, sum.peak_backlog, deep.map_or(0.0, |bin| bin.at + outcome.bin))
}

/// Bins are a second long, and a queue counts as empty when it holds no more than comes
/// while one batch is worked on. In the exact one a batch leaves the queue when it is
/// received, a second before it is through: its queue is shorter by half of what 500
/// pollers hold, 2,500.
fn check(pollers: Pollers, reached: f64, peak: f64, drained: f64) {
    let (network, load) = surge(pollers);
    for (name, outcome, tolerance) in [
        ("flow", flow::run(&network, &load, &EVEN), 0.005),
        ("exact", exact::run(&network, &load, &EVEN), 2500.0 / peak),
    ] {
        let found = course(&outcome);
        near(&format!("{name}: reached"), found.0, reached, 1.0 / reached);
        near(&format!("{name}: peak"), found.1, peak, tolerance);
        near(&format!("{name}: drained"), found.2, drained, 0.01 + 2.0 / drained);
    }
}

#[test]
fn shared_pollers_reach_500_at_99_s_with_245_025_behind_and_are_through_at_198_s() {
    check(Pollers::Shared { most: None }, 99.0, 245_025.0, 198.0);
}

#[test]
fn two_provisioned_pollers_reach_500_at_28_8_s_with_69_120_behind_and_are_through_at_57_6_s() {
    check(Pollers::Provisioned { least: 2.0, most: 200.0 }, 28.8, 69_120.0, 57.6);
}

#[test]
fn fifty_provisioned_pollers_have_no_backlog() {
    let (network, load) = surge(Pollers::Provisioned { least: 50.0, most: 200.0 });
    for outcome in [flow::run(&network, &load, &EVEN), exact::run(&network, &load, &EVEN)] {
        // Nothing but what comes while a batch is worked on, and it is in the next one.
        let sum = outcome.stages[0];
        assert!(sum.peak_backlog <= 5000.0, "{}", sum.peak_backlog);
        assert!(outcome.end_to_end.longest <= 2.2, "{:?}", outcome.end_to_end);
    }
}

#[test]
fn half_failing_with_five_receives_is_1_9375_attempts_and_3_125_percent_dead() {
    let mut stage =
        Stage::alone("fails", takes(0.01, Spread::Fixed), 10, Pollers::Fixed { servers: 50.0 });
    stage.trouble = Trouble { failure: 0.5, receives: 5, ..Trouble::default() };
    let network = Network::of_one(stage, limits());
    let load = Rates::steady(100.0, 1000.0).unwrap();
    let options = Options { step: 1.0, ..Options::default() };
    // A hundred thousand tries of chance: the exact one is off by a fiftieth at the most.
    for (outcome, tolerance) in [
        (flow::run(&network, &load, &options), 1e-4),
        (exact::run(&network, &load, &options), 0.02),
    ] {
        let sum = outcome.stages[0];
        near("attempts", sum.records / outcome.arrived, 1.9375, tolerance);
        near("dead", sum.dead / outcome.arrived, 0.031_25, tolerance * 2.0);
        near("nothing is lost", outcome.completed + sum.dead, outcome.arrived, 1e-6);
    }
}

/// The example in the README of `SimFaaS`: exponential services, environments that go after
/// ten minutes. Some 1,260 cold starts in a million seconds come in clusters, so their
/// share may be off by a seventh.
#[test]
fn simfaas_example_has_cold_starts_of_0_0014_and_7_66_servers_of_which_1_788_run() {
    let pollers = Pollers::Fixed { servers: 1000.0 };
    let mut stage = Stage::alone("function", takes(1.991, Spread::Exponential), 1, pollers);
    stage.cold = 2.244 - 1.991;
    let network = Network::of_one(stage, limits());
    let seconds = 1e6;
    let options = Options { seed: 3, step: 10.0, bin: 1e5, patience: 1e4, by_chance: true };
    let outcome = exact::run(&network, &Rates::steady(0.9, seconds).unwrap(), &options);
    let sum = outcome.stages[0];
    near("cold", sum.cold / sum.invocations, 0.0014, 0.14);
    near("servers", sum.environments / seconds, 7.66, 0.03);
    near("running", sum.busy / seconds, 1.788, 0.02);
}

/// Waits of 200,000 arrivals. At nine tenths of the load a queue remembers itself for long,
/// so the average may be off by a tenth.
#[test]
fn waits_of_m_m_c_equal_erlang_c() {
    for (servers, load) in [(1.0, 0.7), (4.0, 0.8), (20.0, 0.9)] {
        let seconds = 0.2;
        let arrivals = load * servers / seconds;
        let pollers = Pollers::Fixed { servers };
        let stage = Stage::alone("m/m/c", takes(seconds, Spread::Exponential), 1, pollers);
        let network = Network::of_one(stage, limits());
        let queue = formula::Queue { arrivals, seconds, servers, batch: 1.0 };
        let rates = Rates::steady(arrivals, 200_000.0 / arrivals).unwrap();
        let outcome = exact::run(&network, &rates, &Options::default());
        near("wait", outcome.stages[0].wait, queue.wait().unwrap(), 0.1);
    }
}

/// The same for servers that take up to ten at once.
#[test]
fn waits_and_batches_of_bulk_service_equal_their_equilibrium() {
    for (servers, load) in [(2.0, 0.3), (4.0, 0.6), (8.0, 0.85)] {
        let seconds = 0.2;
        let arrivals = load * servers * 10.0 / seconds;
        let pollers = Pollers::Fixed { servers };
        let stage = Stage::alone("bulk", takes(seconds, Spread::Exponential), 10, pollers);
        let network = Network::of_one(stage, limits());
        let queue = formula::Queue { arrivals, seconds, servers, batch: 10.0 };
        let rest = queue.rest().unwrap();
        let rates = Rates::steady(arrivals, 200_000.0 / arrivals).unwrap();
        let outcome = exact::run(&network, &rates, &Options::default());
        let sum = outcome.stages[0];
        near("wait", sum.wait, queue.wait().unwrap(), 0.08);
        near("fill", sum.records / sum.invocations, rest.fill, 0.03);
        near("busy", sum.busy / rates.seconds(), rest.servers, 0.03);
    }
}
