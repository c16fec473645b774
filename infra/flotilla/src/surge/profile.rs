//! A load over time: a rate in messages a second that runs in straight lines from
//! point to point.
//!
//! Pure. The moment at which a message is due follows from the area below the line:
//! the first is due when half a message's worth of it has passed, each other one
//! message's worth later.

mod shapes;
mod trace;

use crate::error::Error;

pub use shapes::{Shape, Sizes};
pub use trace::read as read_trace;

/// More is not made up in memory.
const MOST_MESSAGES: f64 = 500_000.0;
/// A day.
const LONGEST: f64 = 86_400.0;

/// A moment and the rate there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// In seconds from the beginning.
    pub time: f64,
    /// In messages a second.
    pub rate: f64,
}

/// A load over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    name: String,
    points: Vec<Point>,
}

/// What is wrong with a profile's points.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Which point, counted from zero; none if it is all of them together.
    pub point: Option<usize>,
    /// `time` or `rate`.
    pub field: &'static str,
    /// In words.
    pub text: String,
}

impl Profile {
    /// A profile of these points. Two at one time are a step.
    ///
    /// # Errors
    /// [`Problem`] names the first point that is wrong, and what is.
    pub fn new(name: &str, points: Vec<Point>) -> Result<Self, Problem> {
        check(&points)?;
        let profile = Self { name: name.to_owned(), points };
        let problem = |field, text| Err(Problem { point: None, field, text });
        if profile.seconds() <= 0.0 {
            return problem("time", "the profile lasts no time at all".to_owned());
        }
        match profile.total() {
            total if total < 1.0 => problem("rate", "that is not a single message".to_owned()),
            total if total > MOST_MESSAGES => {
                problem("rate", format!("{total:.0} messages, and {MOST_MESSAGES} is the most"))
            }
            _ => Ok(profile),
        }
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How long it lasts.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.points.last().map_or(0.0, |point| point.time)
    }

    /// Its highest rate.
    #[must_use]
    pub fn peak(&self) -> f64 {
        self.points.iter().map(|point| point.rate).fold(0.0, f64::max)
    }

    /// The rate at a moment; after a step, where there is one.
    #[must_use]
    pub fn rate(&self, time: f64) -> f64 {
        let here = self.lines().rfind(|line| line.from.time <= time && time <= line.to.time);
        here.map_or(0.0, |line| line.rate(time - line.from.time))
    }

    /// The area below the line until a moment: how many messages' worth has passed.
    #[must_use]
    pub fn passed(&self, time: f64) -> f64 {
        self.lines().map(|line| line.area((time - line.from.time).clamp(0.0, line.length()))).sum()
    }

    /// The area below the whole line.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.lines().map(|line| line.area(line.length())).sum()
    }

    /// How many messages are due in all.
    #[must_use]
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between one and half a million"
    )]
    pub fn messages(&self) -> usize {
        // Whole numbers of messages may come out a little below them.
        (self.total() + 1e-6) as usize
    }

    /// When each message is due, in order.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "at most half a million")]
    pub fn due(&self) -> Vec<f64> {
        let messages = self.messages();
        let mut due = Vec::with_capacity(messages);
        let mut before = 0.0;
        for line in self.lines() {
            let after = before + line.area(line.length());
            while due.len() < messages {
                let wanted = due.len() as f64 + 0.5;
                if wanted > after {
                    break;
                }
                due.push(line.from.time + line.reaches(wanted - before));
            }
            before = after;
        }
        // What rounding has left over is due at the end.
        due.resize(messages, self.seconds());
        due
    }

    fn lines(&self) -> impl DoubleEndedIterator<Item = Line> + '_ {
        let ends = self.points.iter().skip(1);
        self.points.iter().zip(ends).map(|(from, to)| Line { from: *from, to: *to })
    }
}

/// From one point to the next.
#[derive(Debug, Clone, Copy)]
struct Line {
    from: Point,
    to: Point,
}

impl Line {
    fn length(&self) -> f64 {
        self.to.time - self.from.time
    }

    fn slope(&self) -> f64 {
        if self.length() > 0.0 { (self.to.rate - self.from.rate) / self.length() } else { 0.0 }
    }

    fn rate(&self, after: f64) -> f64 {
        self.from.rate + self.slope() * after
    }

    fn area(&self, after: f64) -> f64 {
        (self.from.rate + self.rate(after)) / 2.0 * after
    }

    /// After how long the area is this large: the root of a quadratic equation, in the
    /// form that loses no digits where the line is nearly level.
    fn reaches(&self, area: f64) -> f64 {
        let start = self.from.rate;
        let root = (start * start + 2.0 * self.slope() * area).max(0.0).sqrt();
        let after = if start + root > 0.0 { 2.0 * area / (start + root) } else { 0.0 };
        after.clamp(0.0, self.length())
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
        if *time > LONGEST {
            return wrong("time", format!("{time} s is longer than a day"));
        }
        before = *time;
    }
    Ok(())
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::usage(format!("{}: {}", problem.field, problem.text))
    }
}

#[cfg(test)]
mod tests;
