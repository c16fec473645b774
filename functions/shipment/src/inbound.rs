//! What ingestion needs of a body: its kind, its ids, and a document without
//! personal data to pass on.
//!
//! Only the shape is checked here; whether the values make sense is judged by
//! processing, which can also say so in the task's record.

mod dcsa;
mod epcis;
mod ids;
mod kind;
mod order;
mod pieces;
mod tracking;
mod tree;

pub use kind::{Kind, TypeError, kind_of};

use crate::Invalid;
use crate::fields::Field;
use crate::identifier::{Identifier, Scheme};
use crate::payload::Received;
use flotilla_task::{EventId, ShipmentId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;

/// Goods that were received somewhere: delivered if it was at the destination, else
/// arrived. It is no milestone yet, since only processing knows the destination.
pub(crate) const RECEIVED: &str = "received";

/// Why an event of a standard concerns no shipment.
const NO_LOAD: &str = "names no load that an order could name";

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
    /// What is taken back, as it was: it concerns what its loads held at its own
    /// time, not when it was taken back.
    pub original: Option<Received>,
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

/// Reads a document of a kind: `data` is the CloudEvent's data as JSON text. A
/// document of a standard holds exactly one event; others are cut into
/// [`pieces`] first.
///
/// # Errors
/// [`Invalid`] with the path of the first field that is missing, of the wrong
/// type, or an id that cannot be one. A retry does not help.
pub fn read(kind: Kind, data: &str) -> Result<Inbound, Invalid> {
    let document = json(data)?;
    match kind {
        Kind::Order => order::read(&Field::root(&document)),
        Kind::Tracking => tracking::read(&Field::root(&document)),
        Kind::Epcis => epcis::read(document),
        Kind::Dcsa => dcsa::read(&document),
    }
}

/// The pieces of a document of several events: documents of the same kind, of one
/// event each; with more than `most` events, `most` documents of about as many
/// events each, to be cut in their turn. `None` when the document is one event.
/// Below two, `most` counts as two, since one piece would be the whole again.
///
/// The events are not looked into: a bad one is found when its piece is read, and
/// its neighbours do not suffer.
///
/// # Errors
/// [`Invalid`] when it is no JSON, or has no list of events where one must be.
pub fn pieces(kind: Kind, data: &str, most: usize) -> Result<Option<Vec<String>>, Invalid> {
    match kind {
        Kind::Order | Kind::Tracking => Ok(None),
        Kind::Epcis => epcis::pieces(json(data)?, most),
        Kind::Dcsa => dcsa::pieces(&json(data)?, most),
    }
}

/// The documents of a page that a source answered with, of one event each, or of
/// several where there are more than `most`. Unlike what is pushed, a page is a list
/// of events even when it has one, so that an answer about something else is told
/// from an event.
///
/// # Errors
/// [`Invalid`] when it is no JSON, or has no list of events.
pub fn page(kind: Kind, data: &str, most: usize) -> Result<Vec<String>, Invalid> {
    let document = json(data)?;
    let root = Field::root(&document);
    match kind {
        Kind::Epcis => {
            root.required("epcisBody")?;
        }
        Kind::Dcsa if !document.is_array() => {
            root.required("events")?;
        }
        Kind::Order | Kind::Tracking | Kind::Dcsa => {}
    }
    Ok(pieces(kind, data, most)?.unwrap_or_else(|| vec![data.to_owned()]))
}

/// A whole message without what people may have written about people: what is
/// kept of it until its order comes. Of a simple tracking event the note goes; of
/// the standards' events only what is read of them stays. It is read as the same
/// event, under the same id.
///
/// # Errors
/// [`Invalid`] when the message is no JSON object with `data`.
pub fn without_free_text(message: &str) -> Result<String, Invalid> {
    // The data is read by itself, so that no document is too deep only here.
    let mut message: BTreeMap<String, Box<RawValue>> =
        serde_json::from_str(message).map_err(|error| not_json(&error))?;
    let text = |value: &RawValue| serde_json::from_str::<String>(value.get()).ok();
    let kind = message.get("type").and_then(|value| text(value));
    let kind = kind.and_then(|text| kind_of(&text).ok());
    if let Some(kept) = message.get_mut("data") {
        let mut data = json(kept.get())?;
        match kind {
            Some(Kind::Epcis) => data = epcis::essentials(data),
            Some(Kind::Dcsa) => data = dcsa::essentials(&data),
            Some(Kind::Order | Kind::Tracking) | None => {
                data.as_object_mut().map(|fields| fields.remove("note"));
            }
        }
        *kept = RawValue::from_string(data.to_string()).map_err(|error| not_json(&error))?;
    }
    serde_json::to_string(&message).map_err(|error| not_json(&error))
}

pub(crate) fn json(text: &str) -> Result<Value, Invalid> {
    tree::check(text)?;
    serde_json::from_str(text).map_err(|error| not_json(&error))
}

fn not_json(error: &serde_json::Error) -> Invalid {
    Invalid::new("data", format!("not JSON: {error}"))
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
