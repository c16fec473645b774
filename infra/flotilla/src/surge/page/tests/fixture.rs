//! A Black Friday that never happened: made up, to look at the page with.

use crate::report::Latency;
use crate::surge::measured::{
    Account, Bin, Emulator, Load, Measured, ScaleDown, StageBin, StageSum, TenantSum,
};
use flotilla_task::Stage;
use std::collections::BTreeMap;

const BIN: f64 = 2.0;
const SECONDS: f64 = 240.0;

/// Calm, a wave, the doors open at 60 a second, and a long tail.
fn rate(at: f64) -> f64 {
    let wave = 25.0 * (-((at - 50.0) / 15.0).powi(2)).exp();
    let doors = 75.0 * (-((at - 150.0) / 40.0).powi(2)).exp();
    let spike = if (144.0..152.0).contains(&at) { 18.0 } else { 0.0 };
    (14.0 + wave + doors + spike).min(84.0)
}

/// The fleet and the emulator as one server for each stage.
pub(super) fn black_friday() -> Measured {
    let mut dice = fastrand::Rng::with_seed(7);
    let capacity = BTreeMap::from([
        (Stage::Ingestion, 52.0),
        (Stage::Processing, 60.0),
        (Stage::Decision, 46.0),
        (Stage::Communication, 20.0),
        (Stage::State, 50.0),
    ]);
    let mut waiting: BTreeMap<Stage, f64> = BTreeMap::new();
    let mut sums: BTreeMap<Stage, StageSum> = BTreeMap::new();
    let mut bins = Vec::new();
    let (mut sent, mut completed) = (0, 0);
    let mut at = 0.0;
    loop {
        let due =
            if at < SECONDS { (rate(at) * BIN * (0.9 + 0.2 * dice.f64())).round() } else { 0.0 };
        let mut flow = due;
        let mut stages = BTreeMap::new();
        let mut total_wait = 0.0;
        for stage in Stage::ALL {
            if stage == Stage::Communication {
                flow *= 0.22;
            }
            let queue = waiting.entry(stage).or_default();
            let can = capacity[&stage] * BIN * (0.85 + 0.3 * dice.f64());
            let done = (*queue + flow).min(can).floor();
            *queue += flow - done;
            let wait = *queue / capacity[&stage] + 0.08 + 0.1 * dice.f64();
            total_wait += wait;
            let invocations = (done / 4.0).ceil();
            let concurrency = invocations * 0.12 / BIN + done * 0.01;
            stages.insert(
                stage,
                StageBin {
                    waiting: queue.round() as u64,
                    in_flight: (done / 6.0) as u64,
                    records: done as u64,
                    invocations: invocations as u64,
                    latency_ms: (done > 0.0).then_some((wait * 1000.0) as u64),
                    oldest_ms: (done > 0.0).then_some((wait * 1700.0) as u64),
                    concurrency,
                },
            );
            let sum = sums.entry(stage).or_default();
            sum.records += done as u64;
            sum.invocations += invocations as u64;
            sum.peak_backlog = sum.peak_backlog.max(queue.round() as u64);
            sum.peak_concurrency = sum.peak_concurrency.max(concurrency);
            sum.invocation_ms = 120.0;
            flow = done;
            if stage == Stage::Communication {
                flow = done / 0.22;
            }
        }
        let ended = flow.round() as u64;
        sent += due as u64;
        completed += ended;
        let p50 = (total_wait * 700.0) as u64;
        bins.push(Bin {
            at,
            due: due as u64,
            sent: due as u64,
            completed: ended,
            end_to_end: (due > 0.0).then_some(Latency { p50, p95: p50 * 2, p99: p50 * 3 }),
            stages,
            emulator_cpu: Some((0.15 + f64::from(u32::try_from(ended).unwrap()) / 90.0).min(0.99)),
            environments: Some(5 + (ended / 8) as u32),
        });
        at += BIN;
        if at > SECONDS && waiting.values().all(|queue| *queue < 1.0) || at > 600.0 {
            break;
        }
    }
    for sum in sums.values_mut() {
        sum.batch = sum.records as f64 / sum.invocations.max(1) as f64;
        sum.write_units = sum.records as f64 * 1.9;
    }
    let tenant = |share: f64, p95: u64, noisy| TenantSum {
        sent: (sent as f64 * share) as u64,
        completed: (completed as f64 * share) as u64,
        end_to_end: Some(Latency { p50: p95 / 3, p95, p99: p95 * 3 / 2 }),
        noisy,
    };
    Measured {
        notes: Vec::new(),
        load: Load {
            run: "k3x9aq".to_owned(),
            seed: 7,
            profile: "black-friday".to_owned(),
            seconds: SECONDS,
            messages: sent,
            peak_per_second: 84.0,
            stack: "flotilla-local".to_owned(),
            endpoint: Some("http://127.0.0.1:4566".to_owned()),
            queue_type: "standard".to_owned(),
            began_at_ms: 1_795_773_600_000,
        },
        emulator: Some(Emulator {
            requests_per_second: 1450.0,
            requests_per_message: 26.4,
            messages_per_second: 54.9,
            busiest: 0.99,
            verdict: "The local cloud, and not the fleet, was the limit: it used 99 % of its one core while arrivals stood above the 55 messages a second that it carries. The backlog of that time says nothing about the fleet on AWS.".to_owned(),
            is_the_limit: true,
        }),
        bin_seconds: BIN,
        bins,
        stages: sums,
        tenants: BTreeMap::from([
            ("acme".to_owned(), tenant(0.1, 24_100, false)),
            ("globex".to_owned(), tenant(0.09, 23_800, false)),
            ("initech".to_owned(), tenant(0.81, 25_900, true)),
        ]),
        end_to_end: Some(Latency { p50: 3_120, p95: 25_400, p99: 31_870 }),
        account: Account { sent, completed, failed: 12, rejected: 31, parked: 4, ..Account::default() },
        scale_down: ScaleDown {
            backlog_gone: Some(at - SECONDS),
            nothing_pending: Some(at - SECONDS + 1.5),
            idle: Some(at - SECONDS + 4.0),
            left: None,
        },
    }
}
