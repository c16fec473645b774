//! Growth as figures with their goals.

use super::{Run, TASKS_OF_A_SHIPMENT, run};
use crate::figure::{Figure, Goal};
use crate::ground::Ground;
use crate::rig::Error;
use crate::usage::median;
use flotilla_task::Stage;
use std::collections::BTreeMap;
use std::time::Duration;

/// Tasks of the runs, in the order in which they are made: the same forwards and backwards,
/// so that a machine that gets slower makes no size dearer than another.
const SIZES: [usize; 7] = [1_000, 10_000, 1_000, 100_000, 1_000, 10_000, 1_000];
/// Environments of each stage where the size grows.
const FEW: usize = 2;
/// Environments of each stage where the size stays.
const ENVIRONMENTS: [usize; 8] = [1, 2, 4, 8, 8, 4, 2, 1];
/// Tasks there.
const STEADY: usize = 2_000;
/// How much more the dearest may cost than the cheapest, in percent.
const SPREAD: f64 = 10.0;

/// Grows the number of tasks, and then that of environments.
///
/// # Errors
/// [`Error`] when a run does not count.
pub async fn figures(ground: &Ground) -> Result<Vec<Figure>, Error> {
    let mut sizes: BTreeMap<usize, Vec<Run>> = BTreeMap::new();
    for tasks in SIZES {
        let run = run(ground, tasks / TASKS_OF_A_SHIPMENT, FEW).await?;
        sizes.entry(tasks).or_default().push(run);
    }
    let mut figures = told(&sizes, "the sizes", |tasks| format!("{tasks} tasks"));
    if let Some(run) = sizes.values().next_back().and_then(|largest| largest.first()) {
        figures.extend(shares(run));
        figures.extend(memory(run));
    }
    let mut numbers: BTreeMap<usize, Vec<Run>> = BTreeMap::new();
    for environments in ENVIRONMENTS {
        let run = run(ground, STEADY / TASKS_OF_A_SHIPMENT, environments).await?;
        numbers.entry(environments).or_default().push(run);
    }
    let name = |environments| format!("{STEADY} tasks, {environments} environments");
    figures.extend(told(&numbers, "the environments", name));
    Ok(figures)
}

/// Tells of the runs of each kind, and how far the kinds are apart.
fn told(
    kinds: &BTreeMap<usize, Vec<Run>>,
    over: &str,
    name: impl Fn(usize) -> String,
) -> Vec<Figure> {
    let (mut figures, mut absolute, mut relative) = (Vec::new(), Vec::new(), Vec::new());
    for (kind, runs) in kinds {
        let of =
            |measure: &dyn Fn(&Run) -> f64| median(&runs.iter().map(measure).collect::<Vec<_>>());
        let what = name(*kind);
        let cpu = of(&|run| milliseconds(run.cpu(), run));
        let events = of(&|run| milliseconds(run.cpu(), run) / (run.empty.as_secs_f64() * 1000.0));
        let stage = |stage: Stage| {
            let used = |run: &Run| run.functions.get(&stage).copied().unwrap_or_default();
            format!("{stage} {:.3}", of(&|run| milliseconds(used(run), run)))
        };
        let stages: Vec<String> = Stage::ALL.into_iter().map(stage).collect();
        let rate = of(&|run| tasks(run) / run.took.as_secs_f64());
        let empty = of(&|run| run.empty.as_secs_f64() * 1e6);
        let times = format!("median of {}", runs.len());
        figures.push(Figure::told(format!("throughput, {what}"), rate, "tasks/s").note(times));
        let figure = Figure::told(format!("CPU of the functions, {what}"), cpu, "ms a task");
        figures.push(figure.note(stages.join(", ")));
        let figure = Figure::told(format!("the same in empty events, {what}"), events, "x");
        figures.push(figure.note(format!("an empty event of ten records: {empty:.0} us")));
        absolute.push(cpu);
        relative.push(events);
    }
    let what = format!("CPU of a task over {over}");
    figures.push(
        Figure::told(format!("{what}, in empty events"), spread(&relative), "% spread")
            .goal(Goal::AtMost(SPREAD)),
    );
    figures.push(Figure::told(what, spread(&absolute), "% spread"));
    figures
}

fn shares(run: &Run) -> Vec<Figure> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let whole = run.took.as_secs_f64() * u32::try_from(cores).map_or(1.0, f64::from);
    let share = |used: Duration| used.as_secs_f64() / whole * 100.0;
    let used = [
        ("functions", run.cpu()),
        ("store", run.store),
        ("queues", run.queues),
        ("poller, Runtime API and partners", run.poller),
    ];
    let all: Duration = used.iter().map(|(_, used)| *used).sum();
    let limit = if share(all) > 90.0 {
        format!("the {cores} cores are the limit")
    } else if run.store.as_secs_f64() > 0.9 * run.took.as_secs_f64() {
        "the store's one thread is the limit".to_owned()
    } else {
        "neither the cores nor the store's thread is used up".to_owned()
    };
    let mut figures: Vec<Figure> = used
        .into_iter()
        .map(|(who, used)| {
            Figure::told(format!("{who}, {} tasks", run.tasks), share(used), "% of the cores")
        })
        .collect();
    let rest = (100.0 - share(all)).max(0.0);
    let what = format!("idle or used by others, {} tasks", run.tasks);
    figures.push(Figure::told(what, rest, "% of the cores").note(limit));
    figures
}

fn memory(run: &Run) -> Vec<Figure> {
    let figure = |(stage, bytes): (&Stage, &u64)| {
        let mib = u32::try_from(*bytes / 1024).map_or(f64::INFINITY, f64::from) / 1024.0;
        Figure::told(format!("peak resident memory of {stage}, batches of 10"), mib, "MiB")
            .goal(Goal::AtMost(20.0))
    };
    run.peak.iter().map(figure).collect()
}

/// How much more the dearest is than the cheapest, in percent.
fn spread(each: &[f64]) -> f64 {
    let most = each.iter().copied().fold(f64::MIN, f64::max);
    let least = each.iter().copied().fold(f64::MAX, f64::min);
    if least > 0.0 { (most / least - 1.0) * 100.0 } else { f64::INFINITY }
}

fn tasks(run: &Run) -> f64 {
    u32::try_from(run.tasks).map_or(f64::INFINITY, f64::from)
}

fn milliseconds(used: Duration, run: &Run) -> f64 {
    used.as_secs_f64() * 1000.0 / tasks(run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_is_that_of_the_dearest_over_the_cheapest() {
        assert!((spread(&[1.0, 1.1, 0.8]) - 37.5).abs() < 1e-9);
        assert!(spread(&[2.0]).abs() < 1e-9);
        assert!(spread(&[0.0, 1.0]).is_infinite());
    }
}
