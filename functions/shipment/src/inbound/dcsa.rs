//! DCSA Track and Trace 2.x: what container lines and terminals report.
//!
//! An event is about a means of transport, a piece of equipment or a document,
//! and planned, estimated or actual. Carriers send it alone or in a list.
//!
//! Source: DCSA Track and Trace 2.2 (its OpenAPI definition names fields, codes
//! and what is required) and 2.3. Where lines leave out what the definition asks
//! for and nothing is read from it, such as the transport call, it is not missed.

mod essentials;
mod loads;
mod milestone;
mod place;

pub(super) use essentials::essentials;

use super::pieces::{MAX_EVENTS, cut, only};
use super::{Inbound, NO_LOAD, Subject, ids};
use crate::Invalid;
use crate::event::Milestone;
use crate::fields::Field;
use crate::invalid::quoted;
use crate::payload::{RawTracking, Received};
use serde_json::{Value, json};

const MAX_WORD: usize = 64;

const EMPTY: &str = "an empty container carries no goods";

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Transport,
    Equipment,
    Shipment,
}

/// Reads one event, or a list of exactly one.
pub(super) fn read(document: &Value) -> Result<Inbound, Invalid> {
    let events = events(document)?;
    read_event(&Field::root(only(&events)?))
}

/// See [`super::pieces`].
pub(super) fn pieces(document: &Value, most: usize) -> Result<Option<Vec<String>>, Invalid> {
    let piece = |events: &[&Value]| match events {
        [event] if event.is_object() => (*event).clone(),
        events => json!(events),
    };
    Ok(cut(&events(document)?, most, piece))
}

/// A list, the member `events` in which some lines wrap it, or one bare event.
fn events(document: &Value) -> Result<Vec<&Value>, Invalid> {
    let root = Field::root(document);
    let list = if document.is_array() { Some(root) } else { root.optional("events")? };
    match list {
        Some(list) => Ok(list.list(MAX_EVENTS)?.iter().map(Field::value).collect()),
        None => Ok(vec![document]),
    }
}

fn read_event(event: &Field<'_>) -> Result<Inbound, Invalid> {
    let kind = kind(&event.required("eventType")?)?;
    let is_actual = is_actual(&event.required("eventClassifierCode")?)?;
    let time = event.required("eventDateTime")?.short_text(MAX_WORD)?;
    let created = event.required("eventCreatedDateTime")?.short_text(MAX_WORD)?;
    let code = type_code(event, kind)?;
    let place = place::of(event)?;
    let (milestone, occurred_at, place, eta) = if is_actual {
        (milestone::of(kind, &code), time, place, None)
    } else {
        // Only an arrival says when the goods will be somewhere.
        let eta = (kind == Type::Transport && code == "ARRI").then_some((time, place));
        (Milestone::Estimated.as_str(), created, None, eta)
    };
    let (estimated_arrival, estimated_for) =
        eta.map_or((None, None), |(time, place)| (Some(time), place));
    let loads = loads::of(event, kind)?;
    let subject = if is_empty(event)? {
        Subject::Nobody(EMPTY)
    } else if loads.is_empty() {
        Subject::Nobody(NO_LOAD)
    } else {
        Subject::Loads { loads, packing: None }
    };
    let received = Received::Tracking(RawTracking {
        milestone: milestone.to_owned(),
        occurred_at,
        zone: None,
        place,
        estimated_arrival,
        estimated_for,
        withdraws: None,
    });
    Ok(Inbound {
        event: Some(ids::of(event, &[])?),
        subject,
        contact: None,
        received,
        original: None,
    })
}

fn kind(field: &Field<'_>) -> Result<Type, Invalid> {
    match field.text()? {
        "TRANSPORT" => Ok(Type::Transport),
        "EQUIPMENT" => Ok(Type::Equipment),
        "SHIPMENT" => Ok(Type::Shipment),
        other => Err(field
            .invalid(format!("expected TRANSPORT, EQUIPMENT or SHIPMENT, got {}", quoted(other)))),
    }
}

/// Whether it happened, and is not just planned or estimated.
fn is_actual(field: &Field<'_>) -> Result<bool, Invalid> {
    match field.text()? {
        "ACT" => Ok(true),
        "PLN" | "EST" => Ok(false),
        other => Err(field.invalid(format!("expected ACT, PLN or EST, got {}", quoted(other)))),
    }
}

/// The code of what happened; 2.0 had one field for all three types.
fn type_code(event: &Field<'_>, kind: Type) -> Result<String, Invalid> {
    let name = match kind {
        Type::Transport => "transportEventTypeCode",
        Type::Equipment => "equipmentEventTypeCode",
        Type::Shipment => "shipmentEventTypeCode",
    };
    let field = match event.optional(name)? {
        Some(field) => field,
        None => match event.optional("eventTypeCode")? {
            Some(field) => field,
            None => event.required(name)?,
        },
    };
    field.short_text(MAX_WORD)
}

fn is_empty(event: &Field<'_>) -> Result<bool, Invalid> {
    match event.optional("emptyIndicatorCode")? {
        Some(field) => Ok(field.text()? == "EMPTY"),
        None => Ok(false),
    }
}

#[cfg(test)]
mod tests;
