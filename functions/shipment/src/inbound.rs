//! What ingestion needs of a body: its kind, its ids, and a document without
//! personal data to pass on.
//!
//! Only the shape is checked here; whether the values make sense is judged by
//! processing, which can also say so in the task's record.

mod order;
mod tracking;

use crate::Invalid;
use crate::fields::Field;
use crate::identifier::{Identifier, Scheme};
use crate::invalid::quoted;
use crate::payload::Received;
use flotilla_task::message::version_of;
use flotilla_task::{EventId, ShipmentId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The kinds of documents that ingestion takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The fleet's own order document.
    Order,
    /// The fleet's own simple tracking event.
    Tracking,
}

impl Kind {
    /// The newest version of the document that this build reads.
    const fn version(self) -> u32 {
        match self {
            Self::Order | Self::Tracking => 1,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Order => "order",
            Self::Tracking => "tracking",
        })
    }
}

/// Why a CloudEvent's type is not one to read here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TypeError {
    /// No kind of document that the fleet knows. Permanent.
    #[error("type: expected flotilla.order.v1 or flotilla.tracking.v1, got {0}")]
    Unknown(String),
    /// A kind that is known, in a version that is not: a rollout or a rollback
    /// is under way. A retry helps.
    #[error("type: this build reads {kind} up to version {}, got {version}", kind.version())]
    Newer {
        /// The kind.
        kind: Kind,
        /// The version that was sent.
        version: u32,
    },
}

/// Which kind of document a CloudEvent's `type` announces.
///
/// # Errors
/// [`TypeError`], which says whether a retry helps.
pub fn kind_of(ce_type: &str) -> Result<Kind, TypeError> {
    let kinds = [(Kind::Order, "flotilla.order"), (Kind::Tracking, "flotilla.tracking")];
    let (kind, version) = kinds
        .into_iter()
        .find_map(|(kind, family)| Some((kind, version_of(ce_type, family)?)))
        .ok_or_else(|| TypeError::Unknown(quoted(ce_type)))?;
    if version > kind.version() {
        return Err(TypeError::Newer { kind, version });
    }
    Ok(kind)
}

/// What ingestion takes from a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    /// The event's own id, where the document carries one; otherwise the
    /// message's id is the event's.
    pub event: Option<EventId>,
    /// What it is about.
    pub subject: Subject,
    /// Personal data, for the shipment's contact record and nowhere else.
    pub contact: Option<Contact>,
    /// The rest, free of personal data: the payload of a new task.
    pub received: Received,
}

/// What a document is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// An order's shipment, and every name it is known by.
    Order {
        /// The shipment.
        shipment: ShipmentId,
        /// Its names.
        names: Vec<Identifier>,
    },
    /// Loads, which are whatever shipments are registered for them or packed in them.
    Loads {
        /// Every load that the event names, its parent too.
        loads: Vec<Identifier>,
        /// What was packed or unpacked, if anything.
        packing: Option<Packing>,
    },
    /// Nothing that an order could name; says why.
    Nobody(&'static str),
}

/// What an event says about which load is in which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packing {
    /// What holds them.
    pub parent: Identifier,
    /// What is in it, or was taken out of it.
    pub contents: Contents,
    /// Put in (true) or taken out.
    pub inside: bool,
}

/// What was packed or unpacked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contents {
    /// Everything that is in it: it was emptied.
    All,
    /// These.
    These(Vec<Identifier>),
}

/// Whom to deliver to: personal data. It has no useful `Debug`, so that it
/// cannot slip into a log.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Contact {
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Email address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Postal address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contact(..)")
    }
}

/// Reads a document of a kind: `data` is the CloudEvent's data as JSON text.
///
/// # Errors
/// [`Invalid`] with the path of the first field that is missing, of the wrong
/// type, or an id that cannot be one. A retry does not help.
pub fn read(kind: Kind, data: &str) -> Result<Inbound, Invalid> {
    let document = serde_json::from_str(data)
        .map_err(|error| Invalid::new("data", format!("not JSON: {error}")))?;
    let root = Field::root(&document);
    match kind {
        Kind::Order => order::read(&root),
        Kind::Tracking => tracking::read(&root),
    }
}

/// STUB
pub fn pieces(_kind: Kind, _data: &str, _most: usize) -> Result<Option<Vec<String>>, Invalid> {
    Ok(None)
}

/// A whole message without what people may have written about people: what is
/// kept of it until its order comes. Free text stands in a tracking event's note.
///
/// # Errors
/// [`Invalid`] when the message is no JSON object with `data`.
pub fn without_free_text(message: &str) -> Result<String, Invalid> {
    let mut message: serde_json::Value = serde_json::from_str(message)
        .map_err(|error| Invalid::new("data", format!("not JSON: {error}")))?;
    if let Some(data) = message.get_mut("data").and_then(serde_json::Value::as_object_mut) {
        data.remove("note");
    }
    Ok(message.to_string())
}

/// Reads `{"scheme":"sscc","value":"..."}`.
fn identifier(field: &Field<'_>) -> Result<Identifier, Invalid> {
    let scheme = field.required("scheme")?;
    let value = field.required("value")?;
    let scheme = scheme.text()?.parse::<Scheme>().map_err(|e| scheme.invalid(e.to_string()))?;
    Identifier::new(scheme, value.text()?).map_err(|e| value.invalid(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_known_newer_or_unknown() {
        assert_eq!(kind_of("flotilla.order.v1"), Ok(Kind::Order));
        assert_eq!(kind_of("flotilla.tracking.v1"), Ok(Kind::Tracking));
        assert_eq!(
            kind_of("flotilla.tracking.v2"),
            Err(TypeError::Newer { kind: Kind::Tracking, version: 2 })
        );
        assert_eq!(
            kind_of("flotilla.order.v7").unwrap_err().to_string(),
            "type: this build reads order up to version 1, got 7"
        );
        for bad in ["", "flotilla.order", "flotilla.order.v", "flotilla.order.v0"] {
            assert!(matches!(kind_of(bad), Err(TypeError::Unknown(_))), "{bad}");
        }
        for bad in ["flotilla.order.v01", "flotilla.order.v+1", "flotilla.order.v99999999999"] {
            assert!(matches!(kind_of(bad), Err(TypeError::Unknown(_))), "{bad}");
        }
        assert_eq!(
            kind_of("com.example.weather").unwrap_err().to_string(),
            "type: expected flotilla.order.v1 or flotilla.tracking.v1, got \"com.example.weather\""
        );
        assert!(kind_of(&"x".repeat(9999)).unwrap_err().to_string().len() < 200);
    }

    #[test]
    fn what_is_kept_of_a_message_has_no_free_text() {
        let message = r#"{"id":"1","data":{"note":"left with Mrs Smith","place":"DEHAM"}}"#;
        assert_eq!(without_free_text(message).unwrap(), r#"{"data":{"place":"DEHAM"},"id":"1"}"#);
        assert_eq!(without_free_text("{").unwrap_err().field, "data");
    }

    #[test]
    fn text_that_is_not_json_says_where() {
        let error = read(Kind::Order, "{\"shipment\":").unwrap_err();
        assert_eq!(error.field, "data");
        assert!(error.problem.contains("line 1 column 12"), "{error}");
        let error = read(Kind::Order, "[]").unwrap_err();
        assert_eq!(error.to_string(), "data: expected an object, got a list");
    }
}
