//! From moments to bins: everything that was written down while the load ran, sorted
//! into stretches of equal length.
//!
//! Pure. Depths and processes are looked at once a second, so a bin holds the last
//! look within it, or before it.

use super::measured::{Bin, Service, StageBin, StageSum, TenantSum};
use super::sample::Usage;
use super::spans::Span;
use crate::cloud::logs::Invocation;
use crate::counts::float;
use crate::report::Latency;
use crate::watch::live::Look;
use flotilla_task::Stage;
use std::collections::BTreeMap;

/// What was written down.
#[derive(Debug, Clone, Copy)]
pub(super) struct Raw<'a> {
    /// When the profile began, in milliseconds since 1970; so for the other moments.
    pub(super) began_ms: u64,
    /// When the fleet was quiet.
    pub(super) ended_ms: u64,
    /// When each message was due.
    pub(super) due_ms: &'a [u64],
    /// When SQS took each message, with its place.
    pub(super) taken: &'a [(usize, u64)],
    /// Every look at the queues, in order.
    pub(super) looks: &'a [Look],
    /// Every look at the processes, in order.
    pub(super) usage: &'a [Usage],
    /// Every invocation.
    pub(super) invocations: &'a [Invocation],
    /// Every completed task.
    pub(super) spans: &'a [Span<'a>],
}

/// A good length of a bin, in milliseconds, for a profile of so many seconds.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between one second and twenty minutes"
)]
pub(super) fn length(seconds: f64) -> u64 {
    1000 * ((seconds / 75.0).ceil().max(1.0) as u64)
}

/// Sorts it into bins.
pub(super) fn bins(raw: &Raw<'_>, length_ms: u64) -> Vec<Bin> {
    let count = raw.ended_ms.saturating_sub(raw.began_ms).div_ceil(length_ms);
    (0..count).map(|number| bin(raw, raw.began_ms + number * length_ms, length_ms)).collect()
}

fn bin(raw: &Raw<'_>, from: u64, length: u64) -> Bin {
    let to = from + length;
    let within = |at: u64| (from..to).contains(&at);
    let count =
        |moments: &mut dyn Iterator<Item = u64>| moments.filter(|at| within(*at)).count() as u64;
    let ours = raw.spans.iter().filter(|span| within(span.due_ms));
    let look = raw.looks.iter().rfind(|look| look.at_ms < to);
    let stage = |stage: Stage| (stage, stage_bin(raw, stage, look, from, length));
    Bin {
        at: seconds(from - raw.began_ms),
        due: count(&mut raw.due_ms.iter().copied()),
        sent: count(&mut raw.taken.iter().map(|(_, at)| *at)),
        completed: count(&mut raw.spans.iter().map(|span| span.ended_ms)),
        end_to_end: Latency::of(ours.map(Span::took)),
        stages: Stage::ALL.map(stage).into(),
        emulator_cpu: cpu(raw.usage, from, to),
        environments: raw.usage.iter().rfind(|seen| seen.at_ms < to).map(|seen| seen.environments),
    }
}

fn stage_bin(raw: &Raw<'_>, stage: Stage, look: Option<&Look>, from: u64, length: u64) -> StageBin {
    let depth = look.and_then(|look| look.depths.get(&stage)).copied().unwrap_or_default();
    let to = from + length;
    let mut bin = StageBin {
        waiting: depth.visible + depth.delayed,
        in_flight: depth.in_flight,
        ..StageBin::default()
    };
    let (mut spent, mut at_work) = (0, 0);
    for one in raw.invocations.iter().filter(|one| one.stage == stage) {
        let began = one.ended_at_ms.saturating_sub(one.took_ms);
        at_work += one.ended_at_ms.min(to).saturating_sub(began.max(from));
        if (from..to).contains(&one.ended_at_ms) {
            bin.records += one.records;
            bin.invocations += 1;
            spent += one.records * (one.waited_ms + one.took_ms);
            if one.records > 0 {
                bin.oldest_ms = bin.oldest_ms.max(Some(one.oldest_ms));
            }
        }
    }
    bin.latency_ms = spent.checked_div(bin.records);
    bin.concurrency = ratio(at_work, length);
    bin
}

/// The share of one core that the emulator used between two moments; none unless it
/// was looked at for half of that time. Between two looks it is taken to have worked
/// evenly.
fn cpu(usage: &[Usage], from: u64, to: u64) -> Option<f64> {
    let half = (to - from) / 2;
    let (from, to) = (from.max(usage.first()?.at_ms), to.min(usage.last()?.at_ms));
    if to.saturating_sub(from) < half.max(1) {
        return None;
    }
    let used = |at: u64| {
        let after = usage.partition_point(|seen| seen.at_ms < at);
        let next = usage.get(after)?;
        let Some(last) = after.checked_sub(1).and_then(|before| usage.get(before)) else {
            return (next.at_ms == at).then(|| float(next.cloud_ms));
        };
        let share = ratio(at - last.at_ms, next.at_ms - last.at_ms);
        Some(float(last.cloud_ms) + share * float(next.cloud_ms.saturating_sub(last.cloud_ms)))
    };
    Some((used(to)? - used(from)?) / float(to - from))
}

/// Each agent over the whole run.
pub(super) fn stages(bins: &[Bin], invocations: &[Invocation]) -> BTreeMap<Stage, StageSum> {
    let sum = |stage: Stage| {
        let own = || invocations.iter().filter(move |one| one.stage == stage);
        let (records, count) = (own().map(|one| one.records).sum(), own().count() as u64);
        let here = || bins.iter().filter_map(move |bin| bin.stages.get(&stage));
        let sum = StageSum {
            records,
            invocations: count,
            batch: ratio(records, count),
            invocation_ms: ratio(own().map(|one| one.took_ms).sum(), count),
            service: service(own()),
            write_units: own().map(|one| one.write_units).sum(),
            peak_backlog: here().map(|bin| bin.waiting).max().unwrap_or(0),
            peak_concurrency: here().map(|bin| bin.concurrency).fold(0.0, f64::max),
        };
        (stage, sum)
    };
    Stage::ALL.map(sum).into()
}

/// The line by least squares; none where it would be made up, because all batches were
/// equal or larger ones took no longer.
fn service<'a>(own: impl Iterator<Item = &'a Invocation>) -> Option<Service> {
    let (mut n, mut x, mut y, mut xx, mut xy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for one in own.filter(|one| one.records > 0) {
        let (records, took) = (float(one.records), float(one.took_ms));
        n += 1.0;
        x += records;
        y += took;
        xx += records * records;
        xy += records * took;
    }
    let spread = n * xx - x * x;
    if spread <= 0.0 {
        return None;
    }
    let record_ms = (n * xy - x * y) / spread;
    let base_ms = (y - record_ms * x) / n;
    (record_ms >= 0.0 && base_ms >= 0.0 && record_ms + base_ms > 0.0)
        .then_some(Service { base_ms, record_ms })
}

/// Each tenant over the whole run. `sent` names the tenant of each message that SQS
/// took.
pub(super) fn tenants<'a>(
    sent: impl Iterator<Item = &'a str>,
    spans: &[Span<'a>],
    noisy: Option<&str>,
) -> BTreeMap<String, TenantSum> {
    let mut tenants: BTreeMap<String, TenantSum> = BTreeMap::new();
    for tenant in sent {
        tenants.entry(tenant.to_owned()).or_default().sent += 1;
    }
    for (name, sum) in &mut tenants {
        let own = || spans.iter().filter(|span| span.tenant == *name);
        sum.completed = own().count() as u64;
        sum.end_to_end = Latency::of(own().map(Span::took));
        sum.noisy = noisy == Some(name);
    }
    tenants
}

fn seconds(ms: u64) -> f64 {
    float(ms) / 1000.0
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { float(part) / float(whole) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::queues::Depth;

    fn invocation(ended_at_ms: u64, took_ms: u64, records: u64, waited_ms: u64) -> Invocation {
        Invocation {
            took_ms,
            records,
            waited_ms,
            oldest_ms: waited_ms * 2,
            write_units: 1.5,
            ..Invocation::of(Stage::Decision, ended_at_ms)
        }
    }

    fn look(at_ms: u64, visible: u64) -> Look {
        let depth = Depth { visible, in_flight: 1, delayed: 2 };
        Look { at_ms, depths: [(Stage::Decision, depth)].into() }
    }

    fn usage(at_ms: u64, cloud_ms: u64) -> Usage {
        Usage { at_ms, cloud_ms, environments: 5, machine: 0.5 }
    }

    #[test]
    fn everything_is_counted_in_the_bin_where_it_happened() {
        let spans = [
            Span { due_ms: 10_100, ended_ms: 10_600, tenant: "acme" },
            Span { due_ms: 10_900, ended_ms: 12_900, tenant: "globex" },
        ];
        let raw = Raw {
            began_ms: 10_000,
            ended_ms: 12_950,
            due_ms: &[10_100, 10_900, 11_000],
            taken: &[(0, 10_150), (1, 11_020), (2, 11_050)],
            looks: &[look(10_500, 3), look(10_990, 8), look(12_010, 0)],
            usage: &[
                usage(9_500, 100),
                usage(10_500, 900),
                usage(11_500, 1_100),
                usage(12_100, 1_160),
            ],
            invocations: &[invocation(10_800, 400, 10, 100), invocation(11_200, 600, 5, 1_000)],
            spans: &spans,
        };
        let bins = bins(&raw, 1000);
        assert_eq!(bins.len(), 3);
        let counts: Vec<_> = bins.iter().map(|bin| (bin.due, bin.sent, bin.completed)).collect();
        assert_eq!(counts, [(2, 1, 1), (1, 2, 0), (0, 0, 1)]);
        assert_eq!(bins[1].at, 1.0);
        // Latency stands where the event was due, not where it ended.
        assert_eq!((bins[0].end_to_end.unwrap().p99, bins[1].end_to_end), (2_000, None));
        let decision = |n: usize| &bins[n].stages[&Stage::Decision];
        assert_eq!((decision(0).waiting, decision(1).waiting, decision(2).waiting), (10, 10, 2));
        assert_eq!((decision(0).records, decision(0).latency_ms), (10, Some(500)));
        assert_eq!((decision(1).latency_ms, decision(1).oldest_ms), (Some(1_600), Some(2_000)));
        assert_eq!(decision(2).latency_ms, None);
        // 400 ms of the first and 400 of the second fall into the first bin.
        assert_eq!((decision(0).concurrency, decision(1).concurrency), (0.8, 0.2));
        assert_eq!(bins[0].stages[&Stage::State], StageBin::default());
        // Half of 800 and half of 200 ms.
        assert!((bins[0].emulator_cpu.unwrap() - 0.5).abs() < 1e-9, "{:?}", bins[0].emulator_cpu);
        assert!(bins[1].emulator_cpu.is_some(), "looked at after its end");
        assert_eq!((bins[2].emulator_cpu, bins[2].environments), (None, Some(5)));
        let sum = &stages(&bins, raw.invocations)[&Stage::Decision];
        assert_eq!((sum.records, sum.batch, sum.invocation_ms), (15, 7.5, 500.0));
        assert_eq!(sum.service, None, "ten records took less than five");
        assert_eq!((sum.write_units, sum.peak_backlog, sum.peak_concurrency), (3.0, 10, 0.8));
        let sums = tenants(["acme", "globex", "acme"].into_iter(), &spans, Some("acme"));
        assert_eq!((sums["acme"].sent, sums["acme"].completed, sums["acme"].noisy), (2, 1, true));
        assert_eq!(sums["globex"].end_to_end.unwrap().p50, 2_000);
    }

    #[test]
    fn the_time_of_an_invocation_is_a_line_through_its_records() {
        let all = [(1, 25), (4, 40), (10, 70), (10, 70)];
        let all = all.map(|(records, took)| invocation(0, took, records, 0));
        let found = service(all.iter()).unwrap();
        assert!((found.base_ms - 20.0).abs() < 1e-9 && (found.record_ms - 5.0).abs() < 1e-9);
        assert_eq!(service(all[2..].iter()), None, "batches of one size say nothing");
    }

    #[test]
    fn a_bin_is_as_long_as_a_plot_needs() {
        assert_eq!((length(20.0), length(120.0), length(7_200.0)), (1_000, 2_000, 96_000));
    }
}
