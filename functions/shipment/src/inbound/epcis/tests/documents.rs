//! Forms of documents, ids across documents, pieces, and what is kept.

use super::super::super::{Kind, pieces, read, without_free_text};
use super::{
    DOCK, ITEM, PALLET, aggregation, document, error, event, given, id, loads, packing, raw, with,
};
use crate::payload::Received;
use serde_json::{Value, json};

#[test]
fn every_form_of_document_is_the_same_event() {
    let event = event();
    let query = json!({"type": "EPCISQueryDocument", "epcisBody": {"queryResults": {
        "queryName": "q", "resultsBody": {"eventList": [event]}}}});
    let single = json!({"type": "EPCISDocument", "epcisBody": {"event": event}});
    let unbracketed = json!({"type": "EPCISDocument", "epcisBody": {"eventList": event}});
    for form in [document(std::slice::from_ref(&event)), query, single, unbracketed] {
        assert_eq!(given(&form), given(&event), "{form}");
    }
    for form in ["epcis:ObjectEvent", "https://ref.gs1.org/epcis/ObjectEvent"] {
        assert_eq!(given(&with(&[("type", json!(form))])), given(&event));
    }
    for name in ["@type", "isA"] {
        let other = with(&[("type", Value::Null), (name, json!("ObjectEvent"))]);
        assert_eq!(given(&other), given(&event), "{name}");
    }
}

#[test]
fn an_error_declaration_takes_the_event_back_under_another_id() {
    let declared = json!({"declarationTime": "2026-11-21T08:00:00Z", "reason": "did_not_occur"});
    let mut event = aggregation("ADD", &[PALLET]);
    let withdrawn = |event: &Value| {
        let raw = raw(event);
        assert_eq!(raw.milestone, "withdrawn");
        assert_eq!((raw.occurred_at.as_str(), raw.place), ("2026-11-21T08:00:00Z", None));
        raw.withdraws.unwrap()
    };
    event["errorDeclaration"] = declared.clone();
    assert_eq!(withdrawn(&event), "urn:uuid:e-1");
    assert_eq!(id(&event), "urn:uuid:e-1#error");
    assert_eq!((packing(&event), loads(&event).len()), (None, 2));
    // Its loads are looked up as they were when the withdrawn event happened.
    let Some(Received::Tracking(original)) = given(&event).original else { panic!("an event") };
    assert_eq!(json!(original.occurred_at), event["eventTime"]);
    // Without an id of its own it names the earlier one by what it says.
    let mut plain = aggregation("ADD", &[PALLET]);
    plain.as_object_mut().unwrap().remove("eventID");
    let mut event = plain.clone();
    event["errorDeclaration"] = declared.clone();
    event["recordTime"] = json!("2026-11-21T08:00:01Z");
    assert_eq!(withdrawn(&event), id(&plain));
    assert_eq!(id(&event), format!("{}#error", id(&plain)));
    // An id that just fits leaves no room for the mark.
    let mut event = with(&[("eventID", json!("x".repeat(128)))]);
    event["errorDeclaration"] = declared;
    assert_eq!(withdrawn(&event).len(), 128);
    assert_eq!(id(&event).len(), 32);
}

#[test]
fn an_event_without_id_is_the_same_in_another_document() {
    let plain = with(&[("eventID", Value::Null)]);
    let mut stored = plain.clone();
    stored["recordTime"] = json!("2026-11-20T20:00:05Z");
    assert_eq!(id(&plain), id(&document(&[stored])));
    let prefixed = json!({"@context": "x", "epcis:bizStep": "shipping"});
    let mut other = plain.clone();
    other.as_object_mut().unwrap().remove("bizStep");
    other.as_object_mut().unwrap().extend(prefixed.as_object().unwrap().clone());
    assert_eq!(id(&plain), id(&other));
    assert_ne!(id(&plain), id(&with(&[("eventID", Value::Null), ("x:y", json!(1))])));
}

#[test]
fn a_document_of_many_events_is_cut_and_its_bad_event_harms_no_other() {
    let events = vec![event(), json!(7), with(&[("action", Value::Null)])];
    let document = document(&events);
    assert_eq!(error(&document), "data: expected one event, got 3");
    let cut = pieces(Kind::Epcis, &document.to_string(), 10).unwrap().unwrap();
    let results: Vec<_> = cut.iter().map(|piece| read(Kind::Epcis, piece)).collect();
    assert_eq!(results[0].as_ref().unwrap(), &given(&event()));
    assert_eq!(
        results[1].as_ref().unwrap_err().to_string(),
        "data: expected an object, got a number"
    );
    assert_eq!(results[2].as_ref().unwrap_err().to_string(), "action: missing");
    assert!(cut[0].contains("epcis-context.jsonld") && !cut[0].contains("Jane"), "{}", cut[0]);
    let halves = pieces(Kind::Epcis, &document.to_string(), 2).unwrap().unwrap();
    assert_eq!(halves.len(), 2);
    assert!(halves[0].contains("epcis-context.jsonld") && !halves[0].contains("Jane"));
    assert_eq!(pieces(Kind::Epcis, &halves[0], 2).unwrap().unwrap().len(), 2);
    assert_eq!(pieces(Kind::Epcis, &halves[1], 2).unwrap(), None);
}

#[test]
fn what_is_no_document_is_refused_and_an_empty_one_is_no_event() {
    let of = |text: &str| pieces(Kind::Epcis, text, 10);
    assert_eq!(of(&document(&[]).to_string()), Ok(Some(Vec::new())));
    assert_eq!(of(&event().to_string()), Ok(None));
    assert_eq!(of(&document(&[event()]).to_string()), Ok(None));
    for (text, problem) in [
        ("<epcis:EPCISDocument/>", "data: not JSON: expected value at line 1 column 1"),
        ("[]", "data: expected an object, got a list"),
        (r#"{"type":"EPCISDocument"}"#, "epcisBody: missing"),
        (r#"{"epcisBody":{}}"#, "epcisBody.eventList: missing"),
        (r#"{"epcisBody":{"eventList":"x"}}"#, "data: expected an object, got text"),
        (r#"{"epcisBody":{"queryResults":{}}}"#, "epcisBody.queryResults.resultsBody: missing"),
    ] {
        let found = match of(text) {
            Err(error) => error,
            Ok(_) => read(Kind::Epcis, text).unwrap_err(),
        };
        assert_eq!(found.to_string(), problem, "{text}");
    }
}

#[test]
fn what_is_kept_until_its_order_comes_is_the_same_event_without_free_text() {
    let mut event = aggregation("DELETE", &[]);
    for (name, value) in [
        ("eventID", Value::Null),
        ("childQuantityList", json!([{"epcClass": ITEM, "x:picker": "Jane"}])),
        ("x:note", json!("Jane was here")),
        ("ilmd", json!({"x:owner": "Jane"})),
        ("disposition", json!("damaged")),
        (
            "bizTransactionList",
            json!([{"type": "bol", "bizTransaction": "urn:x:TT-1", "x:by": "Jane"}]),
        ),
        (
            "sensorElementList",
            json!([{"x:by": "Jane", "sensorReport": [{"stringValue": "Jane", "exception": "ALARM_CONDITION"}]}]),
        ),
        ("readPoint", json!({"id": DOCK, "x:keeper": "Jane"})),
        (
            "errorDeclaration",
            json!({"declarationTime": "2026-11-21T08:00:00Z", "reason": "Jane", "x:by": "Jane"}),
        ),
    ] {
        event[name] = value;
    }
    for name in ["errorDeclaration", "sensorElementList", "x:note"] {
        let message =
            json!({"id": "m", "type": "flotilla.epcis.v2", "data": document(&[event.clone()])});
        let kept: Value =
            serde_json::from_str(&without_free_text(&message.to_string()).unwrap()).unwrap();
        assert!(!kept.to_string().contains("Jane"), "{kept}");
        assert_eq!(given(&kept["data"]), given(&event));
        event.as_object_mut().unwrap().remove(name);
    }
}

#[test]
fn an_event_without_an_id_keeps_its_fingerprint_however_often_it_is_cut_out() {
    // Its nearest double is met only by a parser that is exact.
    let text = "90.42225290942383";
    let report =
        format!(r#"[{{"sensorReport": [{{"type": "gs1:Temperature", "value": {text}}}]}}]"#);
    let sensors: Value = serde_json::from_str(&report).unwrap();
    let measured = with(&[("eventID", Value::Null), ("sensorElementList", sensors)]);
    let events = [measured.clone(), event(), event(), event()];
    let halves = pieces(Kind::Epcis, &document(&events).to_string(), 2).unwrap().unwrap();
    let cut = pieces(Kind::Epcis, &halves[0], 2).unwrap().unwrap();
    assert!(cut[0].contains(text), "{}", cut[0]);
    assert_eq!(read(Kind::Epcis, &cut[0]), read(Kind::Epcis, &measured.to_string()));
}

#[test]
fn a_long_context_is_not_carried_along_by_every_piece() {
    let mut document = document(&vec![event(); 40]);
    document["@context"] = json!({"x": "x".repeat(50_000)});
    let text = document.to_string();
    let cut = pieces(Kind::Epcis, &text, 40).unwrap().unwrap();
    assert!(cut.concat().len() < text.len(), "{} of {}", cut.concat().len(), text.len());
    assert_eq!(read(Kind::Epcis, &cut[7]).unwrap(), given(&event()));
}
