//! What of an event is looked at, and nothing else: what may be kept of it.
//!
//! Extensions, master data and reasons may name people, in words that no one can
//! tell from others. So not they are taken out, but what is known to be needed is
//! taken over.

use super::vocabulary::compact;
use super::{document, identity};
use crate::Invalid;
use crate::fields::Field;
use serde_json::{Map, Value, json};

/// Fields that hold names of things, times and terms only.
const KEPT: [&str; 14] = [
    "type",
    "eventTime",
    "eventTimeZoneOffset",
    "action",
    "bizStep",
    "disposition",
    "persistentDisposition",
    "epcList",
    "parentID",
    "childEPCs",
    "inputEPCList",
    "outputEPCList",
    "readPoint",
    "bizLocation",
];

/// The document with only what is read of it, under the same ids. What is no
/// EPCIS document gives nothing.
pub(in super::super) fn essentials(root: Value) -> Value {
    let document = compact(root);
    let events = document::events(&document).unwrap_or_default();
    let events: Vec<Value> = events.into_iter().filter_map(|event| reduced(event).ok()).collect();
    json!({"type": "EPCISDocument", "epcisBody": {"eventList": events}})
}

fn reduced(event: &Value) -> Result<Value, Invalid> {
    let field = Field::root(event);
    let mut kept: Map<String, Value> = KEPT
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), event.get(name)?.clone())))
        .collect();
    for name in ["readPoint", "bizLocation"] {
        if let Some(place) = kept.get_mut(name) {
            only(place, &["id"]);
        }
    }
    if let Some(set) = kept.get_mut("persistentDisposition") {
        only(set, &["set"]);
    }
    // The fingerprint of what is left would be another.
    kept.insert("eventID".to_owned(), identity::id(&field)?.as_str().into());
    if let Some(Value::Array(list)) = event.get("childQuantityList") {
        // It counts only whether there are any.
        kept.insert("childQuantityList".to_owned(), list.iter().map(|_| json!({})).collect());
    }
    if let Some(declaration) = event.get("errorDeclaration") {
        let mut declaration = declaration.clone();
        only(&mut declaration, &["declarationTime"]);
        kept.insert("errorDeclaration".to_owned(), declaration);
    }
    if let Some(Value::Array(list)) = event.get("bizTransactionList") {
        let mut list = list.clone();
        list.iter_mut().for_each(|entry| only(entry, &["type", "bizTransaction"]));
        kept.insert("bizTransactionList".to_owned(), Value::Array(list));
    }
    if let Some(Value::Array(list)) = event.get("sensorElementList") {
        let mut list = list.clone();
        for element in &mut list {
            only(element, &["sensorReport"]);
            if let Some(Value::Array(reports)) = element.get_mut("sensorReport") {
                reports.iter_mut().for_each(|report| only(report, &["exception"]));
            }
        }
        kept.insert("sensorElementList".to_owned(), Value::Array(list));
    }
    Ok(Value::Object(kept))
}

/// Leaves these fields of an object.
fn only(value: &mut Value, names: &[&str]) {
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|name, _| names.contains(&name.as_str()));
    }
}
