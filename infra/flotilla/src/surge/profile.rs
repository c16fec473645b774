//! A load over time: a rate in messages a second that runs in straight lines from
//! point to point.
//!
//! Pure. The moment at which a message is due follows from the area below the line:
//! the first is due when half a message's worth of it has passed, each other one
//! message's worth later.

mod shapes;
mod trace;

use crate::error::Error;
use flotilla_plan::rates::Rates;

pub use flotilla_plan::rates::{Point, Problem};
pub use shapes::{Shape, Sizes};
pub use trace::read as read_trace;

/// More is not made up in memory.
const MOST_MESSAGES: f64 = 500_000.0;
/// A day.
const LONGEST: f64 = 86_400.0;

/// A load over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    name: String,
    rates: Rates,
}

impl Profile {
    /// A profile of these points. Two at one time are a step.
    ///
    /// # Errors
    /// [`Problem`] names the first point that is wrong, and what is.
    pub fn new(name: &str, points: Vec<Point>) -> Result<Self, Problem> {
        let rates = Rates::new(&points)?;
        if let Some(point) = points.iter().position(|point| point.time > LONGEST) {
            let text = format!("{} s is longer than a day", rates.seconds());
            return Err(Problem { point: Some(point), field: "time", text });
        }
        let problem = |text| Err(Problem { point: None, field: "rate", text });
        match rates.total() {
            total if total < 1.0 => problem("that is not a single message".to_owned()),
            total if total > MOST_MESSAGES => {
                problem(format!("{total:.0} messages, and {MOST_MESSAGES} is the most"))
            }
            _ => Ok(Self { name: name.to_owned(), rates }),
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
        self.rates.seconds()
    }

    /// Its highest rate.
    #[must_use]
    pub fn peak(&self) -> f64 {
        self.rates.peak()
    }

    /// The rate at a moment; after a step, where there is one.
    #[must_use]
    pub fn rate(&self, time: f64) -> f64 {
        self.rates.rate(time)
    }

    /// The area below the line until a moment: how many messages' worth has passed.
    #[must_use]
    pub fn passed(&self, time: f64) -> f64 {
        self.rates.passed(time)
    }

    /// The area below the whole line.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.rates.total()
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
        // What rounding has left over is due at the end.
        let due = |number| self.rates.when(number as f64 + 0.5).unwrap_or(self.seconds());
        (0..self.messages()).map(due).collect()
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::usage(format!("{}: {}", problem.field, problem.text))
    }
}

#[cfg(test)]
mod tests;
