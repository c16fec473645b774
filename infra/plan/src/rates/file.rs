//! Rates from a file: a day as a monitoring system exports it, or as a person writes it.
//!
//! ```text
//! time,rate          start = 2026-11-27T00:00:00      # both optional
//! 0,5                timezone = "Europe/Berlin"
//! 00:30,40           [[points]]
//! 1:00:15,12         time = "00:30"
//!                    rate = 40
//! ```
//!
//! A time is a number of seconds, or hours, minutes and perhaps seconds. Everything wrong is
//! said with line, column and field.

use super::{Point, Problem};
use crate::place::located;
use jiff::civil::DateTime;
use serde::Deserialize;
use std::ops::Range;
use toml::Spanned;

/// What a file says.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// Its points, each with where it stands in the text.
    pub points: Vec<Placed>,
    /// When the first second is, in the time zone's own time.
    pub start: Option<DateTime>,
    /// The name of a time zone, as in `Europe/Berlin`.
    pub timezone: Option<String>,
}

/// A point with the places of its fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// In seconds.
    pub time: (f64, Range<usize>),
    /// Events a second.
    pub rate: (f64, Range<usize>),
}

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Comma-separated values, with the columns `time` and `rate` among others.
    Csv,
    /// TOML.
    Toml,
}

impl Form {
    /// TOML by its ending, else CSV.
    #[must_use]
    pub fn of(path: &std::path::Path) -> Self {
        let is_toml = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"));
        if is_toml { Self::Toml } else { Self::Csv }
    }
}

impl File {
    /// Reads it. What the numbers mean is checked by [`File::points`].
    ///
    /// # Errors
    /// In words, with line, column and field.
    pub fn read(text: &str, form: Form) -> Result<Self, String> {
        match form {
            Form::Csv => {
                let points = csv(text)?;
                Ok(Self { points, start: None, timezone: None })
            }
            Form::Toml => toml(text),
        }
    }

    /// The points alone.
    #[must_use]
    pub fn points(&self) -> Vec<Point> {
        let point = |placed: &Placed| Point { time: placed.time.0, rate: placed.rate.0 };
        self.points.iter().map(point).collect()
    }

    /// A problem of the points in words, with line, column and field.
    #[must_use]
    pub fn locate(&self, text: &str, problem: &Problem) -> String {
        let point = problem.point.and_then(|place| self.points.get(place)).or(self.points.last());
        let place = point.map_or(0..0, |point| match problem.field {
            "rate" => point.rate.1.clone(),
            _ => point.time.1.clone(),
        });
        located(text, &place, problem.field, &problem.text)
    }
}

fn csv(text: &str) -> Result<Vec<Placed>, String> {
    let mut columns: Option<[usize; 2]> = None;
    let mut placed = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let cells = cells(line.trim_end(), start);
        let Some([time, rate]) = columns else {
            columns = Some(header(text, &cells)?);
            continue;
        };
        let cell = |field: &str, column: usize| {
            let end = start + line.trim_end().len();
            match cells.get(column) {
                Some((cell, place)) if !cell.is_empty() => Ok((*cell, place.clone())),
                Some((_, place)) => Err(located(text, place, field, "missing")),
                None => Err(located(text, &(end..end), field, "missing")),
            }
        };
        let (written, place) = cell("time", time)?;
        let seconds = seconds(written).ok_or_else(|| {
            located(
                text,
                &place,
                "time",
                &format!("{written:?} is no time; write seconds or hh:mm:ss"),
            )
        })?;
        let time = (seconds, place);
        let (written, place) = cell("rate", rate)?;
        let number = written
            .parse::<f64>()
            .map_err(|_| located(text, &place, "rate", &format!("{written:?} is no number")))?;
        placed.push(Placed { time, rate: (number, place) });
    }
    if columns.is_none() {
        return Err("line 1, column 1: time: the file is empty".to_owned());
    }
    Ok(placed)
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
struct Document {
    start: Option<Spanned<toml::Value>>,
    timezone: Option<Spanned<String>>,
    points: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    time: Spanned<Moment>,
    rate: Spanned<f64>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected seconds, or text such as \"00:30\"")]
enum Moment {
    Whole(i64),
    Seconds(f64),
    Clock(String),
}

fn toml(text: &str) -> Result<File, String> {
    // The error's own words say line, column and field.
    let document: Document = toml::from_str(text).map_err(|error| error.to_string())?;
    let start = document.start.map(|start| {
        let written = start.get_ref();
        let written = written.as_str().map_or_else(|| written.to_string(), str::to_owned);
        written.parse::<DateTime>().map_err(|_| {
            let problem =
                format!("{written:?} is no local date and time such as 2026-11-27T00:00:00");
            located(text, &start.span(), "start", &problem)
        })
    });
    let timezone = document.timezone.map(|name| {
        let span = name.span();
        let name = name.into_inner();
        match jiff::tz::TimeZone::get(&name) {
            Ok(_) => Ok(name),
            Err(_) => {
                let problem = format!("{name:?} is no time zone such as Europe/Berlin");
                Err(located(text, &span, "timezone", &problem))
            }
        }
    });
    let row = |row: Row| {
        let place = row.time.span();
        let time = match row.time.into_inner() {
            Moment::Whole(seconds) => seconds as f64,
            Moment::Seconds(seconds) => seconds,
            Moment::Clock(written) => seconds(&written).ok_or_else(|| {
                located(
                    text,
                    &place,
                    "time",
                    &format!("{written:?} is no time; write seconds or hh:mm:ss"),
                )
            })?,
        };
        let rate = (*row.rate.get_ref(), row.rate.span());
        Ok(Placed { time: (time, place), rate })
    };
    Ok(File {
        points: document.points.into_iter().map(row).collect::<Result<_, String>>()?,
        start: start.transpose()?,
        timezone: timezone.transpose()?,
    })
}

/// Seconds as a number, or `hh:mm` or `hh:mm:ss`.
fn seconds(written: &str) -> Option<f64> {
    if !written.contains(':') {
        return written.parse().ok();
    }
    let mut parts = written.split(':');
    let (hours, minutes) = (parts.next()?, parts.next()?);
    let rest = parts.next().unwrap_or("0");
    if parts.next().is_some() {
        return None;
    }
    let (hours, minutes) = (hours.parse::<u32>().ok()?, minutes.parse::<u32>().ok()?);
    let rest = rest.parse::<f64>().ok()?;
    let is_clock = minutes < 60 && (0.0..60.0).contains(&rest);
    is_clock.then(|| f64::from(hours) * 3600.0 + f64::from(minutes) * 60.0 + rest)
}
