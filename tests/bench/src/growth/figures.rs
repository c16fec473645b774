//! Growth as figures with their goals.

use super::{Run, TASKS_OF_A_SHIPMENT, run};
use crate::figure::{Figure, Goal};
use crate::ground::Ground;
use crate::rig::Error;
use crate::usage::median;
use flotilla_task::Stage;
use std::time::Duration;

/// Tasks of a run, and how often it is run: a short one is noisier.
const SIZES: [(usize, usize); 3] = [(1_000, 5), (10_000, 2), (100_000, 1)];
/// Environments of each stage where the size grows.
const FEW: usize = 2;
/// Environments of each stage where the size stays.
const ENVIRONMENTS: [usize; 4] = [1, 2, 4, 8];
/// Tasks there.
const STEADY: usize = 4_000;

/// Grows the number of tasks, and then that of environments.
///
/// # Errors
/// [`Error`] when a run does not count.
pub async fn figures(ground: &Ground) -> Result<Vec<Figure>, Error> {
    let mut figures = Vec::new();
    let mut each = Vec::new();
    let mut largest = None;
    for (size, times) in SIZES {
        let mut runs = Vec::new();
        for _ in 0..times {
            runs.push(run(ground, size / TASKS_OF_A_SHIPMENT, FEW).await?);
        }
        let what = format!("{size} tasks, {FEW} environments");
        each.push(told(&mut figures, &what, &runs));
        largest = runs.pop();
    }
    let spread = spread(&each) * 100.0;
    figures.push(
        Figure::told("CPU of a task over the sizes", spread, "% spread").goal(Goal::AtMost(10.0)),
    );
    if let Some(run) = &largest {
        figures.extend(shares(run));
        figures.extend(memory(run));
    }
    let mut each = Vec::new();
    for environments in ENVIRONMENTS {
        let run = run(ground, STEADY / TASKS_OF_A_SHIPMENT, environments).await?;
        let what = format!("{STEADY} tasks, {environments} environments");
        each.push(told(&mut figures, &what, &[run]));
    }
    let spread = self::spread(&each) * 100.0;
    figures.push(Figure::told("CPU of a task over the environments", spread, "% spread"));
    Ok(figures)
}

/// Tells of runs of one kind, and returns the processor time of a task in milliseconds.
fn told(figures: &mut Vec<Figure>, what: &str, runs: &[Run]) -> f64 {
    let of = |measure: &dyn Fn(&Run) -> f64| median(&runs.iter().map(measure).collect::<Vec<_>>());
    let rate = of(&|run| tasks(run) / run.took.as_secs_f64());
    let cpu = of(&|run| milliseconds(run.cpu(), run));
    let stage = |stage: Stage| {
        let cpu =
            of(&|run| milliseconds(run.functions.get(&stage).copied().unwrap_or_default(), run));
        format!("{stage} {cpu:.3}")
    };
    let stages: Vec<String> = Stage::ALL.into_iter().map(stage).collect();
    let times = match runs.len() {
        1 => String::new(),
        times => format!("median of {times}"),
    };
    figures.push(Figure::told(format!("throughput, {what}"), rate, "tasks/s").note(times));
    let cpu_figure = Figure::told(format!("CPU of the functions, {what}"), cpu, "ms a task");
    figures.push(cpu_figure.note(stages.join(", ")));
    cpu
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

/// How much more the dearest is than the cheapest.
fn spread(each: &[f64]) -> f64 {
    let most = each.iter().copied().fold(f64::MIN, f64::max);
    let least = each.iter().copied().fold(f64::MAX, f64::min);
    if least > 0.0 { most / least - 1.0 } else { f64::INFINITY }
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
        assert!((spread(&[1.0, 1.1, 0.8]) - 0.375).abs() < 1e-9);
        assert!(spread(&[2.0]).abs() < 1e-9);
        assert!(spread(&[0.0, 1.0]).is_infinite());
    }
}
