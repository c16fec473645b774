//! Reads the price file; who asks for a price says the unit that it expects.

use crate::error::Error;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The same file that the plan of `make deploy` reads.
const FILE: &str = include_str!("../../../../prices/prices.toml");

/// The prices of the file. What else stands in it is for others.
#[derive(Debug, Deserialize)]
pub(super) struct Prices {
    prices: BTreeMap<String, Price>,
}

#[derive(Debug, Deserialize)]
struct Price {
    value: f64,
    unit: String,
    #[serde(default)]
    second_hand: bool,
}

impl Prices {
    pub(super) fn read() -> Result<Self, Error> {
        toml::from_str(FILE).map_err(|error| Error::usage(format!("prices.toml: {error}")))
    }

    /// A price in dollars, and whether it is known from a report only.
    pub(super) fn of(&self, name: &str, unit: &str) -> Result<(f64, bool), Error> {
        let wrong = |problem: String| Error::usage(format!("prices.toml: {name} {problem}"));
        let price = self.prices.get(name).ok_or_else(|| wrong("is missing".to_owned()))?;
        if price.unit != format!("USD per {unit}") {
            return Err(wrong(format!("is in {}, not in USD per {unit}", price.unit)));
        }
        Ok((price.value, price.second_hand))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_known_with_its_unit_and_another_unit_is_refused() {
        let prices = Prices::read().unwrap();
        assert_eq!(prices.of("lambda_requests", "million requests").unwrap(), (0.20, false));
        assert!(prices.of("sqs_fair_queue_surcharge", "million requests").unwrap().1);
        let wrong = prices.of("lambda_requests", "request").unwrap_err().to_string();
        assert!(wrong.contains("is in USD per million requests, not in USD per request"));
        assert!(prices.of("lunch", "plate").unwrap_err().to_string().contains("lunch is missing"));
    }
}
