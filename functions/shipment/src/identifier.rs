//! The names by which the outside world knows a shipment.
//!
//! Tracking systems name parcels, bookings and waybills, never our shipment.
//! Orders bring these names, ingestion indexes them, and a later event is
//! resolved through the index.

pub use crate::gs1::check_digit as gs1_check_digit;
use crate::gs1::{self, Key};
use crate::invalid::quoted;
use crate::iso6346;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The longest booking reference or waybill taken, in bytes.
const MAX_VALUE: usize = 64;

/// Which system of names an identifier belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// GS1 Serial Shipping Container Code: 18 digits, the last a check digit.
    Sscc,
    /// GS1 Global Shipment Identification Number: 17 digits, the last a check digit.
    Gsin,
    /// GS1 Global Identification Number for Consignment: up to 30 characters.
    Ginc,
    /// A GS1 asset that goods travel in or on, as application identifier and key:
    /// `8003/` and a GRAI with its serial number, or `8004/` and a GIAI.
    Asset,
    /// A freight container of ISO 6346: 4 letters, 6 digits and a check digit.
    Container,
    /// A booking reference.
    Booking,
    /// A carrier's waybill or tracking number.
    Waybill,
}

impl Scheme {
    /// Every scheme, in the order in which errors list them.
    pub const ALL: [Self; 7] = [
        Self::Sscc,
        Self::Gsin,
        Self::Ginc,
        Self::Asset,
        Self::Container,
        Self::Booking,
        Self::Waybill,
    ];

    /// The name in documents and in the index.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sscc => "sscc",
            Self::Gsin => "gsin",
            Self::Ginc => "ginc",
            Self::Asset => "asset",
            Self::Container => "container",
            Self::Booking => "booking",
            Self::Waybill => "waybill",
        }
    }

    /// What a value of it looks like, for errors.
    const fn form(self) -> &'static str {
        match self {
            Self::Sscc => "an SSCC of 18 digits",
            Self::Gsin => "a GSIN of 17 digits",
            Self::Ginc => "a GINC of up to 30 characters that begins with a company prefix",
            Self::Asset => "8003/ and a GRAI with serial number, or 8004/ and a GIAI",
            Self::Container => "a container number of 4 letters and 7 digits such as CSQU3054383",
            Self::Booking | Self::Waybill => "1 to 64 letters, digits or any of -._/",
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
    #[error("expected {}, got {_0}", schemes())]
    Scheme(String),
    /// Not `scheme:value`.
    #[error("expected scheme:value, got {0}")]
    Form(String),
    /// A value that does not have the form of its scheme.
    #[error("expected {}, got {got}", scheme.form())]
    Value {
        /// The scheme.
        scheme: Scheme,
        /// What was found, short and safe to print.
        got: String,
    },
    /// A wrong check digit, or a GS1 URI that is none.
    #[error(transparent)]
    Gs1(#[from] gs1::Error),
}

/// `sscc, booking or waybill`.
fn schemes() -> String {
    let [rest @ .., last] = Scheme::ALL.map(Scheme::as_str);
    format!("{} or {last}", rest.join(", "))
}

/// A name of a shipment, or of something in it, in the outside world.
///
/// In JSON it is its index key, `"sscc:003456789012345670"`. However a thing's
/// name was written, plain, as an EPC URN or as a Digital Link, it is the same
/// identifier.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Identifier {
    scheme: Scheme,
    value: String,
}

impl Identifier {
    /// Takes an identifier from outside. GS1 keys may be plain, URN or Digital Link.
    ///
    /// # Errors
    /// [`Error`] when the value does not have the form of its scheme.
    pub fn new(scheme: Scheme, value: &str) -> Result<Self, Error> {
        let read = match gs1::parse(value)? {
            Some(key) => Self::of(key),
            None => plain(scheme, value)?,
        };
        let fits = |found: &Self| found.scheme == scheme;
        read.filter(fits).ok_or_else(|| Error::Value { scheme, got: quoted(value) })
    }

    /// The load that a GS1 URI names. `None` for what is no load that an order
    /// could name: items, places, documents, types of assets, other URIs.
    ///
    /// # Errors
    /// [`Error`] when it is a GS1 URI with a wrong check digit or of a wrong form.
    pub fn from_uri(text: &str) -> Result<Option<Self>, Error> {
        Ok(gs1::parse(text)?.and_then(Self::of))
    }

    fn of(key: Key) -> Option<Self> {
        let (scheme, value) = match key {
            Key::Sscc(value) => (Scheme::Sscc, value),
            Key::Gsin(value) => (Scheme::Gsin, value),
            Key::Ginc(value) => (Scheme::Ginc, value),
            Key::Grai(value) => (Scheme::Asset, format!("8003/{value}")),
            Key::Giai(value) => (Scheme::Asset, format!("8004/{value}")),
            Key::Container(value) => (Scheme::Container, value),
            Key::Gln(_) | Key::Item(_) | Key::Other => return None,
        };
        Some(Self { scheme, value })
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

fn is_plain(value: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._/".contains(&b);
    !value.is_empty() && value.len() <= MAX_VALUE && value.bytes().all(allowed)
}

/// A key that is not written as a URI, in its canonical form.
fn plain(scheme: Scheme, value: &str) -> Result<Option<Identifier>, Error> {
    let (ai, key) = match scheme {
        Scheme::Sscc => ("00", value),
        Scheme::Gsin => ("402", value),
        Scheme::Ginc => ("401", value),
        Scheme::Asset => match value.split_once('/') {
            Some((ai @ ("8003" | "8004"), key)) => (ai, key),
            Some(_) | None => return Ok(None),
        },
        Scheme::Container => {
            let number = iso6346::canonical(value)?;
            return Ok(number.map(|value| Identifier { scheme, value }));
        }
        Scheme::Booking | Scheme::Waybill => {
            let value = is_plain(value).then(|| value.to_owned());
            return Ok(value.map(|value| Identifier { scheme, value }));
        }
    };
    Ok(gs1::key(ai, key)?.and_then(Identifier::of))
}

#[cfg(test)]
mod tests;
