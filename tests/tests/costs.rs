//! What a task costs, counted on the wire between the functions and the cloud: every
//! write unit and every request to SQS. A change that adds a write fails here.
//!
//! Lambda's own polling is not on this wire: for a full batch it receives once and
//! deletes once.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops by panicking")]

use aws_sdk_dynamodb::types::AttributeValue;
use flotilla_task::{Stage, TaskId};
use flotilla_tests::{Fleet, agent, batch, fresh, order, task_of, tracking};
use flotilla_wire::{Call, Written, item_bytes};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// Write units by agent and by what they are for.
type Costs = BTreeMap<(&'static str, &'static str), u64>;

/// What an item is for, by its keys.
fn what(item: &Written) -> &'static str {
    let starts = |prefix: &str| item.sort.starts_with(prefix);
    match item.sort.as_str() {
        "TASK" => "task",
        "SHIPMENT" => "shipment",
        "ORDER" => "order",
        "CONTACT" => "contact",
        "OWNER" => "identifier",
        _ if starts("SLOT#") => "slot",
        _ if starts("DECISION#") => "decision",
        _ => "something else",
    }
}

/// What was written for a shipment and its task, in whole units.
async fn costs(fleet: &Fleet, about: &[&str]) -> Costs {
    let mut costs = Costs::new();
    for stage in Stage::ALL {
        for call in fleet.calls(stage.as_str()).await {
            let call: Call = serde_json::from_value(call).unwrap();
            let ours = |item: &&Written| about.iter().any(|name| item.key.contains(name));
            for item in call.written.iter().filter(ours) {
                let units = call.write_centiunits / 100 / call.written.len() as u64;
                *costs.entry((stage.as_str(), what(item))).or_default() += units;
            }
        }
    }
    costs
}

/// The size of an item as it is billed. The fleet writes texts and numbers only.
fn bytes(item: &HashMap<String, AttributeValue>) -> usize {
    let fields = item.iter().map(|(name, value)| {
        let text = value.as_s().map(|text| json!({ "S": text }));
        let value = text.or_else(|value| value.as_n().map(|digits| json!({ "N": digits })));
        (name.clone(), value.unwrap())
    });
    item_bytes(&Value::Object(fields.collect()))
}

async fn ordered(fleet: &Fleet) -> (String, String, TaskId) {
    let (shipment, reference, event) = (fresh("SHP"), fresh("BKR"), fresh("order"));
    fleet.ingest(&[order(&event, &shipment, &reference, 60)]).await;
    let task = task_of(&event, &shipment);
    fleet.completed(&task).await;
    (shipment, reference, task)
}

/// Eleven, and two that only an order has: the index of its names and the contact.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn on_the_wire_an_order_that_is_booked_and_told_takes_eleven_units_and_two_for_its_names() {
    let fleet = Fleet::connect().await;
    let (shipment, reference, task) = ordered(&fleet).await;
    let seen = costs(&fleet, &[&shipment, &reference, task.as_str()]).await;
    let expected = Costs::from([
        (("ingestion", "identifier"), 1),
        (("ingestion", "contact"), 1),
        (("ingestion", "task"), 1),
        (("processing", "order"), 1),
        (("processing", "task"), 1),
        (("decision", "task"), 1),
        (("communication", "task"), 2),
        (("communication", "slot"), 2),
        (("state", "shipment"), 1),
        (("state", "decision"), 1),
        (("state", "task"), 1),
    ]);
    assert_eq!(seen, expected);
    for item in fleet.items_with(&shipment).await {
        let size = bytes(&item);
        assert!(size <= 1024, "{size} bytes: {item:?}");
    }
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn on_the_wire_an_event_that_calls_nobody_takes_six_units() {
    let fleet = Fleet::connect().await;
    let (shipment, reference, _) = ordered(&fleet).await;
    let before = costs(&fleet, &[&shipment]).await;
    let event = fresh("track");
    fleet.ingest(&[tracking(&event, &reference, "departed", &json!({"place": "NLRTM"}))]).await;
    let task = task_of(&event, &shipment);
    fleet.completed(&task).await;
    let mut seen = costs(&fleet, &[&shipment, task.as_str()]).await;
    for (place, units) in before {
        *seen.get_mut(&place).unwrap() -= units;
    }
    seen.retain(|_, units| *units > 0);
    let expected = Costs::from([
        (("ingestion", "task"), 1),
        (("processing", "task"), 1),
        (("decision", "task"), 1),
        (("state", "shipment"), 1),
        (("state", "decision"), 1),
        (("state", "task"), 1),
    ]);
    assert_eq!(seen, expected);
}

/// With the poller's two requests that is 0.3 for each record of a full batch.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn on_the_wire_a_full_batch_is_handed_on_in_one_request() {
    let fleet = Fleet::connect().await;
    let marks: Vec<(String, String)> = (0..10).map(|_| (fresh("SHP"), fresh("order"))).collect();
    let bodies: Vec<String> =
        marks.iter().map(|(shipment, event)| order(event, shipment, &fresh("BKR"), 60)).collect();
    let answer = fleet.invoke(&agent(Stage::Ingestion), &batch(&bodies, 1)).await;
    assert_eq!(answer, json!({"batchItemFailures": []}));
    let carrying: Vec<Value> = fleet
        .calls(Stage::Ingestion.as_str())
        .await
        .into_iter()
        .filter(|call| {
            let sent = call["sent"].as_array().into_iter().flatten();
            sent.into_iter()
                .any(|sent| marks.iter().any(|(shipment, _)| sent["subject"] == **shipment))
        })
        .collect();
    assert_eq!(carrying.len(), 1, "{carrying:?}");
    assert_eq!(carrying[0]["sent"].as_array().unwrap().len(), 10);
    for (shipment, event) in &marks {
        fleet.completed(&task_of(event, shipment)).await;
    }
}
