//! The fleet at 1,000, 10,000 and 100,000 events a second: computed, not claimed.
//!
//! `SCALE.md` is what [`document`] writes, and a test compares the two.

use crate::bill::Bill;
use crate::book::Book;
use crate::fleet::{Setup, Work};
use crate::forecast::Forecast;
use crate::limits::Limits;
use crate::network::Pollers;
use crate::plan::{Error, Plan, Request};
use crate::rates::Rates;
use crate::sim::Options;
use crate::size::Goal;
use crate::tell::{first, number, span, verdict};
use std::fmt::Write;

/// Events a second.
pub const RATES: [f64; 3] = [1000.0, 10_000.0, 100_000.0];
/// Seconds of the scenario.
const LASTS: f64 = 3600.0;

/// One of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    /// Events a second.
    pub rate: f64,
    /// The plan for an hour of it, which begins within a minute.
    pub plan: Plan,
    /// What changes in the design, a sentence each.
    pub changes: Vec<String>,
}

/// Plans all of them.
///
/// # Errors
/// [`Error`] when one could not be deployed at all.
pub fn scales(book: &Book) -> Result<Vec<Scale>, Error> {
    let limits = Limits::of(book)?;
    RATES.into_iter().map(|rate| scale(rate, book, &limits)).collect()
}

fn scale(rate: f64, book: &Book, limits: &Limits) -> Result<Scale, Error> {
    let mut work = Work::assumed();
    // Partners that grow with the load: otherwise they are the limit at every scale.
    work.partner.rate = work.partner.rate.max(rate);
    work.partner.at_once = work.partner.at_once.max(rate);
    // A hot shipment does not get hotter because there are more of them.
    work.hottest *= RATES[0] / rate;
    let points = [(0.0, rate / 10.0), (60.0, rate), (LASTS, rate)];
    let points = points.map(|(time, rate)| crate::rates::Point { time, rate });
    let Ok(rates) = Rates::new(&points) else { return Err(Error::Refused(Vec::new())) };
    let forecast = Forecast {
        name: format!("{} events a second", number(rate)),
        rates,
        start: None,
        timezone: "UTC".to_owned(),
    };
    let now = Setup::of_the_template(limits);
    let request =
        Request { forecast, work, now, goal: Goal::default(), options: Options::default() };
    let plan = Plan::make(&request, book)?;
    let changes = changes(&plan, limits);
    Ok(Scale { rate, plan, changes })
}

/// What the plan needs that the one before did not.
fn changes(plan: &Plan, limits: &Limits) -> Vec<String> {
    let setup = &plan.sized.setup;
    let mut changes = Vec::new();
    if plan.sized.units.writes > limits.table.0 {
        changes.push(format!(
            "A new table takes {} write units a second: warm throughput is a part of the plan, not an option.",
            number(limits.table.0)
        ));
    }
    for quota in plan.quotas.iter().filter(|quota| quota.is_short) {
        changes.push(format!(
            "{}: {} by default, {} needed; ask AWS before.",
            quota.what,
            number(quota.has),
            number(quota.needs)
        ));
    }
    let own: Vec<f64> = setup
        .pollers
        .values()
        .filter_map(|pollers| match pollers {
            Pollers::Provisioned { most, .. } => Some(*most),
            Pollers::Shared { .. } | Pollers::Fixed { .. } => None,
        })
        .collect();
    if let Some(most) = own.iter().copied().reduce(f64::max) {
        changes.push(format!(
            "Shared pollers cannot follow: each queue has pollers of its own, {} at the most.",
            number(most)
        ));
    }
    changes.extend(plan.warnings.iter().cloned());
    if plan.sized.units.writes > 1_000_000.0 {
        changes.push("More than a million write units a second of one table: split it by shipment into several tables, each with its fleet (a cell), so that a mistake or a limit hits one of them.".to_owned());
    }
    if changes.is_empty() {
        changes.push("Nothing: the template as it is, with larger numbers.".to_owned());
    }
    changes
}

/// `SCALE.md`.
///
/// # Errors
/// As [`scales`].
pub fn document(book: &Book) -> Result<String, Error> {
    let all = scales(book)?;
    let mut out = String::new();
    write(&all, &mut out).unwrap_or_default();
    Ok(out)
}

fn write(all: &[Scale], out: &mut String) -> std::fmt::Result {
    writeln!(out, "# From 1,000 to 100,000 events a second\n")?;
    writeln!(
        out,
        "What one machine cannot show is computed: an hour at each rate, begun within a minute, planned and simulated by this crate with the assumptions of [`Work::assumed`](src/fleet.rs) and list prices of us-east-1. Written by `cargo run -p flotilla-plan --example scale`; `tests/scale.rs`: `the_document_is_what_the_code_computes` compares every number. None of it was run on AWS.\n"
    )?;
    let heads: Vec<String> = all.iter().map(|scale| number(scale.rate)).collect();
    writeln!(
        out,
        "| events a second | {} |\n|---|{}",
        heads.join(" | "),
        "---:|".repeat(all.len())
    )?;
    let mut row = |name: &str, cell: &dyn Fn(&Scale) -> String| {
        let cells: Vec<String> = all.iter().map(cell).collect();
        writeln!(out, "| {name} | {} |", cells.join(" | "))
    };
    let dollars = |bill: &Bill| format!("${:.2}", bill.per_million);
    row("tasks a second", &|scale| number(scale.rate * Work::assumed().tasks))?;
    row("batches at once, all agents, with headroom", &|scale| {
        number(scale.plan.sized.needs.iter().map(|need| need.concurrency).sum())
    })?;
    row("environments that pollers may use", &|scale| {
        number(scale.plan.quotas.first().map_or(0.0, |quota| quota.needs))
    })?;
    row("write units a second, with headroom", &|scale| number(scale.plan.sized.units.writes))?;
    row("messages in flight, fullest queue", &|scale| number(scale.plan.sized.in_flight))?;
    row("planned: end to end p50 / p99", &|scale| {
        let latency = scale.plan.planned.outcome.end_to_end;
        format!("{} / {}", span(latency.p50), span(latency.p99))
    })?;
    row("planned: keeps the goal", &|scale| {
        if scale.plan.planned.keeps_goal { "yes" } else { "**no**" }.to_owned()
    })?;
    row("planned: dollars per million tasks", &|scale| dollars(&scale.plan.planned.bill))?;
    row("planned: dollars of the hour", &|scale| {
        format!("${:.2}", scale.plan.planned.bill.dollars)
    })?;
    row("reactive: p99", &|scale| span(scale.plan.reactive.outcome.end_to_end.p99))?;
    row("reactive: dollars per million tasks", &|scale| dollars(&scale.plan.reactive.bill))?;
    for scale in all {
        writeln!(out, "\n## {} a second\n", number(scale.rate))?;
        writeln!(out, "{}\n", verdict(&scale.plan))?;
        writeln!(out, "Without a plan, what binds first: {}.\n", first(&scale.plan.reactive))?;
        writeln!(out, "With the plan: {}.\n", first(&scale.plan.planned))?;
        for change in &scale.changes {
            writeln!(out, "- {change}")?;
        }
    }
    Ok(())
}
