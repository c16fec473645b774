//! An axis: where it is marked, and what stands there.

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use std::ops::Range;

/// An axis from zero.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    end: f64,
    marks: Vec<f64>,
    write: fn(f64, &[f64]) -> String,
}

impl Axis {
    /// Of values up to the highest, and to the next mark.
    pub(super) fn of_values(highest: f64) -> Self {
        let marks = values(highest);
        Self { end: marks.last().copied().unwrap_or(1.0), marks, write: value }
    }

    /// Of seconds, with at most so many marks.
    pub(super) fn of_time(end: f64, most: u32) -> Self {
        let end = if end.is_finite() { end.max(1e-3) } else { 1.0 };
        Self { end, marks: seconds(end, most), write: clock_of }
    }

    /// Where it ends.
    pub(super) const fn end(&self) -> f64 {
        self.end
    }

    /// Letters of its longest mark.
    pub(super) fn letters(&self) -> usize {
        let all = self.marks.iter().map(|at| self.format_ext(at).chars().count());
        all.max().unwrap_or(1)
    }

    /// How many marks there are.
    pub(super) const fn len(&self) -> usize {
        self.marks.len()
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    #[allow(clippy::cast_possible_truncation, reason = "a place in a drawing")]
    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let share = if value.is_finite() { (value / self.end).clamp(0.0, 1.0) } else { 0.0 };
        limit.0 + (share * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _hint: Hint) -> Vec<f64> {
        self.marks.clone()
    }

    fn range(&self) -> Range<f64> {
        0.0..self.end
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        (self.write)(*value, &self.marks)
    }
}

/// Marks in steps of 1, 2 or 5, from zero to the first that is not below the highest.
fn values(highest: f64) -> Vec<f64> {
    let highest = if highest.is_finite() && highest > 0.0 { highest } else { 1.0 };
    let rough = highest / 5.0;
    let decade = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * decade)
        .find(|step| *step >= rough * 0.999)
        .unwrap_or(decade * 10.0);
    let mut marks = vec![0.0];
    while let Some(last) = marks.last().copied()
        && last < highest * 0.999
        && marks.len() < 12
    {
        // Multiplied, not summed up, so that 0.3 stays 0.3.
        marks.push(step * float(marks.len()));
    }
    marks
}

/// At most so many marks of time, in steps that clocks have.
fn seconds(end: f64, most: u32) -> Vec<f64> {
    const STEPS: [f64; 16] = [
        0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0,
        7200.0, 21_600.0,
    ];
    let most = f64::from(most.max(2));
    let step = STEPS.into_iter().find(|step| end / step <= most).unwrap_or(end / most);
    let mut marks = Vec::new();
    while float(marks.len()) * step <= end * 1.0001 && marks.len() < 100 {
        marks.push(float(marks.len()) * step);
    }
    marks
}

/// From here on marks are hours and minutes, which every step is a part of.
const LONG: f64 = 21_600.0;

/// A mark among others: where they reach far, without seconds.
fn clock_of(at: f64, all: &[f64]) -> String {
    if all.last() < Some(&LONG) {
        return clock(at);
    }
    let minutes = (at / 60.0).round();
    format!("{}:{:02}", (minutes / 60.0).floor(), minutes % 60.0)
}

/// A mark of time: `2:30`, or `1:05:00` after an hour.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds of a run, positive and small"
)]
fn clock(at: f64) -> String {
    let tenths = (at.max(0.0) * 10.0).round() as u64;
    let (whole, tenth) = (tenths / 10, tenths % 10);
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    match (hours, tenth) {
        (0, 0) => format!("{minutes}:{seconds:02}"),
        (0, _) => format!("{minutes}:{seconds:02}.{tenth}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// What the marks of time count.
pub(super) fn along(end: f64) -> &'static str {
    match end {
        end if end < 3600.0 => "minutes:seconds since the start",
        end if end < LONG => "hours:minutes:seconds",
        _ => "hours:minutes",
    }
}

/// A mark of a value, with the decimals that its neighbours need.
fn value(at: f64, all: &[f64]) -> String {
    let step = all.get(1).copied().unwrap_or(1.0);
    match step {
        step if step >= 1.0 => super::super::words::number(at),
        step if step >= 0.1 => format!("{at:.1}"),
        step if step >= 0.01 => format!("{at:.2}"),
        _ => format!("{at:.3}"),
    }
}

#[allow(clippy::cast_precision_loss, reason = "a handful of marks")]
const fn float(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_and_reach_over_the_highest() {
        assert_eq!(values(60.0), [0.0, 20.0, 40.0, 60.0]);
        assert_eq!(values(61.0), [0.0, 20.0, 40.0, 60.0, 80.0]);
        assert_eq!(values(0.0), values(1.0));
        assert_eq!(values(f64::NAN), values(1.0));
        for highest in [0.003, 0.7, 1.0, 9.9, 10.0, 1234.0, 7e6] {
            let marks = values(highest);
            assert!(marks.len() <= 7 && marks.last().unwrap() >= &(highest * 0.999), "{marks:?}");
        }
    }

    #[test]
    fn time_is_marked_as_clocks_do() {
        assert_eq!(seconds(290.0, 6), [0.0, 60.0, 120.0, 180.0, 240.0]);
        assert_eq!(seconds(0.0, 6), [0.0]);
        assert_eq!([0.0, 90.0, 0.5, 3900.0].map(clock), ["0:00", "1:30", "0:00.5", "1:05:00"]);
        let day = [0.0, 21_600.0, 86_400.0];
        assert_eq!(day.map(|at| clock_of(at, &day)), ["0:00", "6:00", "24:00"]);
        assert_eq!(clock_of(1800.0, &day), "0:30");
        assert_eq!(clock_of(1800.0, &[0.0, 1800.0, 3600.0]), "30:00");
        assert_eq!(value(0.3, &[0.0, 0.1, 0.2]), "0.3");
        assert_eq!(value(12_000.0, &[0.0, 2000.0]), "12,000");
    }
}
