//! A rate over time, in straight lines from point to point, and the area below it: how
//! many events have come until a moment.

pub mod file;
mod line;

pub use line::Line;

/// A moment and the rate there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// In seconds from the beginning.
    pub time: f64,
    /// Events a second.
    pub rate: f64,
}

/// What is wrong with points.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Which point, counted from zero; none if it is all of them together.
    pub point: Option<usize>,
    /// `time` or `rate`.
    pub field: &'static str,
    /// In words.
    pub text: String,
}

/// A rate over time. Two points at one time are a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Rates {
    lines: Vec<Line>,
    /// The area before each line.
    before: Vec<f64>,
}

impl Rates {
    /// Of these points.
    ///
    /// # Errors
    /// [`Problem`] names the first point that is wrong, and what is.
    pub fn new(points: &[Point]) -> Result<Self, Problem> {
        check(points)?;
        let lines: Vec<Line> = Line::between(points).collect();
        let mut area = 0.0;
        let before = lines.iter().map(|line| {
            let here = area;
            area += line.area(line.length());
            here
        });
        let before = before.collect();
        let all = |field, text: &str| Err(Problem { point: None, field, text: text.to_owned() });
        let rates = Self { lines, before };
        if rates.seconds() <= 0.0 {
            return all("time", "it lasts no time at all");
        }
        if rates.total() <= 0.0 {
            return all("rate", "that is not a single event");
        }
        Ok(rates)
    }

    /// The same rate for so many seconds.
    ///
    /// # Errors
    /// As [`Rates::new`].
    pub fn steady(rate: f64, seconds: f64) -> Result<Self, Problem> {
        Self::new(&[Point { time: 0.0, rate }, Point { time: seconds, rate }])
    }

    /// The points again, each step as two.
    #[must_use]
    pub fn points(&self) -> Vec<Point> {
        let first = self.lines.first().map(|line| line.from);
        first.into_iter().chain(self.lines.iter().map(|line| line.to)).collect()
    }

    /// How long it lasts.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.lines.last().map_or(0.0, |line| line.to.time)
    }

    /// The highest rate.
    #[must_use]
    pub fn peak(&self) -> f64 {
        self.lines.iter().map(|line| line.from.rate.max(line.to.rate)).fold(0.0, f64::max)
    }

    /// Events in all.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.passed(self.seconds())
    }

    /// The rate at a moment; after a step, where there is one. Zero outside.
    #[must_use]
    pub fn rate(&self, time: f64) -> f64 {
        self.at(time).map_or(0.0, |(line, _)| {
            if time > line.to.time { 0.0 } else { line.rate(time - line.from.time) }
        })
    }

    /// Events that have come until a moment.
    #[must_use]
    pub fn passed(&self, time: f64) -> f64 {
        self.at(time).map_or(0.0, |(line, before)| {
            before + line.area((time - line.from.time).clamp(0.0, line.length()))
        })
    }

    /// When so many events have come; none if so many never do.
    #[must_use]
    pub fn when(&self, events: f64) -> Option<f64> {
        let place = self.before.partition_point(|before| *before <= events).checked_sub(1)?;
        let (line, before) = (self.lines.get(place)?, self.before.get(place)?);
        let left = events - before;
        (left <= line.area(line.length()) * (1.0 + 1e-12))
            .then(|| line.from.time + line.reaches(left))
    }

    /// The line at a moment, with the area before it.
    fn at(&self, time: f64) -> Option<(&Line, f64)> {
        let after = self.lines.partition_point(|line| line.from.time <= time);
        let place = after.checked_sub(1)?;
        Some((self.lines.get(place)?, *self.before.get(place)?))
    }
}

fn check(points: &[Point]) -> Result<(), Problem> {
    if points.len() < 2 {
        let text = format!("{} points, and a line needs two", points.len());
        return Err(Problem { point: None, field: "time", text });
    }
    let mut before = 0.0;
    for (place, Point { time, rate }) in points.iter().enumerate() {
        let wrong = |field, text| Err(Problem { point: Some(place), field, text });
        for (field, value) in [("time", *time), ("rate", *rate)] {
            if !value.is_finite() {
                return wrong(field, format!("{value} is no finite number"));
            }
            if value < 0.0 {
                return wrong(field, format!("{value} is negative"));
            }
        }
        if place == 0 && *time != 0.0 {
            return wrong("time", format!("the first is {time}, and has to be 0"));
        }
        if *time < before {
            return wrong("time", format!("{time} comes after {before}: out of order"));
        }
        before = *time;
    }
    Ok(())
}
