//! What a load costs on AWS: before a run from what is expected of it, after a run
//! from what was measured. List prices without the free tier, each with its source in
//! `infra/prices/prices.toml`; what nobody measured is an assumption and said to be one.
//!
//! This is the price of the load alone. What a deployment costs when nothing happens in
//! it is the plan of `make deploy PLAN=1`, and polling of empty queues stands there.

mod fleet;
mod prices;
mod shape;
#[cfg(test)]
mod tests;
mod usage;

use crate::counts::float;
use crate::error::Error;
use crate::surge::measured::Measured;
use serde::{Deserialize, Serialize};

pub use fleet::{Architecture, Fleet, Queues};
pub use shape::Shape;
pub use usage::Usage;

/// A load's bill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Messages that it is for.
    pub messages: u64,
    /// Its items.
    pub lines: Vec<Line>,
    /// What had to be assumed, a sentence each.
    pub assumptions: Vec<String>,
    /// Whether the load was measured, or is only expected.
    pub measured: bool,
}

/// One item of the bill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// What is paid for.
    pub what: String,
    /// How many, at which price.
    pub arithmetic: String,
    /// What that comes to, in US dollars.
    pub dollars: f64,
    /// Whether its price is known from a report only.
    pub approximate: bool,
}

impl Cost {
    /// What so many messages are expected to cost.
    ///
    /// # Errors
    /// [`Error::Usage`] when the price file lacks something.
    pub fn expected(messages: u64, fleet: &Fleet) -> Result<Self, Error> {
        let shape = Shape::of_the_demo();
        Ok(Self {
            messages,
            lines: Usage::expected(messages, &shape, fleet).priced(fleet)?,
            assumptions: shape.words(fleet),
            measured: false,
        })
    }

    /// What the run would have cost, or has cost, on AWS.
    ///
    /// # Errors
    /// [`Error::Usage`] when the price file lacks something.
    pub fn measured(measured: &Measured, fleet: &Fleet) -> Result<Self, Error> {
        let shape = Shape::of_the_demo();
        Ok(Self {
            messages: measured.account.sent,
            lines: Usage::measured(measured, &shape, fleet).priced(fleet)?,
            assumptions: Usage::assumptions(&shape, fleet),
            measured: true,
        })
    }

    /// The sum, in US dollars.
    #[must_use]
    pub fn dollars(&self) -> f64 {
        self.lines.iter().map(|line| line.dollars).sum()
    }

    /// The same for a million messages of this kind; none without messages.
    #[must_use]
    pub fn per_million(&self) -> Option<f64> {
        (self.messages > 0).then(|| self.dollars() / float(self.messages) * 1e6)
    }

    /// The sum in words, such as `$0.17 ($14.30 per million messages)`.
    #[must_use]
    pub fn words(&self) -> String {
        let sum = dollars(self.dollars());
        match self.per_million() {
            Some(million) => format!("{sum} ({} per million messages)", dollars(million)),
            None => sum,
        }
    }
}

/// Dollars for people: two decimals, or the first two digits that are not zero.
#[must_use]
pub fn dollars(amount: f64) -> String {
    if amount == 0.0 || amount >= 0.1 {
        return format!("${amount:.2}");
    }
    if amount < 0.0001 {
        return "less than $0.0001".to_owned();
    }
    format!("${amount:.4}")
}
