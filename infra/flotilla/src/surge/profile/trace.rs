//! Profiles from a file: a real day's rates, as a monitoring system exports them.
//!
//! ```text
//! time,rate          [[points]]
//! 0,5                time = 0
//! 60,40              rate = 5
//! ```

use super::{Point, Problem, Profile};
use crate::error::Error;
use serde::Deserialize;
use std::ops::Range;
use std::path::Path;
use toml::Spanned;

/// Reads a trace: TOML by its ending, else CSV.
///
/// # Errors
/// [`Error::Usage`] with the file, line, column and field of what is wrong.
pub fn read(path: &Path) -> Result<Profile, Error> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::file(path, &error))?;
    let is_toml = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"));
    let name =
        path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let parsed = if is_toml { toml(&text, &name) } else { csv(&text, &name) };
    parsed.map_err(|problem| Error::file(path, &problem))
}

/// A point with the places of its fields.
struct Placed {
    time: (f64, Range<usize>),
    rate: (f64, Range<usize>),
}

fn csv(text: &str, name: &str) -> Result<Profile, String> {
    let mut columns: Option<[usize; 2]> = None;
    let mut placed = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let cells = cells(line, start);
        let Some([time, rate]) = columns else {
            columns = Some(header(text, &cells)?);
            continue;
        };
        let number = |field: &str, column: usize| {
            let Some((cell, place)) = cells.get(column) else {
                let end = start + line.trim_end().len();
                return Err(located(text, &(end..end), field, "missing"));
            };
            let number = cell.parse::<f64>().map(|number| (number, place.clone()));
            number.map_err(|_| located(text, place, field, &format!("{cell:?} is no number")))
        };
        placed.push(Placed { time: number("time", time)?, rate: number("rate", rate)? });
    }
    if columns.is_none() {
        return Err("line 1, column 1: time: the file is empty".to_owned());
    }
    profile(text, name, &placed)
}

/// The cells of a line, trimmed, with where they stand in the text.
fn cells(line: &str, start: usize) -> Vec<(&str, Range<usize>)> {
    let mut at = start;
    let cell = |raw: &'_ str| -> Range<usize> {
        let from = at + raw.len() - raw.trim_start().len();
        at += raw.len() + 1;
        from..from + raw.trim().len()
    };
    let places: Vec<_> = line.split(',').map(cell).collect();
    line.split(',').map(str::trim).zip(places).collect()
}

fn header(text: &str, cells: &[(&str, Range<usize>)]) -> Result<[usize; 2], String> {
    let find = |name: &str| {
        let found = cells.iter().position(|(cell, _)| *cell == name);
        let here = cells.first().map_or(0..0, |(_, place)| place.clone());
        found.ok_or_else(|| {
            located(text, &here, name, "no such column; the first line names `time` and `rate`")
        })
    };
    Ok([find("time")?, find("rate")?])
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    points: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    time: Spanned<f64>,
    rate: Spanned<f64>,
}

fn toml(text: &str, name: &str) -> Result<Profile, String> {
    // The error's own words say line, column and field.
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let number = |number: Spanned<f64>| (*number.get_ref(), number.span());
    let rows = file.points.into_iter();
    let placed: Vec<_> =
        rows.map(|row| Placed { time: number(row.time), rate: number(row.rate) }).collect();
    profile(text, name, &placed)
}

fn profile(text: &str, name: &str, placed: &[Placed]) -> Result<Profile, String> {
    let points = placed.iter().map(|p| Point { time: p.time.0, rate: p.rate.0 }).collect();
    Profile::new(name, points).map_err(|Problem { point, field, text: problem }| {
        let point = point.and_then(|point| placed.get(point)).or(placed.last());
        let place = point.map_or(0..0, |point| match field {
            "rate" => point.rate.1.clone(),
            _ => point.time.1.clone(),
        });
        located(text, &place, field, &problem)
    })
}

fn located(text: &str, place: &Range<usize>, field: &str, problem: &str) -> String {
    let before = text.get(..place.start).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    format!("line {line}, column {column}: {field}: {problem}")
}
