//! The price file: prices and limits by name, each asked for with the unit that the
//! reader expects.

use serde::Deserialize;
use std::collections::BTreeMap;

/// The repository's own file.
const INCLUDED: &str = include_str!("../../prices/prices.toml");

/// Prices and limits, as `infra/prices/README.md` describes the file.
#[derive(Debug, Clone, Deserialize)]
pub struct Book {
    prices: BTreeMap<String, Entry>,
    limits: BTreeMap<String, Entry>,
}

/// A figure with where it comes from.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Entry {
    /// The figure.
    pub value: f64,
    /// What it counts.
    pub unit: String,
    /// Where it was read.
    pub source: String,
    /// The day on which it was entered, such as `2026-11-21`.
    pub date: String,
    /// Whether it was read in a report and not at AWS.
    #[serde(default)]
    pub second_hand: bool,
}

/// Why the file does not say what was asked.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// It is no price file. The text names line and column.
    #[error("prices: {0}")]
    Unreadable(String),
    /// It has no such entry.
    #[error("prices: {0} is missing")]
    Missing(String),
    /// It has it in another unit.
    #[error("prices: {name} is in {found}, not in {expected}")]
    Unit {
        /// Of the entry.
        name: String,
        /// What stands there.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// It is no number to calculate with.
    #[error("prices: {name} is {value}; expected a number that is not negative")]
    Value {
        /// Of the entry.
        name: String,
        /// What stands there.
        value: String,
    },
}

impl Book {
    /// The repository's own file.
    ///
    /// # Errors
    /// [`Error::Unreadable`] when it is broken.
    pub fn included() -> Result<Self, Error> {
        Self::read(INCLUDED)
    }

    /// A file of the same form.
    ///
    /// # Errors
    /// [`Error::Unreadable`] with line and column.
    pub fn read(text: &str) -> Result<Self, Error> {
        toml::from_str(text).map_err(|error| Error::Unreadable(error.to_string()))
    }

    /// A price in dollars for one of `unit`.
    ///
    /// # Errors
    /// [`Error`] when it is missing or in another unit.
    pub fn price(&self, name: &str, unit: &str) -> Result<&Entry, Error> {
        entry(&self.prices, name, &format!("USD per {unit}"))
    }

    /// A limit in that unit.
    ///
    /// # Errors
    /// [`Error`] when it is missing or in another unit.
    pub fn limit(&self, name: &str, unit: &str) -> Result<f64, Error> {
        entry(&self.limits, name, unit).map(|entry| entry.value)
    }
}

fn entry<'a>(
    table: &'a BTreeMap<String, Entry>,
    name: &str,
    unit: &str,
) -> Result<&'a Entry, Error> {
    let entry = table.get(name).ok_or_else(|| Error::Missing(name.to_owned()))?;
    if entry.unit != unit {
        let (name, found, expected) = (name.to_owned(), entry.unit.clone(), unit.to_owned());
        return Err(Error::Unit { name, found, expected });
    }
    if !entry.value.is_finite() || entry.value < 0.0 {
        return Err(Error::Value { name: name.to_owned(), value: entry.value.to_string() });
    }
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_known_with_its_unit_and_another_unit_is_refused() {
        let book = Book::included().unwrap();
        assert_eq!(book.price("lambda_requests", "million requests").unwrap().value, 0.20);
        assert!(book.price("sqs_fair_queue_surcharge", "million requests").unwrap().second_hand);
        let wrong = book.price("lambda_requests", "request").unwrap_err().to_string();
        assert!(wrong.contains("is in USD per million requests, not in USD per request"));
        assert!(
            book.limit("lunch", "plates").unwrap_err().to_string().contains("lunch is missing")
        );
        assert!(Book::read("prices = 3").unwrap_err().to_string().contains("line 1, column"));
        let negative = INCLUDED.replacen("value = 0.20", "value = -0.20", 1);
        let negative = Book::read(&negative).unwrap();
        assert!(negative.price("lambda_requests", "million requests").is_err());
    }
}
