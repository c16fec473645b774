//! Events of the standards, before they are put into documents.

use crate::books::{Event, Fate};
use serde_json::Value;

/// Which standard a system speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standard {
    /// GS1 EPCIS 2.0, from warehouses.
    Epcis,
    /// DCSA Track & Trace 2.2, from container lines.
    Dcsa,
}

impl Standard {
    /// The type of the `CloudEvents` around its documents.
    pub(crate) const fn kind(self) -> &'static str {
        match self {
            Self::Epcis => "flotilla.epcis.v2",
            Self::Dcsa => "flotilla.dcsa.v2",
        }
    }

    /// Where they come from.
    pub(crate) const fn source(self) -> &'static str {
        match self {
            Self::Epcis => "urn:flotilla:warehouse",
            Self::Dcsa => "urn:flotilla:line",
        }
    }
}

/// One event of a standard.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Happening {
    pub(crate) what: &'static str,
    pub(crate) standard: Standard,
    /// By which id the fleet knows it.
    pub(crate) id: String,
    pub(crate) data: Value,
    pub(crate) tenant: &'static str,
    pub(crate) expected: Fate,
    /// When it happened, as a share of the day.
    pub(crate) at: f64,
}

impl Happening {
    /// Its line in the first book.
    pub(crate) fn event(&self) -> Event {
        Event {
            what: self.what.to_owned(),
            id: Some(self.id.clone()),
            expected: self.expected.clone(),
        }
    }
}
