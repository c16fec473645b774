//! Any JSON, of every kind of document.

use super::super::super::{Kind, pieces, read, without_free_text};
use super::{CONTAINER, ITEM, PALLET, event};
use proptest::prelude::*;
use serde_json::{Value, json};

/// JSON that has the standard's names in it, with anything under them.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(vec![
            PALLET,
            CONTAINER,
            ITEM,
            "ObjectEvent",
            "AggregationEvent",
            "ADD",
            "DELETE",
            "+01:00",
            "2026-11-20T20:00:00",
            "TRANSPORT",
            "EQUIPMENT",
            "SHIPMENT",
            "ACT",
            "EST",
            "ARRI"
        ])
        .prop_map(Value::from),
    ];
    let name = prop::sample::select(vec![
        "type",
        "@type",
        "epcisBody",
        "eventList",
        "event",
        "queryResults",
        "resultsBody",
        "eventTime",
        "eventTimeZoneOffset",
        "eventID",
        "action",
        "bizStep",
        "epcList",
        "parentID",
        "childEPCs",
        "readPoint",
        "id",
        "@value",
        "errorDeclaration",
        "declarationTime",
        "sensorElementList",
        "sensorReport",
        "bizTransactionList",
        "bizTransaction",
        "events",
        "eventType",
        "eventClassifierCode",
        "eventDateTime",
        "eventCreatedDateTime",
        "transportEventTypeCode",
        "equipmentEventTypeCode",
        "equipmentReference",
        "transportCall",
        "location",
        "latitude",
        "longitude",
        "UNLocationCode",
        "documentReferences",
        "data",
    ]);
    leaf.prop_recursive(5, 60, 12, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(name.clone().prop_map(str::to_owned), inner, 0..12)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_is_cut_or_refused_and_read_or_refused(document in any_json(), over in any_json()) {
        let mut laid_over = event();
        if let (Some(fields), Some(over)) = (laid_over.as_object_mut(), over.as_object()) {
            fields.extend(over.clone());
        }
        for document in [document, over, laid_over] {
            let text = document.to_string();
            for kind in [Kind::Order, Kind::Tracking, Kind::Epcis, Kind::Dcsa] {
                for piece in pieces(kind, &text, 3).into_iter().flatten().flatten() {
                    let _ = read(kind, &piece);
                }
                if let Ok(inbound) = read(kind, &text) {
                    let message = json!({"type": format!("flotilla.{kind}.v2"), "data": document});
                    let kept = without_free_text(&message.to_string()).unwrap();
                    let kept: Value = serde_json::from_str(&kept).unwrap();
                    if matches!(kind, Kind::Epcis | Kind::Dcsa) {
                        let again = read(kind, &kept["data"].to_string());
                        prop_assert_eq!(again.as_ref(), Ok(&inbound), "{}", text);
                    }
                }
            }
        }
    }
}
