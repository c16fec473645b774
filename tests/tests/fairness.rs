//! What our side does so that a noisy tenant does not hold up the others: each message
//! carries its tenant as message group on its way into every stage. SQS's fair queues
//! do the rest; the local clouds take the groups and serve in order of arrival.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops by panicking")]

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use flotilla_tests::{Fleet, configuration, fresh, order, task_of, tracking};
use serde_json::{Value, json};

/// The event as that tenant's.
fn of(tenant: &str, event: &str) -> String {
    let mut event: Value = serde_json::from_str(event).unwrap();
    event["tenant"] = tenant.into();
    event.to_string()
}

/// An order that is booked, and an event that came before it and waited.
async fn through(fleet: &Fleet, tenant: &str, shipment: &str) {
    let (ordered, early, reference) = (fresh("order"), fresh("early"), fresh("BKR"));
    let event = tracking(&early, &reference, "departed", &json!({"place": "NLRTM"}));
    fleet.ingest(&[of(tenant, &event)]).await;
    fleet.ingest(&[of(tenant, &order(&ordered, shipment, &reference, 60))]).await;
    fleet.completed(&task_of(&ordered, shipment)).await;
    fleet.completed(&task_of(&early, shipment)).await;
}

/// A stage that would lose it would leave SQS nothing to tell tenants apart by.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn on_the_wire_a_message_carries_its_tenant_into_every_stage() {
    let fleet = Fleet::connect().await;
    let (tenant, shipment) = (fresh("tenant"), fresh("SHP"));
    through(&fleet, &tenant, &shipment).await;
    for (from, to) in [
        ("ingestion", "processing"),
        ("processing", "decision"),
        ("decision", "communication"),
        ("decision", "state"),
        ("communication", "state"),
    ] {
        let calls = fleet.calls(from).await;
        let into = calls.iter().filter(|call| {
            let part = call["parts"][0]["resource"].as_str().unwrap();
            part.ends_with(to)
        });
        let about = into
            .flat_map(|call| call["sent"].as_array().cloned().unwrap_or_default())
            .filter(|sent| sent["subject"] == shipment.as_str());
        let groups: Vec<Value> = about.map(|sent| sent["group"].clone()).collect();
        assert!(!groups.is_empty(), "nothing was sent from {from} to {to}");
        assert!(groups.iter().all(|group| *group == tenant.as_str()), "{from} to {to}: {groups:?}");
    }
}

/// All agents together, for an event that changes no booking.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn on_the_wire_an_event_costs_its_shipments_key_four_units_at_most() {
    let fleet = Fleet::connect().await;
    let (shipment, reference, ordered) = (fresh("SHP"), fresh("BKR"), fresh("order"));
    fleet.ingest(&[order(&ordered, &shipment, &reference, 60)]).await;
    fleet.completed(&task_of(&ordered, &shipment)).await;
    let before = units(&fleet, &shipment).await;
    let event = fresh("track");
    fleet.ingest(&[tracking(&event, &reference, "departed", &json!({"place": "NLRTM"}))]).await;
    fleet.completed(&task_of(&event, &shipment)).await;
    let event = units(&fleet, &shipment).await - before;
    assert!(before > 0.0 && event > 0.0 && event <= 4.0, "{before} for the order, {event} then");
}

/// Write units that went to a shipment's key so far.
async fn units(fleet: &Fleet, shipment: &str) -> f64 {
    let key = format!("SHIPMENT#{shipment}");
    let mut sum = 0.0;
    for agent in ["ingestion", "processing", "decision", "communication", "state"] {
        for call in fleet.calls(agent).await {
            let written = call["written"].as_array().cloned().unwrap_or_default();
            let here = written.iter().filter(|written| written["key"] == key.as_str()).count();
            if here > 0 {
                let share = here as f64 / written.len() as f64;
                sum += call["write_centiunits"].as_f64().unwrap() / 100.0 * share;
            }
        }
    }
    sum
}

/// SQS would serve the quiet tenant first while the noisy one has most messages in
/// flight. A local cloud that learns to do so is noticed here.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_local_cloud_keeps_the_tenants_names_and_serves_in_order_of_arrival() {
    let sqs = aws_sdk_sqs::Client::new(&configuration());
    let queue = sqs.create_queue().queue_name(fresh("fair")).send().await.unwrap();
    let url = queue.queue_url().unwrap();
    let send = async |tenant: &str| {
        let message = sqs.send_message().queue_url(url).message_body(tenant);
        message.message_group_id(tenant).send().await.unwrap();
    };
    let receive = async || -> Vec<String> {
        let some = sqs.receive_message().queue_url(url).max_number_of_messages(10);
        let asked = some.message_system_attribute_names(MessageSystemAttributeName::MessageGroupId);
        let received = asked.send().await.unwrap();
        let group = |message: &Message| {
            message.attributes().unwrap()[&MessageSystemAttributeName::MessageGroupId].clone()
        };
        received.messages().iter().map(group).collect()
    };
    for _ in 0..40 {
        send("noisy").await;
    }
    let in_flight = [receive().await, receive().await].concat();
    send("quiet").await;
    let next = receive().await;
    sqs.delete_queue().queue_url(url).send().await.unwrap();
    assert!(in_flight.iter().chain(&next).all(|tenant| tenant == "noisy"), "{next:?}: fair!");
    assert_eq!((in_flight.len(), next.len()), (20, 10));
}
