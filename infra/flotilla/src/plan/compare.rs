//! One surge predicted from another, told in figures and drawn beside what happened.

use super::arguments::Asked;
use super::page::layer;
use super::{measured, run};
use crate::error::Error;
use crate::report::prepare;
use crate::surge::page::plot::{Colour, Layer, Plot, Shape};
use crate::surge::page::plots::FIGURE;
use crate::surge::page::{WIDTH, stacked};
use flotilla_plan::calibrate::{Comparison, Run, predict};
use flotilla_plan::sim::Outcome;
use std::io::Write;
use std::path::Path;

/// How far off a prediction may be, as a share of what happened.
const GOAL: f64 = 0.25;

/// Predicts one surge from another, says how far off that is, and draws both courses.
///
/// # Errors
/// [`Error::Usage`] names a file that is no measured surge.
pub(super) fn compare(
    asked: &Asked,
    first: &Path,
    second: &Path,
    json: bool,
    out: &mut dyn Write,
) -> Result<bool, Error> {
    let (known, other) = (measured::read(first)?, measured::read(second)?);
    let load = other.load().map_err(|problem| Error::file(second, &problem.text))?;
    let network = known.network(&asked.request.work, &asked.request.now, &asked.limits);
    let (predicted, outcome) = predict(&network, &load, other.stretch, asked.request.options.seed);
    let comparison = Comparison { predicted, seen: other.course() };
    let drawing = asked.out.join("comparison.svg");
    prepare(&drawing)?;
    run::write(&drawing, &picture(&other, &outcome)?)?;
    let (throughput, backlog) = comparison.off();
    if json {
        run::tell_json(&comparison, out)?;
    } else {
        writeln!(out, "  {:<24}{:>12}{:>12}{:>8}", "", "predicted", "seen", "off")?;
        let Comparison { predicted, seen } = comparison;
        for (name, said, was, off) in [
            ("tasks a second", predicted.throughput, seen.throughput, throughput),
            ("peak backlog, messages", predicted.peak_backlog, seen.peak_backlog, backlog),
        ] {
            writeln!(out, "  {name:<24}{said:>12.1}{was:>12.1}{:>7.0} %", off * 100.0)?;
        }
        writeln!(out, "\nBoth courses are drawn in {}.", drawing.display())?;
    }
    Ok(throughput <= GOAL && backlog <= GOAL)
}

/// Completions a second and the backlog, as they were and as they had been predicted.
fn picture(seen: &Run, predicted: &Outcome) -> Result<String, Error> {
    let was = |value: &dyn Fn(&flotilla_plan::calibrate::Stretch) -> f64| {
        let each = seen.stretches.iter().enumerate();
        each.map(|(at, one)| (at as f64 * seen.stretch + seen.stretch / 2.0, value(one))).collect()
    };
    let said = |value: &dyn Fn(&flotilla_plan::sim::Bin) -> f64| {
        predicted.bins.iter().map(|one| (one.at + predicted.bin / 2.0, value(one))).collect()
    };
    let due = seen.stretches.iter().enumerate();
    let due = due.map(|(at, one)| {
        (at as f64 * seen.stretch + seen.stretch / 2.0, 0.0, one.due / seen.stretch)
    });
    let due = layer("messages due", Colour::Ink, Shape::Band(due.collect()));
    let completions = [
        due,
        line("seen", Colour::Vermilion, was(&|one| one.completed / seen.stretch)),
        line("predicted", Colour::Blue, said(&|one| one.completed / predicted.bin)),
    ];
    let backlog = [
        line("seen", Colour::Vermilion, was(&|one| one.waiting())),
        line(
            "predicted",
            Colour::Blue,
            said(&|one| one.stages.iter().map(|stage| stage.backlog).sum()),
        ),
    ];
    let end = (seen.stretches.len() as f64 * seen.stretch)
        .max(predicted.bins.last().map_or(0.0, |last| last.at + predicted.bin));
    let plot = |name: &str, unit: &str, layers: Vec<Layer>| Plot {
        label: format!("{name}, predicted and seen, over the surge"),
        unit: unit.to_owned(),
        end,
        last_due: None,
        layers,
        size: (WIDTH, 220, FIGURE.2),
        names: Some(name.to_owned()),
    };
    stacked(
        "A surge as it was predicted from another, and as it was",
        [
            plot("Tasks completed", "a second", completions.into()),
            plot("Backlog", "messages waiting", backlog.into()),
        ],
    )
}

fn line(name: &str, colour: Colour, points: Vec<(f64, f64)>) -> Layer {
    layer(name, colour, Shape::Line(vec![points]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flotilla_plan::calibrate::{Handled, Stretch};
    use flotilla_plan::fleet::{Setup, Work};
    use flotilla_plan::{Book, Limits};
    use flotilla_task::Stage;
    use roxmltree::{Document, ParsingOptions};

    fn stretch(due: f64, completed: f64, waiting: f64) -> Stretch {
        let handled = Handled { waiting, records: completed, concurrency: 1.0 };
        let stages = Stage::ALL.into_iter().map(|stage| (stage, handled)).collect();
        Stretch { due, completed, stages }
    }

    #[test]
    fn the_drawing_has_what_was_seen_and_what_was_predicted() {
        let seen = Run {
            stretch: 1.0,
            stretches: vec![
                stretch(50.0, 10.0, 40.0),
                stretch(50.0, 10.0, 80.0),
                stretch(0.0, 80.0, 0.0),
            ],
            services: [].into(),
            write_units: [].into(),
            is_machine: false,
        };
        let limits = Limits::of(&Book::included().unwrap()).unwrap();
        let setup = Setup::of_the_template(&limits);
        let network = seen.network(&Work::assumed(), &setup, &limits);
        let (_, outcome) = predict(&network, &seen.load().unwrap(), seen.stretch, 1);
        let drawn = picture(&seen, &outcome).unwrap();
        let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
        let document = Document::parse_with_options(&drawn, options).unwrap();
        let lines = |colour: &str| {
            let all = document.descendants().filter(|node| node.has_tag_name("polyline"));
            all.filter(|node| node.attribute("stroke") == Some(colour)).count()
        };
        assert_eq!((lines("#D55E00"), lines("#0072B2")), (2, 2), "{drawn}");
    }
}
