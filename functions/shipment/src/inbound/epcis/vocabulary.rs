//! One shape for what JSON-LD may write in several.
//!
//! A name may be compact (`shipping`), prefixed (`cbv:BizStep-shipping`), a URN
//! (`urn:epcglobal:cbv:bizstep:shipping`, as EPCIS 1.x has it) or a web address
//! (`https://ref.gs1.org/cbv/BizStep-shipping`). Which prefixes a context of the
//! sender's own declares is not looked up: nothing is fetched, and the prefixes
//! of the standard are protected in its context.

use serde_json::{Map, Value};

/// What stands before the names of fields and types of the standard.
const EPCIS: [&str; 3] = ["epcis:", "https://ref.gs1.org/epcis/", "https://ns.gs1.org/epcis/"];
/// What stands before the values of the Core Business Vocabulary.
const CBV: [&str; 3] = ["cbv:", "https://ref.gs1.org/cbv/", "https://ns.gs1.org/cbv/"];
/// What stands before the terms of the GS1 Web Vocabulary.
const VOC: [&str; 3] = ["gs1:", "https://gs1.org/voc/", "https://www.gs1.org/voc/"];

/// Lists, of which one member may stand without brackets.
const LISTS: [&str; 12] = [
    "eventList",
    "epcList",
    "childEPCs",
    "childQuantityList",
    "inputEPCList",
    "outputEPCList",
    "bizTransactionList",
    "sensorElementList",
    "sensorReport",
    "set",
    "quantityList",
    "correctiveEventIDs",
];
/// Single values, around which expanded JSON-LD has brackets.
const SINGLE: [&str; 18] = [
    "type",
    "id",
    "epcisBody",
    "queryResults",
    "resultsBody",
    "eventID",
    "eventTime",
    "eventTimeZoneOffset",
    "recordTime",
    "action",
    "bizStep",
    "disposition",
    "persistentDisposition",
    "readPoint",
    "bizLocation",
    "parentID",
    "errorDeclaration",
    "declarationTime",
];

/// The same document with the field names of the standard's compact form, so
/// that the same event is the same whichever form it was sent in. It takes the
/// document apart, since two trees of a large one are too many.
pub(super) fn compact(value: Value) -> Value {
    match value {
        Value::Object(mut fields) => match fields.remove("@value") {
            Some(value) => compact(value),
            None => Value::Object(object(fields)),
        },
        Value::Array(list) => Value::Array(list.into_iter().map(compact).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

fn object(fields: Map<String, Value>) -> Map<String, Value> {
    let (mut plain, mut others) = (Map::new(), Vec::new());
    for (written, value) in fields {
        let name = compact_name(&written);
        if written == "@context" {
            plain.insert(written, value);
        } else if name == written {
            let value = bracketed(name, compact(value));
            plain.insert(written, value);
        } else {
            others.push((name.to_owned(), value));
        }
    }
    // A name that is there in its compact form, too, counts in that form.
    others.retain(|(name, _)| !plain.contains_key(name));
    for (name, value) in others {
        let value = bracketed(&name, compact(value));
        plain.insert(name, value);
    }
    plain
}

fn compact_name(written: &str) -> &str {
    match written {
        "@type" | "isA" => "type",
        "@id" => "id",
        name => strip(name, &EPCIS),
    }
}

fn bracketed(name: &str, value: Value) -> Value {
    if SINGLE.contains(&name) {
        return match value {
            Value::Array(mut list) if list.len() == 1 => list.pop().unwrap_or_default(),
            value @ (Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_)) => value,
        };
    }
    if LISTS.contains(&name) && !value.is_array() && !value.is_null() {
        return Value::Array(vec![value]);
    }
    value
}

/// The name of a business step; `None` for one of another vocabulary.
pub(super) fn business_step(text: &str) -> Option<&str> {
    name(text, "urn:epcglobal:cbv:bizstep:", "BizStep-")
}

/// The name of a disposition; `None` for one of another vocabulary.
pub(super) fn disposition(text: &str) -> Option<&str> {
    name(text, "urn:epcglobal:cbv:disp:", "Disp-")
}

/// The type of a business transaction; `None` for one of another vocabulary.
pub(super) fn transaction_type(text: &str) -> Option<&str> {
    name(text, "urn:epcglobal:cbv:btt:", "BTT-")
}

/// Whether a sensor's report says that a limit was crossed.
pub(super) fn is_alarm(text: &str) -> bool {
    strip(text, &VOC) == "ALARM_CONDITION"
}

fn name<'a>(text: &'a str, urn: &str, kind: &str) -> Option<&'a str> {
    if let Some(name) = text.strip_prefix(urn) {
        return Some(name);
    }
    let rest = strip(text, &CBV);
    if rest.len() < text.len() {
        return rest.strip_prefix(kind);
    }
    (!text.contains(':')).then_some(text)
}

fn strip<'a>(text: &'a str, prefixes: &[&str]) -> &'a str {
    prefixes.iter().find_map(|prefix| text.strip_prefix(prefix)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_term_has_four_forms() {
        for text in [
            "shipping",
            "cbv:BizStep-shipping",
            "urn:epcglobal:cbv:bizstep:shipping",
            "https://ref.gs1.org/cbv/BizStep-shipping",
            "https://ns.gs1.org/cbv/BizStep-shipping",
        ] {
            assert_eq!(business_step(text), Some("shipping"), "{text}");
        }
        assert_eq!(disposition("cbv:Disp-damaged"), Some("damaged"));
        assert_eq!(disposition("urn:epcglobal:cbv:disp:damaged"), Some("damaged"));
        assert_eq!(transaction_type("https://ref.gs1.org/cbv/BTT-bol"), Some("bol"));
        for other in
            ["cbv:Disp-damaged", "http://epcis.example.org/hc/bizstep/shipping", "example:shipping"]
        {
            assert_eq!(business_step(other), None, "{other}");
        }
        assert!(is_alarm("ALARM_CONDITION") && is_alarm("gs1:ALARM_CONDITION"));
        assert!(is_alarm("https://gs1.org/voc/ALARM_CONDITION"));
        assert!(!is_alarm("ERROR_CONDITION") && !is_alarm("example:ALARM_CONDITION"));
    }

    #[test]
    fn expanded_and_prefixed_fields_become_the_compact_ones() {
        let expanded = json!({
            "@context": {"@vocab": "https://ref.gs1.org/epcis/"},
            "@type": ["https://ref.gs1.org/epcis/ObjectEvent"],
            "https://ref.gs1.org/epcis/eventTime": [{"@value": "2026-11-20T20:00:00Z", "@type": "xsd:dateTimeStamp"}],
            "epcis:epcList": {"@id": "urn:epc:id:sscc:0614141.1234567890"},
            "epcis:readPoint": [{"@id": "urn:epc:id:sgln:0614141.07346.1234"}],
            "action": "ADD", "epcis:action": "OBSERVE",
            "example:myField": [1],
        });
        let compacted = json!({
            "@context": {"@vocab": "https://ref.gs1.org/epcis/"},
            "type": "https://ref.gs1.org/epcis/ObjectEvent",
            "eventTime": "2026-11-20T20:00:00Z",
            "epcList": [{"id": "urn:epc:id:sscc:0614141.1234567890"}],
            "readPoint": {"id": "urn:epc:id:sgln:0614141.07346.1234"},
            "action": "ADD",
            "example:myField": [1],
        });
        assert_eq!(compact(expanded), compacted);
        assert_eq!(compact(compacted.clone()), compacted);
    }
}
