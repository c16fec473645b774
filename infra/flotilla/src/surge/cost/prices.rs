//! The price file, for who asks for a price with the unit that it expects.

use crate::error::Error;
use flotilla_plan::Book;

/// The prices of the file that the plan of `make deploy` reads as well.
#[derive(Debug)]
pub(super) struct Prices(Book);

impl Prices {
    pub(super) fn read() -> Result<Self, Error> {
        Book::included().map(Self).map_err(|error| Error::usage(error.to_string()))
    }

    /// A price in dollars, and whether it is known from a report only.
    pub(super) fn of(&self, name: &str, unit: &str) -> Result<(f64, bool), Error> {
        let price = self.0.price(name, unit).map_err(|error| Error::usage(error.to_string()))?;
        Ok((price.value, price.second_hand))
    }
}
