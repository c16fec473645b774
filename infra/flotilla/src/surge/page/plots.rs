//! Which plots there are, and what of the record each shows.

use super::plot::{Colour, Layer, Plot, Shape};
use super::words::milliseconds;
use crate::counts::float;
use crate::report::Latency;
use crate::surge::measured::{Bin, Measured, StageBin};
use flotilla_task::Stage;

/// As a figure of the page shows it: width, height and text in pixels.
pub(crate) const FIGURE: (u32, u32, u32) = (560, 300, 14);

/// A plot with what is said about it.
#[derive(Debug)]
pub(crate) struct Figure {
    pub(crate) title: &'static str,
    /// What to look for.
    pub(crate) reading: String,
    pub(crate) plot: Plot,
}

/// All that can be drawn of a run.
pub(crate) fn all(measured: &Measured) -> Vec<Figure> {
    if measured.bins.is_empty() {
        return Vec::new();
    }
    let mut figures = vec![arrivals(measured), backlog(measured), end_to_end(measured)];
    figures.extend([per_stage(measured), concurrency(measured)]);
    figures.extend(emulator(measured));
    figures
}

/// Arrivals and completions, and the backlog below them on the same seconds; none
/// without a record over time.
pub(crate) fn picture(measured: &Measured, width: u32) -> Option<[Plot; 2]> {
    if measured.bins.is_empty() {
        return None;
    }
    let wide = |figure: Figure, height| Plot {
        size: (width, height, FIGURE.2),
        names: Some(figure.title.to_owned()),
        ..figure.plot
    };
    Some([wide(arrivals(measured), 240), wide(backlog(measured), 220)])
}

fn arrivals(measured: &Measured) -> Figure {
    let label = "Messages due, messages sent and tasks completed a second, over time";
    Figure {
        title: "Arrivals and completions",
        reading: "Sent follows due as long as the generator keeps up. Completed falls behind while a backlog builds, and runs on after the last message until it is gone. Tasks outnumber messages, because a message may name several shipments.".to_owned(),
        plot: plot(measured, "a second", label, rates(measured)),
    }
}

fn rates(measured: &Measured) -> Vec<Layer> {
    let bins = &measured.bins;
    let middle = |bin: &Bin| bin.at + length(measured) / 2.0;
    let rate = |count: u64| float(count) / length(measured);
    let due = bins.iter().map(|bin| (middle(bin), 0.0, rate(bin.due))).collect();
    let sent = line(bins, middle, |bin| Some(rate(bin.sent)));
    let completed = line(bins, middle, |bin| Some(rate(bin.completed)));
    vec![
        layer("due (messages)", Colour::Ink, Shape::Band(due)),
        layer("sent (messages)", Colour::Orange, sent),
        layer("completed (tasks)", Colour::Blue, completed),
    ]
}

fn backlog(measured: &Measured) -> Figure {
    let layers = stacked(measured, |bin| end(measured, bin), |stage| float(stage.waiting));
    Figure {
        title: "Backlog",
        reading: "Messages that wait in each agent's queue, one agent on top of the other. The thickest band is the bottleneck of that moment.".to_owned(),
        plot: plot(measured, "messages waiting", "Messages that wait, for each agent, over time", layers),
    }
}

fn end_to_end(measured: &Measured) -> Figure {
    let all = measured.bins.iter().filter_map(|bin| bin.end_to_end);
    let (unit, through) = unit(all.map(|latency| latency.p99).max());
    let of = |name: &str, colour, quantile: fn(&Latency) -> u64| {
        let value = |bin: &Bin| bin.end_to_end.as_ref().map(|all| float(quantile(all)) / through);
        layer(name, colour, line(&measured.bins, |bin| bin.at + length(measured) / 2.0, value))
    };
    let layers = vec![
        of("p99", Colour::Vermilion, |latency| latency.p99),
        of("p95", Colour::Orange, |latency| latency.p95),
        of("p50", Colour::Blue, |latency| latency.p50),
    ];
    let label = "End-to-end latency of events by the moment when they were due";
    let all = measured.end_to_end.map_or_else(
        || "No task was completed.".to_owned(),
        |all| {
            format!(
                "Over the whole run p50 {}, p95 {}, p99 {}.",
                milliseconds(all.p50),
                milliseconds(all.p95),
                milliseconds(all.p99)
            )
        },
    );
    Figure {
        title: "End-to-end latency",
        reading: format!(
            "From the moment when an event was due until its task was completed, at the moment when it was due. {all}"
        ),
        plot: plot(measured, unit, label, layers),
    }
}

fn per_stage(measured: &Measured) -> Figure {
    let all = measured.bins.iter().flat_map(|bin| bin.stages.values());
    let (unit, through) = unit(all.filter_map(|stage| stage.latency_ms).max());
    let layers = present(measured)
        .map(|stage| {
            let value = |bin: &Bin| Some(float(bin.stages.get(&stage)?.latency_ms?) / through);
            let points = line(&measured.bins, |bin| bin.at + length(measured) / 2.0, value);
            layer(stage.as_str(), colour(stage), points)
        })
        .collect();
    Figure {
        title: "Latency of each agent",
        reading: "The time that a record spent in an agent's queue and in the agent, on average."
            .to_owned(),
        plot: plot(measured, unit, "Latency of each agent over time", layers),
    }
}

fn concurrency(measured: &Measured) -> Figure {
    let middle = |bin: &Bin| bin.at + length(measured) / 2.0;
    let mut layers = stacked(measured, middle, |stage| stage.concurrency);
    let seen = measured.bins.iter().any(|bin| bin.environments.is_some());
    if seen {
        let processes = line(&measured.bins, middle, |bin| bin.environments.map(f64::from));
        layers.push(layer("environments", Colour::Ink, processes));
    }
    let environments = if seen { " The line counts the environments that were there." } else { "" };
    Figure {
        title: "Concurrency",
        reading: format!(
            "Invocations at work at a time, one agent on top of the other: what the fleet scaled to.{environments}"
        ),
        plot: plot(measured, "at a time", "Invocations at work at a time, over time", layers),
    }
}

fn emulator(measured: &Measured) -> Option<Figure> {
    let cpu = |bin: &Bin| bin.emulator_cpu.map(|share| share * 100.0);
    measured.bins.iter().find_map(cpu)?;
    let points = line(&measured.bins, |bin| bin.at + length(measured) / 2.0, cpu);
    let verdict = measured.emulator.as_ref().map(|emulator| emulator.verdict.clone());
    Some(Figure {
        title: "The local cloud itself",
        reading: verdict
            .unwrap_or_else(|| "The share of its one core that the local cloud used.".to_owned()),
        plot: plot(
            measured,
            "% of one core",
            "Processor time of the local cloud, over time",
            vec![layer("local cloud", Colour::Purple, points)],
        ),
    })
}

/// One band for each agent on top of those before it.
fn stacked(
    measured: &Measured,
    at: impl Fn(&Bin) -> f64,
    value: impl Fn(&StageBin) -> f64,
) -> Vec<Layer> {
    let mut below = vec![0.0; measured.bins.len()];
    present(measured)
        .map(|stage| {
            let mut points = Vec::with_capacity(below.len());
            for (bin, low) in measured.bins.iter().zip(&mut below) {
                let high = *low + bin.stages.get(&stage).map_or(0.0, &value).max(0.0);
                points.push((at(bin), *low, high));
                *low = high;
            }
            layer(stage.as_str(), colour(stage), Shape::Band(points))
        })
        .collect()
}

fn present(measured: &Measured) -> impl Iterator<Item = Stage> {
    Stage::ALL.into_iter().filter(|stage| {
        measured.stages.contains_key(stage)
            || measured.bins.iter().any(|bin| bin.stages.contains_key(stage))
    })
}

pub(crate) const fn colour(stage: Stage) -> Colour {
    match stage {
        Stage::Ingestion => Colour::Sky,
        Stage::Processing => Colour::Blue,
        Stage::Decision => Colour::Green,
        Stage::Communication => Colour::Vermilion,
        Stage::State => Colour::Orange,
    }
}

/// Pieces of a line, broken where there is no value.
fn line(bins: &[Bin], at: impl Fn(&Bin) -> f64, value: impl Fn(&Bin) -> Option<f64>) -> Shape {
    let mut pieces = Vec::new();
    let mut piece = Vec::new();
    for bin in bins {
        match value(bin).filter(|value| value.is_finite()) {
            Some(value) => piece.push((at(bin), value)),
            None => pieces.push(std::mem::take(&mut piece)),
        }
    }
    pieces.push(piece);
    pieces.retain(|piece| !piece.is_empty());
    Shape::Line(pieces)
}

fn plot(measured: &Measured, unit: &str, label: &str, layers: Vec<Layer>) -> Plot {
    let last = measured.bins.last().map_or(0.0, |bin| end(measured, bin));
    Plot {
        label: label.to_owned(),
        unit: unit.to_owned(),
        end: last.max(length(measured)),
        last_due: Some(measured.load.seconds).filter(|at| at.is_finite() && *at > 0.0),
        layers,
        size: FIGURE,
        names: None,
    }
}

fn layer(name: &str, colour: Colour, shape: Shape) -> Layer {
    Layer { name: name.to_owned(), colour, shape }
}

/// The unit in which such a latency is shown, and the milliseconds of one.
fn unit(longest: Option<u64>) -> (&'static str, f64) {
    if longest.unwrap_or(0) < 1000 { ("milliseconds", 1.0) } else { ("seconds", 1000.0) }
}

fn end(measured: &Measured, bin: &Bin) -> f64 {
    bin.at + length(measured)
}

fn length(measured: &Measured) -> f64 {
    let length = measured.bin_seconds;
    if length.is_finite() && length > 0.0 { length } else { 1.0 }
}
