use super::super::{Inbound, Kind, Subject, pieces, read, without_free_text};
use crate::payload::{RawTracking, Received};
use serde_json::{Value, json};

/// An arrival with the fields that the definition asks for.
fn transport() -> Value {
    json!({
        "eventID": "3cecb101-7a1a-43a4-9d62-e88a131651e2",
        "eventCreatedDateTime": "2026-11-20T12:00:00Z",
        "eventType": "TRANSPORT",
        "eventClassifierCode": "ACT",
        "eventDateTime": "2026-11-20T14:12:56+01:00",
        "transportEventTypeCode": "ARRI",
        "changeRemark": "Mrs Smith missed the tide",
        "transportCall": {"transportCallID": "1", "UNLocationCode": "DEHAM", "modeOfTransport": "VESSEL"},
        "documentReferences": [
            {"documentReferenceType": "BKG", "documentReferenceValue": "ABC709951"},
            {"documentReferenceType": "TRD (Transport Document)", "documentReferenceValue": "HHL-71800000"},
            {"documentReferenceType": "SHI", "documentReferenceValue": "SI-1"},
        ],
        "references": [
            {"referenceType": "EQ", "referenceValue": "APZU4812090"},
            {"referenceType": "FF", "referenceValue": "ask Mrs Smith"},
        ],
    })
}

fn equipment(code: &str) -> Value {
    json!({
        "eventID": "3cecb101-7a1a-43a4-9d62-e88a131651e3",
        "eventCreatedDateTime": "2026-11-20T12:00:00Z",
        "eventType": "EQUIPMENT",
        "eventClassifierCode": "ACT",
        "eventDateTime": "2026-11-20T14:12:56+01:00",
        "equipmentEventTypeCode": code,
        "equipmentReference": "CSQU3054383",
        "emptyIndicatorCode": "LADEN",
        "eventLocation": {"UNLocationCode": "NLRTM", "address": {"name": "Mrs Smith"}},
    })
}

fn shipment(code: &str) -> Value {
    json!({
        "eventID": "3cecb101-7a1a-43a4-9d62-e88a131651e4",
        "eventCreatedDateTime": "2026-11-20T12:00:00Z",
        "eventType": "SHIPMENT",
        "eventClassifierCode": "ACT",
        "eventDateTime": "2026-11-20T12:00:00Z",
        "shipmentEventTypeCode": code,
        "documentID": "BKR-77",
        "documentTypeCode": "BKG",
        "reason": "Mrs Smith said so",
    })
}

fn with(mut event: Value, changes: &[(&str, Value)]) -> Value {
    for (name, value) in changes {
        event[*name] = value.clone();
    }
    event
}

fn given(event: &Value) -> Inbound {
    read(Kind::Dcsa, &event.to_string()).unwrap()
}

fn raw(event: &Value) -> RawTracking {
    let Received::Tracking(raw) = given(event).received else { panic!("a tracking event") };
    raw
}

fn loads(event: &Value) -> Vec<String> {
    match given(event).subject {
        Subject::Loads { loads, packing: None } => loads.iter().map(ToString::to_string).collect(),
        other @ (Subject::Loads { .. } | Subject::Nobody(_) | Subject::Order { .. }) => {
            panic!("{other:?}")
        }
    }
}

fn nobody(event: &Value) -> &'static str {
    match given(event).subject {
        Subject::Nobody(reason) => reason,
        other @ (Subject::Loads { .. } | Subject::Order { .. }) => panic!("{other:?}"),
    }
}

fn error(event: &Value) -> String {
    read(Kind::Dcsa, &event.to_string()).unwrap_err().to_string()
}

#[test]
fn an_actual_event_happened_at_its_time_and_place() {
    let raw = raw(&transport());
    assert_eq!((raw.milestone.as_str(), raw.place.as_deref()), ("arrived", Some("DEHAM")));
    assert_eq!(raw.occurred_at, "2026-11-20T14:12:56+01:00");
    assert_eq!((raw.estimated_arrival, raw.estimated_for), (None, None));
    let id = given(&transport()).event.unwrap();
    assert_eq!(id.as_str(), "3cecb101-7a1a-43a4-9d62-e88a131651e2");
}

#[test]
fn planned_and_estimated_arrivals_were_said_when_they_were_written_down() {
    for code in ["PLN", "EST"] {
        let raw = raw(&with(transport(), &[("eventClassifierCode", json!(code))]));
        assert_eq!((raw.milestone.as_str(), raw.place), ("estimated", None));
        assert_eq!(raw.occurred_at, "2026-11-20T12:00:00Z");
        assert_eq!(raw.estimated_arrival.as_deref(), Some("2026-11-20T14:12:56+01:00"));
        assert_eq!(raw.estimated_for.as_deref(), Some("DEHAM"));
    }
    let departure =
        [("eventClassifierCode", json!("EST")), ("transportEventTypeCode", json!("DEPA"))];
    for event in [
        with(transport(), &departure),
        with(equipment("DISC"), &[("eventClassifierCode", json!("EST"))]),
    ] {
        let raw = raw(&event);
        assert_eq!(raw.milestone, "estimated");
        assert_eq!((raw.estimated_arrival, raw.estimated_for), (None, None));
    }
}

#[test]
fn every_code_of_the_definition_has_its_milestone() {
    for (event, codes) in [
        (transport as fn() -> Value, "ARRI arrived, DEPA departed"),
        (
            || equipment(""),
            "LOAD seen, DISC arrived, GTIN seen, GTOT departed, STUF seen, STRP seen, PICK picked_up, DROP received, INSP seen, RSEA seen, RMVD seen, NEW1 seen",
        ),
        (
            || shipment(""),
            "RECE seen, DRFT seen, PENA seen, PENU seen, REJE stopped, APPR seen, ISSU seen, SURR seen, SUBM seen, VOID stopped, CONF seen, REQS seen, CMPL seen, HOLD stopped, RELS seen, CANC stopped",
        ),
    ] {
        let event = event();
        let field = ["transportEventTypeCode", "equipmentEventTypeCode", "shipmentEventTypeCode"]
            .into_iter()
            .find(|name| event.get(name).is_some())
            .unwrap();
        for pair in codes.split(", ") {
            let (code, milestone) = pair.split_once(' ').unwrap();
            let found = raw(&with(event.clone(), &[(field, json!(code))])).milestone;
            assert_eq!(found, milestone, "{field} {code}");
        }
    }
}

#[test]
fn loads_are_the_container_the_booking_and_the_transport_document() {
    assert_eq!(
        loads(&transport()),
        ["booking:ABC709951", "waybill:HHL-71800000", "container:APZU4812090"]
    );
    assert_eq!(loads(&equipment("LOAD")), ["container:CSQU3054383"]);
    assert_eq!(loads(&shipment("CONF")), ["booking:BKR-77"]);
    let bill = [("documentTypeCode", json!("TRD")), ("documentID", json!("MEDUJZ334684"))];
    assert_eq!(loads(&with(shipment("ISSU"), &bill)), ["waybill:MEDUJZ334684"]);
    let none = "names no load that an order could name";
    assert_eq!(nobody(&with(shipment("ISSU"), &[("documentTypeCode", json!("ARN"))])), none);
    // Equipment may be numbered in another way than by ISO 6346.
    let chassis = with(equipment("GTIN"), &[("equipmentReference", json!("CHASSIS-17"))]);
    assert_eq!(nobody(&chassis), none);
    let empty = with(equipment("DROP"), &[("emptyIndicatorCode", json!("EMPTY"))]);
    assert_eq!(nobody(&empty), "an empty container carries no goods");
}

#[test]
fn the_place_is_a_locode_else_coordinates() {
    let own = json!({"latitude": "48.8585500", "longitude": "2.294492036"});
    let call = json!({"UNLocationCode": "DEHAM", "location": {"UNLocationCode": "DEBRV"}});
    for (location, call, place) in [
        (json!({"UNLocationCode": "NLRTM"}), call.clone(), Some("NLRTM")),
        (json!({"unLocationCode": "CRCAL"}), json!({}), Some("CRCAL")),
        (json!("KRPUS"), json!({"location": "KRPUS"}), Some("KRPUS")),
        (own.clone(), call, Some("DEBRV")),
        (own.clone(), json!({"UNLocationCode": "DEHAM"}), Some("DEHAM")),
        (own, json!({}), Some("geo:48.8585500,2.294492036")),
        (
            Value::Null,
            json!({"UNLocationCode": "", "location": {"latitude": 12.5, "longitude": -8.002}}),
            Some("geo:12.5,-8.002"),
        ),
        (json!({"locationName": "Tower"}), Value::Null, None),
    ] {
        let event =
            with(equipment("GTIN"), &[("eventLocation", location), ("transportCall", call)]);
        assert_eq!(raw(&event).place.as_deref(), place, "{event}");
    }
}

#[test]
fn every_wrong_field_is_named() {
    for name in [
        "eventType",
        "eventClassifierCode",
        "eventDateTime",
        "eventCreatedDateTime",
        "transportEventTypeCode",
    ] {
        assert_eq!(error(&with(transport(), &[(name, Value::Null)])), format!("{name}: missing"));
    }
    for name in ["documentID", "documentTypeCode", "shipmentEventTypeCode"] {
        assert_eq!(
            error(&with(shipment("CONF"), &[(name, Value::Null)])),
            format!("{name}: missing")
        );
    }
    for (name, value, problem) in [
        ("eventID", json!(123), "eventID: expected text, got a number"),
        (
            "eventType",
            json!("OPERATIONS"),
            "eventType: expected TRANSPORT, EQUIPMENT or SHIPMENT, got \"OPERATIONS\"",
        ),
        (
            "eventClassifierCode",
            json!("REQ"),
            "eventClassifierCode: expected ACT, PLN or EST, got \"REQ\"",
        ),
        (
            "equipmentReference",
            json!("CSQU3054384"),
            "equipmentReference: wrong check digit in container CSQU3054384: expected 3, got 4",
        ),
        (
            "references",
            json!([{"referenceType": "EQ", "referenceValue": "CSQU3054384"}]),
            "references[0].referenceValue: wrong check digit in container CSQU3054384: expected 3, got 4",
        ),
        ("eventLocation", json!(7), "eventLocation: expected an object, got a number"),
    ] {
        assert_eq!(error(&with(equipment("LOAD"), &[(name, value)])), problem);
    }
}

#[test]
fn what_the_definition_does_not_require_may_be_absent() {
    let mut event = transport();
    for name in ["eventID", "transportCall", "references"] {
        event.as_object_mut().unwrap().remove(name);
    }
    assert_eq!(raw(&event).place, None);
    assert_eq!(given(&event).event.unwrap().as_str().len(), 32, "known by what it says");
    // 2.0 had one field for the codes of all types.
    let mut event = equipment("DISC");
    event.as_object_mut().unwrap().remove("equipmentEventTypeCode");
    assert_eq!(raw(&with(event, &[("eventTypeCode", json!("DISC"))])).milestone, "arrived");
}

#[test]
fn a_list_is_cut_and_its_bad_event_harms_no_other() {
    let list = json!([transport(), 7, equipment("LOAD")]);
    assert_eq!(error(&list), "data: expected one event, got 3");
    let of = |document: &Value| pieces(Kind::Dcsa, &document.to_string(), 10);
    for document in [list.clone(), json!({"events": list})] {
        let cut = of(&document).unwrap().unwrap();
        let results: Vec<_> = cut.iter().map(|piece| read(Kind::Dcsa, piece)).collect();
        assert_eq!(results[0], Ok(given(&transport())));
        assert!(results[1].is_err());
        assert_eq!(results[2], Ok(given(&equipment("LOAD"))));
    }
    assert_eq!(of(&json!([])), Ok(Some(Vec::new())));
    assert_eq!(of(&transport()), Ok(None));
    assert_eq!(of(&json!([transport()])), Ok(None));
    assert_eq!(given(&json!([transport()])), given(&transport()));
    assert!(pieces(Kind::Dcsa, "[", 10).is_err());
    assert_eq!(
        of(&json!({"events": 7})).unwrap_err().to_string(),
        "events: expected a list, got a number"
    );
}

#[test]
fn what_is_kept_until_its_order_comes_is_the_same_event_without_free_text() {
    for mut event in [transport(), equipment("DROP"), shipment("HOLD")] {
        for name in ["transportCall", "eventID"] {
            let message = json!({"id": "m", "type": "flotilla.dcsa.v2", "data": event});
            let kept: Value =
                serde_json::from_str(&without_free_text(&message.to_string()).unwrap()).unwrap();
            assert!(!kept.to_string().contains("Smith"), "{kept}");
            assert_eq!(given(&kept["data"]), given(&event));
            event.as_object_mut().unwrap().remove(name);
        }
    }
}
