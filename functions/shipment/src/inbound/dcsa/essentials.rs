//! What of an event is looked at, and nothing else: what may be kept of it.
//!
//! Remarks, reasons, addresses and the customer's own references may name
//! people. What is known to be needed is taken over, the rest is not.

use super::events;
use crate::Invalid;
use crate::fields::Field;
use crate::inbound::ids;
use serde_json::{Map, Value};

/// Fields that hold codes, times and numbers of documents only.
const KEPT: [&str; 13] = [
    "eventType",
    "eventClassifierCode",
    "eventDateTime",
    "eventCreatedDateTime",
    "eventTypeCode",
    "transportEventTypeCode",
    "equipmentEventTypeCode",
    "shipmentEventTypeCode",
    "equipmentReference",
    "emptyIndicatorCode",
    "documentID",
    "documentTypeCode",
    "shipmentInformationTypeCode",
];
const LOCATION: [&str; 4] = ["UNLocationCode", "unLocationCode", "latitude", "longitude"];

/// The list of events with only what is read of them, under the same ids. What
/// is no DCSA document gives nothing.
pub(in super::super) fn essentials(document: &Value) -> Value {
    let events = events(document).unwrap_or_default();
    events.into_iter().filter_map(|event| reduced(event).ok()).collect()
}

fn reduced(event: &Value) -> Result<Value, Invalid> {
    let mut kept = picked(event, &KEPT);
    // The fingerprint of what is left would be another.
    let id = ids::of(&Field::root(event), &[])?;
    kept.insert("eventID".to_owned(), id.as_str().into());
    if let Some(place) = event.get("eventLocation") {
        kept.insert("eventLocation".to_owned(), location(place));
    }
    if let Some(call) = event.get("transportCall") {
        let mut of_call = picked(call, &LOCATION);
        if let Some(place) = call.get("location") {
            of_call.insert("location".to_owned(), location(place));
        }
        kept.insert("transportCall".to_owned(), of_call.into());
    }
    let entries = |name: &str| event.get(name).and_then(Value::as_array).into_iter().flatten();
    let documents = entries("documentReferences")
        .map(|entry| picked(entry, &["documentReferenceType", "documentReferenceValue"]));
    let equipment = entries("references")
        .filter(|entry| entry.get("referenceType").and_then(Value::as_str) == Some("EQ"))
        .map(|entry| picked(entry, &["referenceType", "referenceValue"]));
    kept.insert("documentReferences".to_owned(), documents.map(Value::Object).collect());
    kept.insert("references".to_owned(), equipment.map(Value::Object).collect());
    Ok(Value::Object(kept))
}

/// A location, which some lines write as its code alone.
fn location(place: &Value) -> Value {
    if place.is_string() { place.clone() } else { picked(place, &LOCATION).into() }
}

fn picked(value: &Value, names: &[&str]) -> Map<String, Value> {
    let mut fields = value.as_object().cloned().unwrap_or_default();
    fields.retain(|name, _| names.contains(&name.as_str()));
    fields
}
