//! A plan for a terminal.

use crate::forecast::Forecast;
use crate::network::Pollers;
use crate::plan::{Day, Plan};
use std::fmt::Write;

/// Columns of a terminal that prose takes at most.
const WIDTH: usize = 96;

/// Everything a person decides by, on one screen.
#[must_use]
pub fn text(plan: &Plan, forecast: &Forecast) -> String {
    let mut out = String::new();
    write(plan, forecast, &mut out).unwrap_or_default();
    out
}

fn write(plan: &Plan, forecast: &Forecast, out: &mut String) -> std::fmt::Result {
    writeln!(
        out,
        "{}: {} events in {}, {} a second at the peak.",
        plan.forecast,
        number(plan.events),
        span(forecast.rates.seconds()),
        number(plan.peak)
    )?;
    for quota in plan.quotas.iter().filter(|quota| quota.is_short) {
        let (needs, has) = (number(quota.needs), number(quota.has));
        let text = format!("ask AWS before: {}: {needs} needed, {has} by default", quota.what);
        writeln!(out, "{}", wrapped(&text, "  ", "    "))?;
    }
    for warning in &plan.warnings {
        writeln!(out, "{}", wrapped(&format!("warning: {warning}"), "  ", "    "))?;
    }
    writeln!(out, "\n{}\n", wrapped(&verdict(plan), "", ""))?;
    writeln!(
        out,
        "  {:<15}{:>10}  {:>12}  {:<22}{:>7}  lead time",
        "agent", "records/s", "at once", "pollers", "ready"
    )?;
    for need in &plan.sized.needs {
        let pollers = plan.sized.setup.pollers.get(&need.agent).map_or_else(String::new, words);
        let ready = need.ready.iter().map(|ready| ready.count).fold(0.0, f64::max);
        writeln!(
            out,
            "  {:<15}{:>10}  {:>12.1}  {:<22}{:>7}  {}",
            need.agent.as_str(),
            number(need.records),
            need.concurrency,
            pollers,
            number(ready),
            span(need.lead)
        )?;
    }
    let setup = &plan.sized.setup;
    writeln!(
        out,
        "\n  batches of {} with a window of {} s\n  table warm for {} write and {} read units a second; its hottest key gets {} of 1,000",
        setup.batch,
        setup.window,
        number(setup.warm.writes),
        number(setup.warm.reads),
        number(plan.sized.hottest)
    )?;
    for peak in &plan.sized.peaks {
        let clock = |at: f64| {
            forecast.clock(at).map_or_else(|| span(at), |at| at.strftime("%F %H:%M").to_string())
        };
        writeln!(
            out,
            "  peak from {} to {}: {} a second",
            clock(peak.from),
            clock(peak.to),
            number(peak.rate)
        )?;
    }
    writeln!(out, "\n  {:<26}{:>16}{:>16}", "the day", "planned", "reactive")?;
    let mut row = |name: &str, of: &dyn Fn(&Day) -> String| {
        writeln!(out, "  {name:<26}{:>16}{:>16}", of(&plan.planned), of(&plan.reactive))
    };
    row("end to end, p50", &|day| span(day.outcome.end_to_end.p50))?;
    row("end to end, p95", &|day| span(day.outcome.end_to_end.p95))?;
    row("end to end, p99", &|day| span(day.outcome.end_to_end.p99))?;
    row("deepest queue", &|day| number(deepest(day)))?;
    row("oldest message", &|day| span(oldest(day)))?;
    row("invocations", &|day| number(invocations(day)))?;
    row("dollars", &|day| format!("${:.2}", day.bill.dollars))?;
    row("a million tasks", &|day| format!("${:.2}", day.bill.per_million))?;
    row("keeps the goal", &|day| if day.keeps_goal { "yes" } else { "no" }.to_owned())?;
    for (name, day) in [("planned", &plan.planned), ("reactive", &plan.reactive)] {
        let text = format!("binds first, {name}: {}", first(day));
        writeln!(out, "{}", wrapped(&text, "  ", "    "))?;
    }
    writeln!(out, "\n  {:<34}{:>12}{:>12}", "quotas", "default", "needed")?;
    for quota in &plan.quotas {
        let ask = if quota.is_short { "  ASK AWS" } else { "" };
        let (has, needs) = (number(quota.has), number(quota.needs));
        writeln!(out, "  {:<34}{has:>12}{needs:>12}{ask}", quota.what)?;
        writeln!(out, "{}", wrapped(&quota.note, "    ", "    "))?;
    }
    writeln!(out, "\nWhat it rests on")?;
    for assumption in &plan.assumptions {
        writeln!(out, "{}", wrapped(assumption, "  - ", "    "))?;
    }
    Ok(())
}

/// Whether each day keeps the goal and, where the planned one does not, what holds it up.
#[must_use]
pub fn verdict(plan: &Plan) -> String {
    let keeps = |day: &Day| if day.keeps_goal { "keeps" } else { "breaks" };
    let mut text = format!(
        "The planned day {} the goal of {} for 99 of 100 events, the reactive day {} it.",
        keeps(&plan.planned),
        span(plan.goal.p99),
        keeps(&plan.reactive)
    );
    let bounds = &plan.planned.outcome.bounds;
    let most = bounds.iter().max_by(|one, other| one.seconds.total_cmp(&other.seconds));
    if let Some(most) = most.filter(|_| !plan.planned.keeps_goal) {
        let (words, stage) = (most.limit.words(), &most.stage);
        let _ = write!(
            text,
            " What holds the planned day up for the longest: {words} (first at {stage}, for {} in all).",
            span(most.seconds)
        );
    }
    text
}

/// In lines of at most [`WIDTH`] characters, the first and the others behind these.
#[must_use]
pub fn wrapped(text: &str, first: &str, others: &str) -> String {
    let mut lines = first.to_owned();
    let mut length = first.chars().count();
    let mut is_new = true;
    for word in text.split_whitespace() {
        let long = word.chars().count();
        if !is_new && length + 1 + long > WIDTH {
            lines.push('\n');
            lines.push_str(others);
            length = others.chars().count();
            is_new = true;
        }
        if !is_new {
            lines.push(' ');
            length += 1;
        }
        lines.push_str(word);
        length += long;
        is_new = false;
    }
    lines
}

fn words(pollers: &Pollers) -> String {
    match pollers {
        Pollers::Shared { most: Some(most) } => format!("shared, at most {most}"),
        Pollers::Shared { most: None } => "shared".to_owned(),
        Pollers::Provisioned { least, most } => format!("provisioned {least} to {most}"),
        Pollers::Fixed { servers } => format!("fixed {servers}"),
    }
}

/// What held messages up first, in words.
#[must_use]
pub fn first(day: &Day) -> String {
    let Some(bound) = day.outcome.bounds.first() else {
        return "nothing: no batch ever waited longer than chance explains".to_owned();
    };
    let others: Vec<&str> =
        day.outcome.bounds.iter().skip(1).map(|bound| bound.limit.words()).collect();
    let then =
        if others.is_empty() { String::new() } else { format!("; then {}", others.join("; ")) };
    format!(
        "{} ({}, at {}, for {} in all){then}",
        bound.limit.words(),
        bound.stage,
        clock(bound.first),
        span(bound.seconds)
    )
}

/// Messages in the fullest queue at the worst moment.
#[must_use]
pub fn deepest(day: &Day) -> f64 {
    day.outcome.stages.iter().map(|stage| stage.peak_backlog).fold(0.0, f64::max)
}

/// Seconds that a message waited in one queue at the most.
#[must_use]
pub fn oldest(day: &Day) -> f64 {
    day.outcome.stages.iter().map(|stage| stage.oldest).fold(0.0, f64::max)
}

fn invocations(day: &Day) -> f64 {
    day.outcome.stages.iter().map(|stage| stage.invocations).sum()
}

/// A number with its thousands apart.
#[must_use]
pub fn number(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < -0.5 { format!("-{text}") } else { text }
}

/// Seconds as a person says them.
#[must_use]
pub fn span(seconds: f64) -> String {
    match seconds {
        seconds if seconds < 1.0 => format!("{:.0} ms", seconds * 1e3),
        seconds if seconds < 100.0 => format!("{seconds:.1} s"),
        seconds if seconds < 5940.0 => format!("{:.0} min", seconds / 60.0),
        seconds => format!("{:.1} h", seconds / 3600.0),
    }
}

fn clock(seconds: f64) -> String {
    let whole = seconds.max(0.0) as u64;
    format!("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60)
}
