//! The names by which the outside world knows a shipment.
//!
//! Tracking systems name parcels, bookings and waybills, never our shipment.
//! Orders bring these names, ingestion indexes them, and a later event is
//! resolved through the index.

use crate::invalid::quoted;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The longest identifier taken, in bytes.
const MAX_VALUE: usize = 64;

/// Which system of names an identifier belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// GS1 Serial Shipping Container Code: 18 digits, the last a check digit.
    Sscc,
    /// A booking reference.
    Booking,
    /// A carrier's waybill or tracking number.
    Waybill,
}

impl Scheme {
    /// Every scheme, in the order in which errors list them.
    pub const ALL: [Self; 3] = [Self::Sscc, Self::Booking, Self::Waybill];

    /// The name in documents and in the index.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sscc => "sscc",
            Self::Booking => "booking",
            Self::Waybill => "waybill",
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scheme {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|scheme| scheme.as_str() == text)
            .ok_or_else(|| Error::Scheme(quoted(text)))
    }
}

/// Why text is not an identifier. A retry does not help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A scheme that is not known.
    #[error("expected sscc, booking or waybill, got {0}")]
    Scheme(String),
    /// Not `scheme:value`.
    #[error("expected scheme:value, got {0}")]
    Form(String),
    /// Empty, too long, or with characters that no such name has.
    #[error("expected 1 to {MAX_VALUE} letters, digits or any of -._/, got {0}")]
    Value(String),
    /// Not 18 digits.
    #[error("expected an SSCC of 18 digits, got {0}")]
    Digits(String),
    /// The last digit does not fit the others: a typing or scanning error.
    #[error("wrong check digit in SSCC {value}: expected {expected}, got {got}")]
    CheckDigit {
        /// The whole code.
        value: String,
        /// The digit that would fit.
        expected: u8,
        /// The digit that is there.
        got: u8,
    },
}

/// A name of a shipment, or of something in it, in the outside world.
///
/// In JSON it is its index key, `"sscc:003456789012345670"`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Identifier {
    scheme: Scheme,
    value: String,
}

impl Identifier {
    /// Takes an identifier from outside.
    ///
    /// # Errors
    /// [`Error`] when the value does not have the form of its scheme.
    pub fn new(scheme: Scheme, value: &str) -> Result<Self, Error> {
        match scheme {
            Scheme::Sscc => check_sscc(value)?,
            Scheme::Booking | Scheme::Waybill => check_plain(value)?,
        }
        Ok(Self { scheme, value: value.to_owned() })
    }

    /// Which system of names it belongs to.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The name itself.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The key of the identifier index: `sscc:003456789012345670`.
    #[must_use]
    pub fn index_key(&self) -> String {
        format!("{}:{}", self.scheme, self.value)
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.scheme, self.value)
    }
}

impl FromStr for Identifier {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let (scheme, value) = text.split_once(':').ok_or_else(|| Error::Form(quoted(text)))?;
        Self::new(scheme.parse()?, value)
    }
}

impl TryFrom<String> for Identifier {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Identifier> for String {
    fn from(identifier: Identifier) -> Self {
        identifier.index_key()
    }
}

fn check_plain(value: &str) -> Result<(), Error> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._/".contains(&b);
    if value.is_empty() || value.len() > MAX_VALUE || !value.bytes().all(allowed) {
        return Err(Error::Value(quoted(value)));
    }
    Ok(())
}

fn check_sscc(value: &str) -> Result<(), Error> {
    let wrong = || Error::Digits(quoted(value));
    if value.len() != 18 {
        return Err(wrong());
    }
    let (body, last) = value.split_at_checked(17).ok_or_else(wrong)?;
    let expected = gs1_check_digit(body).ok_or_else(wrong)?;
    let got = last.parse().map_err(|_| wrong())?;
    if got != expected {
        return Err(Error::CheckDigit { value: value.to_owned(), expected, got });
    }
    Ok(())
}

/// The check digit of a GS1 key: weights 3 and 1 from the right, modulo 10.
/// `None` when the text is not made of digits.
#[must_use]
pub fn gs1_check_digit(body: &str) -> Option<u8> {
    let mut sum = 0_u32;
    for (at, byte) in body.bytes().rev().enumerate() {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        let weight = if at % 2 == 0 { 3 } else { 1 };
        sum = sum.checked_add(u32::from(digit) * weight)?;
    }
    u8::try_from((10 - sum % 10) % 10).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_examples_of_check_digits() {
        // GS1's own worked examples: a GTIN-13 and SSCCs of the General Specifications.
        assert_eq!(gs1_check_digit("629104150021"), Some(3));
        assert_eq!(gs1_check_digit("37610425002123456"), Some(9));
        assert_eq!(gs1_check_digit("00345678901234567"), Some(0));
        assert_eq!(gs1_check_digit("12x"), None);
    }

    #[test]
    fn errors_say_what_was_expected() {
        let of = |scheme, value| Identifier::new(scheme, value).unwrap_err().to_string();
        assert_eq!(
            of(Scheme::Sscc, "003456789012345675"),
            "wrong check digit in SSCC 003456789012345675: expected 0, got 5"
        );
        assert_eq!(of(Scheme::Sscc, "123"), "expected an SSCC of 18 digits, got \"123\"");
        // Eighteen bytes that are not eighteen digits.
        assert!(of(Scheme::Sscc, "ééééééééé").starts_with("expected an SSCC of 18 digits"));
        assert!(of(Scheme::Sscc, "00345678901234567x").starts_with("expected an SSCC"));
        for bad in ["", "a b", "a#b", &"x".repeat(65)] {
            assert!(of(Scheme::Booking, bad).starts_with("expected 1 to 64 letters"), "{bad}");
        }
        let of = |text: &str| text.parse::<Identifier>().unwrap_err().to_string();
        assert_eq!(of("gln:1"), "expected sscc, booking or waybill, got \"gln\"");
        assert_eq!(of("sscc"), "expected scheme:value, got \"sscc\"");
    }

    #[test]
    fn json_is_the_index_key_and_is_checked_again_when_read() {
        let booking = Identifier::new(Scheme::Booking, "BKR-77").unwrap();
        let json = serde_json::to_string(&booking).unwrap();
        assert_eq!(json, r#""booking:BKR-77""#);
        assert_eq!(serde_json::from_str::<Identifier>(&json).unwrap(), booking);
        assert_eq!(serde_json::to_string(&Scheme::Sscc).unwrap(), r#""sscc""#);
        assert!(serde_json::from_str::<Identifier>(r#""sscc:003456789012345675""#).is_err());
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_always_found(body in "[0-9]{17}", at in 0_usize..18, by in 1_u8..10) {
            let good = format!("{body}{}", gs1_check_digit(&body).unwrap());
            prop_assert!(Identifier::new(Scheme::Sscc, &good).is_ok());
            let mut bytes = good.into_bytes();
            bytes[at] = b'0' + (bytes[at] - b'0' + by) % 10;
            let bad = String::from_utf8(bytes).unwrap();
            let found = matches!(
                Identifier::new(Scheme::Sscc, &bad),
                Err(Error::CheckDigit { .. })
            );
            prop_assert!(found);
        }
    }
}
