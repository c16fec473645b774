//! The report of a surge: one HTML file that needs nothing beside itself.
//!
//! ```text
//! words     figures and the verdict, as sentences
//! plots     what of the record is plotted
//! plot      one plot as SVG
//! tables    everything else, as tables
//! fairness  what the tenants' latencies say
//! html      escaping
//! ```
//!
//! No script, no request to anywhere, no font: it can be mailed, printed and kept.

mod fairness;
pub(crate) mod html;
pub(crate) mod plot;
pub(crate) mod plots;
mod tables;
#[cfg(test)]
mod tests;
pub mod words;

use crate::counts::count;
use crate::error::Error;
use crate::surge::cost::{Cost, dollars};
use crate::surge::measured::Measured;
use html::{classed, escape, list, tag};
use plot::{Layer, Shape};
use plots::Figure;
use std::path::Path;
use words::milliseconds;

pub use words::headline;

const STYLE: &str = include_str!("page/style.css");
/// Of a picture that stands alone, in pixels.
pub(crate) const WIDTH: u32 = 960;

/// Writes the report of a run.
///
/// # Errors
/// [`Error::Usage`] when the file cannot be written.
pub fn write(measured: &Measured, cost: Option<&Cost>, path: &Path) -> Result<(), Error> {
    let page = page(measured, cost)?;
    std::fs::write(path, page).map_err(|error| Error::file(path, &error))
}

/// Arrivals, completions and backlog in one wide SVG, for white and dark backgrounds.
///
/// # Errors
/// [`Error::Environment`] when it cannot be drawn.
pub fn picture(measured: &Measured) -> Result<String, Error> {
    stacked(&headline(measured), plots::picture(measured, WIDTH).into_iter().flatten())
}

/// Plots below each other in one SVG.
pub(crate) fn stacked(
    title: &str,
    plots: impl IntoIterator<Item = plot::Plot>,
) -> Result<String, Error> {
    let mut height = 0;
    let mut drawn = String::new();
    for plot in plots {
        drawn.push_str(&plot.svg()?.replacen("<svg ", &format!("<svg y=\"{height}\" "), 1));
        height += plot.size.1;
    }
    // The grey is read on both; who says that the background is dark gets a lighter one.
    let style = "svg{color:#6e7781;font-family:system-ui,sans-serif}@media(prefers-color-scheme:dark){svg{color:#b1bac4}}";
    let title = tag("title", title);
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\">{title}<style>{style}</style>\n{drawn}</svg>\n"
    ))
}

fn page(measured: &Measured, cost: Option<&Cost>) -> Result<String, Error> {
    let mut sections = vec![head(measured, cost)];
    sections.push(figures(plots::all(measured))?);
    sections.push(section("What became of it", &tables::account(measured)));
    sections.push(section("How it came to rest", &tables::scale_down(&measured.scale_down)));
    sections.push(section("Agents", &tables::stages(measured)));
    let fairness = tag("p", fairness::words(measured));
    sections.push(section("Tenants", &format!("{fairness}{}", tables::tenants(measured))));
    sections.push(section(
        "Cost",
        &cost.map_or_else(|| tag("p", "The bill was not computed."), tables::cost),
    ));
    sections.push(section("How it was measured", &list(&method(measured))));
    sections.push(section("Parameters", &tables::parameters(measured)));
    Ok(shell(&headline(measured), &sections.concat()))
}

/// A whole page.
pub(crate) fn shell(title: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/><meta name=\"color-scheme\" content=\"light dark\"/><title>{title}</title><style>{STYLE}</style></head>\n<body><main>\n{body}</main></body></html>\n"
    )
}

/// What somebody reads who reads nothing else.
fn head(measured: &Measured, cost: Option<&Cost>) -> String {
    let load = &measured.load;
    let good = words::is_good(measured);
    let account = &measured.account;
    let left = measured.scale_down.left.as_deref();
    let zeros = [
        tile("lost", &count(account.lost), account.lost == 0),
        tile("doubled", &count(account.doubled), account.doubled == 0),
        tile("unexpected", &count(account.unexpected), account.unexpected == 0),
        tile("left", left.unwrap_or("0"), left.is_none()),
    ];
    let latency = measured.end_to_end;
    let quantile = |of: fn(crate::report::Latency) -> u64| {
        latency.map_or_else(|| "none".to_owned(), |all| milliseconds(of(all)))
    };
    let deepest = measured.stages.values().map(|stage| stage.peak_backlog).max().unwrap_or(0);
    let figures = [
        figure("tasks completed", &count(account.completed)),
        figure("end to end, p50", &quantile(|all| all.p50)),
        figure("end to end, p95", &quantile(|all| all.p95)),
        figure("end to end, p99", &quantile(|all| all.p99)),
        figure("deepest queue", &count(deepest)),
        cost.map_or_else(String::new, |cost| figure("on AWS", &dollars(cost.dollars()))),
    ];
    let verdict = measured.emulator.as_ref().map_or_else(String::new, |emulator| {
        let class = if emulator.is_the_limit { "limit warning" } else { "limit" };
        classed("p", class, &emulator.verdict)
    });
    let what = words::what(measured);
    let mut outcome = words::outcome(measured);
    if let Some(first) = outcome.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    format!(
        "<header>{}<h1>{}</h1>{}<ul class=\"tiles zeros\">{}</ul><ul class=\"tiles\">{}</ul>{verdict}</header>\n",
        classed("p", "over", format!("Flotilla surge: {} on {}", load.profile, load.stack)),
        escape(&what),
        classed("p", if good { "outcome good" } else { "outcome bad" }, format!("{outcome}.")),
        zeros.concat(),
        figures.concat(),
    )
}

fn tile(name: &str, value: &str, good: bool) -> String {
    let (class, mark) = if good { ("good", "✓") } else { ("bad", "✗") };
    format!(
        "<li class=\"{class}\"><b>{}</b> <span>{} {mark}</span></li>",
        escape(value),
        escape(name)
    )
}

pub(crate) fn figure(name: &str, value: &str) -> String {
    format!("<li><b>{}</b> <span>{}</span></li>", escape(value), escape(name))
}

pub(crate) fn figures(all: Vec<Figure>) -> Result<String, Error> {
    if all.is_empty() {
        return Ok(section("Over time", &tag("p", "Nothing was measured over time.")));
    }
    let mut drawn = String::new();
    for figure in &all {
        drawn.push_str(&format!(
            "<figure><h3>{}</h3>{}{}{}</figure>\n",
            escape(figure.title),
            legend(&figure.plot.layers),
            figure.plot.svg()?,
            tag("figcaption", &figure.reading),
        ));
    }
    Ok(section("Over time", &format!("<div class=\"figures\">{drawn}</div>")))
}

fn legend(layers: &[Layer]) -> String {
    let keys: String = layers
        .iter()
        .map(|layer| {
            let class = match layer.shape {
                Shape::Band(_) => "band",
                Shape::Line(_) => "line",
            };
            let colour = layer.colour.css();
            format!(
                "<li><i class=\"{class}\" style=\"background:{colour};opacity:{}\"></i>{}</li>",
                layer.opacity(),
                escape(&layer.name)
            )
        })
        .collect();
    format!("<ul class=\"legend\">{keys}</ul>")
}

pub(crate) fn section(title: &str, body: &str) -> String {
    format!("<section>{}{body}</section>\n", tag("h2", title))
}

fn method(measured: &Measured) -> Vec<String> {
    let mut sentences = vec![
        "Open loop: each message has a moment when it is due, fixed by the profile and the seed before the run. The generator sends it then, however slow the fleet is.".to_owned(),
        "Latency counts from the moment when an event was due, not from when it was sent, until its task was completed. Neither a slow fleet nor a slow generator can hide time (no coordinated omission).".to_owned(),
        "Lost and doubled are counted by a reconciler that compares three independent books: what was sent, a scan of the table with its dead-letter queues, and the partners' own ledgers. It asks no function what happened.".to_owned(),
        "Batches, durations and write units are what the functions logged of their invocations; queue lengths are SQS's own approximate counts.".to_owned(),
    ];
    if measured.emulator.is_some() {
        sentences.push("The local cloud is one process on one core. It was loaded without the fleet first, to know how much it carries; where it was the limit, this report says so, and its latencies are not the fleet's on AWS.".to_owned());
    }
    sentences.extend(measured.notes.iter().cloned());
    sentences
}
