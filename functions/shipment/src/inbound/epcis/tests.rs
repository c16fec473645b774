mod documents;
mod loads;
mod random;

use super::super::{Inbound, Kind, Packing, Subject, read};
use crate::payload::{RawTracking, Received};
use serde_json::{Value, json};

const PALLET: &str = "urn:epc:id:sscc:0614141.1234567890";
const PARCEL: &str = "https://id.gs1.org/00/003456789012345670";
const CONTAINER: &str = "urn:epc:id:bic:CSQU3054383";
const ITEM: &str = "urn:epc:id:sgtin:0614141.107346.2018";
const DOCK: &str = "urn:epc:id:sgln:0614141.07346.1234";

fn event() -> Value {
    json!({
        "type": "ObjectEvent",
        "eventID": "urn:uuid:e-1",
        "eventTime": "2026-11-20T20:00:00+01:00",
        "eventTimeZoneOffset": "+01:00",
        "action": "OBSERVE",
        "bizStep": "shipping",
        "epcList": [PALLET, ITEM, PALLET],
        "readPoint": {"id": DOCK},
    })
}

fn aggregation(action: &str, children: &[&str]) -> Value {
    let mut event = event();
    event["type"] = json!("AggregationEvent");
    event["action"] = json!(action);
    event["parentID"] = json!(CONTAINER);
    event["childEPCs"] = json!(children);
    event
}

fn with(changes: &[(&str, Value)]) -> Value {
    let mut event = event();
    for (name, value) in changes {
        if value.is_null() {
            event.as_object_mut().unwrap().remove(*name);
        } else {
            event[*name] = value.clone();
        }
    }
    event
}

fn given(event: &Value) -> Inbound {
    read(Kind::Epcis, &event.to_string()).unwrap()
}

fn raw(event: &Value) -> RawTracking {
    let Received::Tracking(raw) = given(event).received else { panic!("a tracking event") };
    raw
}

fn loads(event: &Value) -> Vec<String> {
    match given(event).subject {
        Subject::Loads { loads, .. } => loads.iter().map(ToString::to_string).collect(),
        Subject::Nobody(reason) => panic!("{reason}"),
        Subject::Order { .. } => panic!("no order"),
    }
}

fn packing(event: &Value) -> Option<Packing> {
    match given(event).subject {
        Subject::Loads { packing, .. } => packing,
        Subject::Nobody(_) | Subject::Order { .. } => None,
    }
}

fn error(event: &Value) -> String {
    read(Kind::Epcis, &event.to_string()).unwrap_err().to_string()
}

fn id(event: &Value) -> String {
    given(event).event.unwrap().as_str().to_owned()
}

fn document(events: &[Value]) -> Value {
    json!({
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument", "schemaVersion": "2.0", "sender": "Jane Doe",
        "epcisBody": {"eventList": events},
    })
}

fn nobody(event: &Value) -> &'static str {
    match given(event).subject {
        Subject::Nobody(reason) => reason,
        other @ (Subject::Loads { .. } | Subject::Order { .. }) => panic!("{other:?}"),
    }
}

#[test]
fn an_event_gives_its_loads_its_time_and_its_place_as_they_were_written() {
    let event = event();
    assert_eq!(id(&event), "urn:uuid:e-1");
    assert_eq!(loads(&event), ["sscc:106141412345678908"]);
    let raw = raw(&event);
    assert_eq!((raw.milestone.as_str(), raw.place.as_deref()), ("departed", Some(DOCK)));
    assert_eq!(raw.occurred_at, "2026-11-20T20:00:00+01:00");
    assert_eq!((raw.zone, raw.estimated_arrival, raw.withdraws), (None, None, None));
}

#[test]
fn a_time_without_offset_has_the_events_offset_beside_it() {
    let event = with(&[("eventTime", json!("2026-11-20T20:00:00"))]);
    assert_eq!(raw(&event).zone.as_deref(), Some("+01:00"));
    assert_eq!(raw(&with(&[("eventTime", json!("2026-11-20T19:00:00Z"))])).zone, None);
}

#[test]
fn the_bizstep_and_the_disposition_make_the_milestone() {
    let alarm = json!([{"sensorReport": [{"exception": "ERROR_CONDITION"}, {"exception": "gs1:ALARM_CONDITION"}]}]);
    let broken = json!([{"sensorReport": [{"exception": "ERROR_CONDITION"}]}]);
    for (changes, milestone) in [
        (vec![("bizStep", json!("collecting"))], "picked_up"),
        (vec![("bizStep", json!("cbv:BizStep-accepting"))], "picked_up"),
        (vec![("bizStep", json!("urn:epcglobal:cbv:bizstep:departing"))], "departed"),
        (vec![("bizStep", json!("https://ref.gs1.org/cbv/BizStep-arriving"))], "arrived"),
        (vec![("bizStep", json!("receiving"))], "received"),
        (vec![("bizStep", json!("destroying"))], "damaged"),
        (vec![("bizStep", json!("void_shipping"))], "seen"),
        (vec![("bizStep", json!("https://steps.example.org/shipping"))], "seen"),
        (vec![("bizStep", Value::Null)], "seen"),
        (vec![("disposition", json!("in_transit"))], "departed"),
        (vec![("disposition", json!("urn:epcglobal:cbv:disp:damaged"))], "damaged"),
        (vec![("disposition", json!("destroyed"))], "damaged"),
        (vec![("disposition", json!("cbv:Disp-stolen"))], "missing"),
        (vec![("persistentDisposition", json!({"set": ["damaged"]}))], "damaged"),
        (vec![("persistentDisposition", json!({"unset": ["damaged"]}))], "departed"),
        (vec![("sensorElementList", alarm.clone())], "alarm"),
        (vec![("sensorElementList", broken)], "departed"),
        (vec![("sensorElementList", alarm), ("disposition", json!("stolen"))], "missing"),
    ] {
        assert_eq!(raw(&with(&changes)).milestone, milestone, "{changes:?}");
    }
}

#[test]
fn the_place_is_the_read_point_else_the_business_location() {
    let location = json!({"id": "geo:53.5,9.9"});
    let of = |changes: &[(&str, Value)]| raw(&with(changes)).place;
    assert_eq!(of(&[("bizLocation", location.clone())]).as_deref(), Some(DOCK));
    let elsewhere = of(&[("bizLocation", location), ("readPoint", Value::Null)]);
    assert_eq!(elsewhere.as_deref(), Some("geo:53.5,9.9"));
    assert_eq!(of(&[("readPoint", json!(DOCK))]).as_deref(), Some(DOCK));
    assert_eq!(of(&[("readPoint", Value::Null)]), None);
}

#[test]
fn every_wrong_field_is_named() {
    for name in ["type", "eventTime", "eventTimeZoneOffset", "action"] {
        assert_eq!(error(&with(&[(name, Value::Null)])), format!("{name}: missing"));
    }
    for (name, value, problem) in [
        (
            "type",
            json!("QuantityEvent"),
            "type: expected ObjectEvent, AggregationEvent, TransactionEvent, TransformationEvent or AssociationEvent, got \"QuantityEvent\"",
        ),
        ("action", json!("MOVE"), "action: expected ADD, OBSERVE or DELETE, got \"MOVE\""),
        ("eventTime", json!(7), "eventTime: expected text, got a number"),
        (
            "eventTimeZoneOffset",
            json!("Z"),
            "eventTimeZoneOffset: expected an offset such as +02:00, got \"Z\"",
        ),
        (
            "eventTimeZoneOffset",
            json!("+14:30"),
            "eventTimeZoneOffset: expected an offset such as +02:00, got \"+14:30\"",
        ),
        (
            "eventTimeZoneOffset",
            json!("+é:30"),
            "eventTimeZoneOffset: expected an offset such as +02:00, got \"+é:30\"",
        ),
        ("epcList", json!([ITEM, 7]), "epcList[1]: expected an object, got a number"),
        (
            "epcList",
            json!(["https://x.example/00/106141412345678907"]),
            "epcList[0]: wrong check digit in SSCC 106141412345678907: expected 8, got 7",
        ),
        (
            "epcList",
            json!([ITEM, "urn:epc:id:bic:CSQU3054384"]),
            "epcList[1]: wrong check digit in container CSQU3054384: expected 3, got 4",
        ),
        ("readPoint", json!({"name": "dock"}), "readPoint.id: missing"),
        ("bizStep", json!(["a", "b"]), "bizStep: expected text, got a list"),
        (
            "sensorElementList",
            json!([{"sensorReport": [7]}]),
            "sensorElementList[0].sensorReport[0]: expected an object, got a number",
        ),
        ("errorDeclaration", json!({}), "errorDeclaration.declarationTime: missing"),
    ] {
        assert_eq!(error(&with(&[(name, value)])), problem);
    }
    let no_parent = |action, kind| {
        let mut event = aggregation(action, &[PALLET]);
        event["type"] = json!(kind);
        event.as_object_mut().unwrap().remove("parentID");
        error(&event)
    };
    assert_eq!(no_parent("ADD", "AggregationEvent"), "parentID: missing");
    assert_eq!(no_parent("DELETE", "AggregationEvent"), "parentID: missing");
    assert_eq!(no_parent("OBSERVE", "AssociationEvent"), "parentID: missing");
    let bare = with(&[("type", json!("TransactionEvent"))]);
    assert_eq!(error(&bare), "bizTransactionList: missing");
}
