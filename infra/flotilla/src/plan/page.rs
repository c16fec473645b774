//! A plan as one HTML file that needs nothing beside itself, and its picture.
//!
//! Drawn with what the report of a surge is drawn with.

mod tables;

use crate::error::Error;
use crate::surge::page::html::{classed, list, tag};
use crate::surge::page::plot::{Colour, Layer, Plot, Shape};
use crate::surge::page::plots::{FIGURE, Figure};
use crate::surge::page::{WIDTH, figure, figures, section, shell, stacked};
use flotilla_plan::Forecast;
use flotilla_plan::plan::{Day, Plan};
use flotilla_plan::sim::Bin;
use flotilla_plan::tell::{deepest, number, span, verdict};
use tables::{agents, bill, days, peaks, quotas};

/// The whole page.
pub(super) fn page(plan: &Plan, forecast: &Forecast) -> Result<String, Error> {
    let title = headline(plan);
    let goal = if plan.planned.keeps_goal { "outcome good" } else { "outcome bad" };
    let tiles = [
        figure("planned, p99", &span(plan.planned.outcome.end_to_end.p99)),
        figure("reactive, p99", &span(plan.reactive.outcome.end_to_end.p99)),
        figure("planned, deepest queue", &number(deepest(&plan.planned))),
        figure("reactive, deepest queue", &number(deepest(&plan.reactive))),
        figure("planned, dollars", &format!("${:.2}", plan.planned.bill.dollars)),
        figure("reactive, dollars", &format!("${:.2}", plan.reactive.bill.dollars)),
    ];
    let header = format!(
        "<header>{}{}{}<ul class=\"tiles\">{}</ul></header>\n",
        classed("p", "over", format!("Flotilla plan: {}", plan.forecast)),
        tag("h1", &title),
        classed("p", goal, verdict(plan)),
        tiles.concat()
    );
    let mut assumptions = plan.assumptions.clone();
    assumptions.extend(plan.warnings.iter().cloned());
    let body = [
        header,
        figures(vec![arrivals(plan), concurrency(plan), backlog(plan), latency(plan)])?,
        section("Agents", &agents(plan)),
        section("Quotas", &quotas(plan)),
        section("The day with the plan and without", &days(plan)),
        section("Scheduled", &peaks(plan, forecast)),
        section(
            "Cost",
            &format!("{}{}", bill("planned", &plan.planned), bill("reactive", &plan.reactive)),
        ),
        section("What it rests on", &list(&assumptions)),
    ];
    Ok(shell(&title, &body.concat()))
}

/// Arrivals and the backlog of both days in one wide SVG.
pub(super) fn picture(plan: &Plan) -> Result<String, Error> {
    let wide = |figure: Figure, height| Plot {
        size: (WIDTH, height, FIGURE.2),
        names: Some(figure.title.to_owned()),
        ..figure.plot
    };
    stacked(
        &headline(plan),
        [wide(arrivals(plan), 220), wide(backlog(plan), 220), wide(latency(plan), 220)],
    )
}

fn headline(plan: &Plan) -> String {
    format!("{} events, {} a second at the peak", number(plan.events), number(plan.peak))
}

fn arrivals(plan: &Plan) -> Figure {
    let bin = plan.planned.outcome.bin;
    let came = plan.planned.outcome.bins.iter();
    let band = came.map(|one| (one.at + bin / 2.0, 0.0, one.arrived / bin)).collect();
    let mut layers = vec![layer("events that come", Colour::Ink, Shape::Band(band))];
    layers.extend(both(plan, &|one| Some(one.completed / bin)));
    of(
        plan,
        "Arrivals and completions",
        "a second",
        layers,
        "Tasks outnumber events, because an event may name several shipments. Where completions stay below, a backlog grows.",
    )
}

fn concurrency(plan: &Plan) -> Figure {
    let busy = |one: &Bin| Some(one.stages.iter().map(|stage| stage.concurrency).sum::<f64>());
    let ready = |one: &Bin| {
        let at = one.at;
        let all = plan.sized.needs.iter().map(|need| {
            let here = need.ready.iter().filter(|ready| ready.from <= at && at < ready.to);
            here.map(|ready| ready.count).fold(0.0, f64::max)
        });
        all.sum::<f64>()
    };
    let band = plan.planned.outcome.bins.iter().map(|one| (one.at, 0.0, ready(one))).collect();
    let mut layers = vec![layer("kept ready", Colour::Ink, Shape::Band(band))];
    layers.extend(both(plan, &busy));
    of(
        plan,
        "Concurrency",
        "at a time",
        layers,
        "Invocations at work at a time, all agents together, on average over a stretch. Throttled writes keep invocations at work for longer.",
    )
}

fn backlog(plan: &Plan) -> Figure {
    let waits = |one: &Bin| Some(one.stages.iter().map(|stage| stage.backlog).sum::<f64>());
    of(
        plan,
        "Backlog",
        "messages waiting",
        both(plan, &waits),
        "Messages that wait in all queues together.",
    )
}

fn latency(plan: &Plan) -> Figure {
    let p99 = |one: &Bin| one.end_to_end.map(|latency| latency.p99);
    of(
        plan,
        "End-to-end latency, p99",
        "seconds",
        both(plan, &p99),
        "From an event's arrival until what became of it was remembered, at the moment when it arrived.",
    )
}

fn both(plan: &Plan, value: &dyn Fn(&Bin) -> Option<f64>) -> Vec<Layer> {
    [("reactive", Colour::Vermilion, &plan.reactive), ("planned", Colour::Blue, &plan.planned)]
        .into_iter()
        .map(|(name, colour, day)| {
            let middle = day.outcome.bin / 2.0;
            let bins = day.outcome.bins.iter();
            let points = bins.filter_map(|one| Some((one.at + middle, value(one)?)));
            layer(name, colour, Shape::Line(vec![points.collect()]))
        })
        .collect()
}

fn of(plan: &Plan, title: &'static str, unit: &str, layers: Vec<Layer>, reading: &str) -> Figure {
    let last = |day: &Day| day.outcome.bins.last().map_or(0.0, |one| one.at + day.outcome.bin);
    let plot = Plot {
        label: format!("{title}, planned and reactive, over the day"),
        unit: unit.to_owned(),
        end: last(&plan.planned).max(last(&plan.reactive)),
        last_due: None,
        layers,
        size: FIGURE,
        names: None,
    };
    Figure { title, reading: reading.to_owned(), plot }
}

pub(super) fn layer(name: &str, colour: Colour, shape: Shape) -> Layer {
    Layer { name: name.to_owned(), colour, shape }
}

#[cfg(test)]
mod tests;
