//! The counts as figures with their goals.

use super::{Asked, Counted, Scenario, TASKS, Units, count};
use crate::figure::{Figure, Goal};
use crate::ground::Ground;
use crate::rig::Error;
use flotilla_task::Stage;

/// Written for what an order alone brings: the index of its names, its contact, and what
/// its lane learns. They are told apart from what every task of its kind writes.
const APART: [&str; 5] = ["identifier", "contact", "lane", "outcome", "partner"];

/// Counts both scenarios at batches of 1 and of 10.
///
/// # Errors
/// [`Error`] when the rig does not work.
pub async fn figures(ground: &Ground) -> Result<Vec<Figure>, Error> {
    let mut figures = Vec::new();
    for (scenario, what, goal) in [
        (Scenario::Departed, "without a partner call", 6.0),
        (Scenario::Order, "booked and told", 11.0),
    ] {
        for batch in [1, 10] {
            let counted = count(ground, scenario, batch).await?;
            let name = |of: &str| format!("{of}, {what}, batches of {batch}");
            figures.extend(units(&counted, goal, &name));
            figures.extend(requests(&counted, batch, &name));
            if batch == 10 {
                figures.extend(items(&counted, what));
            }
        }
    }
    Ok(figures)
}

fn units(counted: &Counted, goal: f64, name: &dyn Fn(&str) -> String) -> Vec<Figure> {
    let sum = |of: fn(&Asked) -> &Units, wanted: &dyn Fn(&str) -> bool| {
        let all = counted.stages.values().flat_map(of);
        a_task(all.filter(|(kind, _)| wanted(kind)).map(|(_, units)| *units).sum()) / 100.0
    };
    let is_apart = |kind: &str| APART.contains(&kind);
    let refused: u64 = counted.stages.values().map(|asked| asked.refused).sum();
    let writes = sum(|asked| &asked.writes, &|kind| !is_apart(kind));
    let apart = sum(|asked| &asked.writes, &is_apart);
    let reads = sum(|asked| &asked.reads, &|_| true);
    let first: u64 = counted.first.values().sum();
    let unit = "units a task";
    vec![
        Figure::told(name("writes"), writes, unit)
            .goal(Goal::AtMost(goal))
            .note(format!("{}; {refused} conditions did not hold", by_kind(counted, is_apart))),
        Figure::told(name("writes apart"), apart, unit)
            .note(by_kind(counted, |kind| !is_apart(kind))),
        Figure::told(name("reads"), reads, unit),
        Figure::told(name("reads of a first order"), ratio(first, 100), "units")
            .note("lanes, shared for a second, and breakers, for five, by one environment"),
    ]
}

fn by_kind(counted: &Counted, is_left_out: impl Fn(&str) -> bool) -> String {
    let mut kinds = Units::new();
    for (kind, units) in counted.stages.values().flat_map(|asked| &asked.writes) {
        if !is_left_out(kind) {
            *kinds.entry(kind).or_default() += units;
        }
    }
    let told = kinds.iter().map(|(kind, units)| format!("{kind} {}", a_task(*units) / 100.0));
    told.collect::<Vec<_>>().join(", ")
}

fn requests(counted: &Counted, batch: usize, name: &dyn Fn(&str) -> String) -> Vec<Figure> {
    let record = |asked: &Asked| ratio(asked.sqs(), asked.polls.records);
    let by_stage: Vec<String> = counted
        .stages
        .iter()
        .map(|(stage, asked): (&Stage, &Asked)| format!("{stage} {:.1}", record(asked)))
        .collect();
    let most = counted.stages.values().map(record).fold(0.0, f64::max);
    let invocations: u64 = counted.stages.values().map(|asked| asked.polls.invocations).sum();
    let all: u64 = counted.stages.values().map(Asked::sqs).sum();
    // Only full batches have a goal.
    let goal = if batch == 10 { Goal::AtMost(0.35) } else { Goal::Told };
    vec![
        Figure::told(name("SQS requests, the stage with most"), most, "a record")
            .goal(goal)
            .note(by_stage.join(", ")),
        Figure::told(name("SQS requests"), a_task(all), "a task"),
        Figure::told(name("invocations"), a_task(invocations), "a task"),
    ]
}

fn items(counted: &Counted, what: &str) -> Vec<Figure> {
    let figure = |(kind, bytes): (&&str, &usize)| {
        let bytes = u32::try_from(*bytes).map_or(f64::INFINITY, f64::from);
        Figure::told(format!("{kind} item at the end, {what}"), bytes, "bytes")
            .goal(Goal::AtMost(1024.0))
    };
    counted.items.iter().map(figure).collect()
}

/// Of the whole, what one task has.
pub(crate) fn a_task(whole: u64) -> f64 {
    ratio(whole, TASKS as u64)
}

#[expect(clippy::cast_precision_loss, reason = "counts of ten tasks are small")]
fn ratio(part: u64, of: u64) -> f64 {
    part as f64 / of.max(1) as f64
}
