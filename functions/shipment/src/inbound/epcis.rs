//! GS1 EPCIS 2.0 in JSON and JSON-LD: what was seen, where, when and why.
//!
//! An event names what it is about by EPCs. Those that name a load, which an
//! order could list, are looked up; single items and quantities are not. What
//! was packed in what is learned from aggregation and association events.
//!
//! Sources: GS1 EPCIS 2.0 (JSON binding in chapter 10, events in 7.4), GS1 Core
//! Business Vocabulary 2.0 (business steps in 7.1, dispositions in 7.2, business
//! transactions in 7.3), and the JSON schemas that belong to them.

mod document;
mod essentials;
mod identity;
mod loads;
mod milestone;
mod vocabulary;

pub(super) use document::pieces;
pub(super) use essentials::essentials;

use super::{Inbound, NO_LOAD, Subject};
use crate::Invalid;
use crate::event::Milestone;
use crate::fields::Field;
use crate::invalid::quoted;
use crate::payload::{RawTracking, Received};
use serde_json::Value;

/// The longest time worth passing on.
const MAX_TIME: usize = 64;
/// The longest place: a Digital Link with a host and a path of its own.
const MAX_PLACE: usize = 256;
/// More than any event lists; the event as a whole is bounded as well.
const MAX_LIST: usize = 10_000;

const OTHER_TYPE: &str = "is of a type that the standard does not know";

/// The types of events of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Object,
    Aggregation,
    Transaction,
    Transformation,
    Association,
}

/// What an event does to what it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Add,
    Observe,
    Delete,
}

/// Reads a document of exactly one event, or a bare event.
pub(super) fn read(root: Value) -> Result<Inbound, Invalid> {
    let document = vocabulary::compact(root);
    let events = document::events(&document)?;
    read_event(&Field::root(super::pieces::only(&events)?))
}

fn read_event(event: &Field<'_>) -> Result<Inbound, Invalid> {
    let kind = kind(&event.required("type")?)?;
    let time = event.required("eventTime")?.short_text(MAX_TIME)?;
    let offset = offset(&event.required("eventTimeZoneOffset")?)?;
    let identity = identity::of(event)?;
    let (subject, withdrawn) = match kind {
        None => (Subject::Nobody(OTHER_TYPE), identity.withdrawn),
        Some(kind) => {
            let named = loads::of(event, kind, action(event, kind)?)?;
            // Which of its contents were right and which wrong, nobody says: what
            // was learned from an event that is taken back stays as it is.
            let packing = named.packing.filter(|_| identity.withdrawn.is_none());
            let subject = if named.loads.is_empty() {
                Subject::Nobody(NO_LOAD)
            } else {
                Subject::Loads { loads: named.loads, packing }
            };
            (subject, identity.withdrawn)
        }
    };
    let original = withdrawn.as_ref().map(|_| {
        let raw = tracking(Milestone::Seen.as_str(), time.clone(), offset.clone());
        Received::Tracking(raw)
    });
    let tracking = match withdrawn {
        Some(id) => {
            let declared = event.required("errorDeclaration")?.required("declarationTime")?;
            let mut raw =
                tracking(Milestone::Withdrawn.as_str(), declared.short_text(MAX_TIME)?, offset);
            raw.withdraws = Some(id.into());
            raw
        }
        None => {
            let mut raw = tracking(milestone::of(event)?, time, offset);
            raw.place = place(event)?;
            raw
        }
    };
    let received = Received::Tracking(tracking);
    Ok(Inbound { event: Some(identity.event), subject, contact: None, received, original })
}

fn tracking(milestone: &str, occurred_at: String, offset: String) -> RawTracking {
    let zone = (!has_offset(&occurred_at)).then_some(offset);
    RawTracking {
        milestone: milestone.to_owned(),
        occurred_at,
        zone,
        place: None,
        estimated_arrival: None,
        estimated_for: None,
        withdraws: None,
    }
}

/// The event's type; `None` for one of another vocabulary, as extensions may have.
fn kind(field: &Field<'_>) -> Result<Option<Type>, Invalid> {
    let text = field.text()?;
    let name = text.rsplit([':', '/', '#']).next().unwrap_or(text);
    Ok(Some(match name {
        "ObjectEvent" => Type::Object,
        "AggregationEvent" => Type::Aggregation,
        "TransactionEvent" => Type::Transaction,
        "TransformationEvent" => Type::Transformation,
        "AssociationEvent" => Type::Association,
        _ if text.contains(':') => return Ok(None),
        _ => {
            let expected = "ObjectEvent, AggregationEvent, TransactionEvent, TransformationEvent or AssociationEvent";
            return Err(field.invalid(format!("expected {expected}, got {}", quoted(text))));
        }
    }))
}

/// Every event says what it does to its objects, but a transformation.
fn action(event: &Field<'_>, kind: Type) -> Result<Option<Action>, Invalid> {
    let field = match kind {
        Type::Object | Type::Aggregation | Type::Transaction | Type::Association => {
            event.required("action")?
        }
        Type::Transformation => return Ok(None),
    };
    match field.text()? {
        "ADD" => Ok(Some(Action::Add)),
        "OBSERVE" => Ok(Some(Action::Observe)),
        "DELETE" => Ok(Some(Action::Delete)),
        other => {
            Err(field.invalid(format!("expected ADD, OBSERVE or DELETE, got {}", quoted(other))))
        }
    }
}

/// `+02:00`, up to fourteen hours in either direction.
fn offset(field: &Field<'_>) -> Result<String, Invalid> {
    let text = field.text()?;
    let wrong =
        || field.invalid(format!("expected an offset such as +02:00, got {}", quoted(text)));
    let (sign, rest) = text.split_at_checked(1).ok_or_else(wrong)?;
    let (hours, minutes) = rest.split_once(':').ok_or_else(wrong)?;
    let two = |text: &str| -> Option<u8> {
        (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
    };
    match (sign, two(hours), two(minutes)) {
        ("+" | "-", Some(0..=13), Some(0..=59)) | ("+" | "-", Some(14), Some(0)) => {
            Ok(text.to_owned())
        }
        _ => Err(wrong()),
    }
}

/// Whether a time of day says its own offset.
fn has_offset(time: &str) -> bool {
    time.split_once(['T', 't', ' ']).is_some_and(|(_, clock)| clock.contains(['Z', 'z', '+', '-']))
}

/// Where it happened; else where the objects are taken to be afterwards.
fn place(event: &Field<'_>) -> Result<Option<String>, Invalid> {
    for name in ["readPoint", "bizLocation"] {
        if let Some(field) = event.optional(name)? {
            return uri(&field)?.short_text(MAX_PLACE).map(Some);
        }
    }
    Ok(None)
}

/// A URI, as text or as an object with an id.
fn uri<'a>(field: &Field<'a>) -> Result<Field<'a>, Invalid> {
    if field.is_text() { Ok(field.clone()) } else { field.required("id") }
}

#[cfg(test)]
mod tests;
