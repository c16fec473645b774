//! Queues that keep the order of a shipment's events. Standard queues promise none
//! of this, so these tests want a fleet deployed with `QueueType=fifo`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops by panicking")]

use flotilla_task::{StatusKind, TaskStore};
use flotilla_tests::{
    Fleet, PATIENCE, fresh, in_hours, now, order, task_of, to_processing, tracking, until,
};
use serde_json::{Value, json};

/// Many enough that standard queues would mix them.
const SHIPMENTS: usize = 10;
const EVENTS: usize = 6;

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn on_fifo_queues_a_shipments_events_end_in_the_order_they_were_sent() {
    let fleet = Fleet::connect().await;
    let shipments: Vec<_> = (0..SHIPMENTS).map(|_| (fresh("SHP"), fresh("BKR"))).collect();
    let mut sent = vec![Vec::new(); SHIPMENTS];
    let mut bodies = Vec::new();
    for (shipment, reference) in &shipments {
        bodies.push(order(&fresh("order"), shipment, reference, 60));
    }
    // One event of each shipment after the other, so that every batch mixes them.
    for _ in 0..EVENTS {
        for ((shipment, reference), sent) in shipments.iter().zip(&mut sent) {
            let event = fresh("track");
            bodies.push(tracking(&event, reference, "departed", &json!({"place": "NLRTM"})));
            sent.push(task_of(&event, shipment));
        }
    }
    fleet.ingest(&bodies).await;
    for tasks in &sent {
        let mut ended = Vec::new();
        for task in tasks {
            ended.push(fleet.completed(task).await.updated_at);
        }
        assert!(ended.is_sorted(), "sent as {tasks:?}, ended at {ended:?}");
    }
}

/// Its message stands in front of the order's, which it waits for.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn on_fifo_queues_an_event_before_its_order_lets_the_order_pass() {
    let fleet = Fleet::connect().await;
    let (shipment, reference, ordered) = (fresh("SHP"), fresh("BKR"), fresh("order"));
    let event: Value =
        serde_json::from_str(&tracking("early", &reference, "departed", &json!({}))).unwrap();
    let early = to_processing(&shipment, "flotilla.tracking.v1", &event["data"]);
    fleet.seed(&early, now()).await;
    fleet.send("ProcessingQueueUrl", &early.to_json().unwrap()).await;
    fleet.ingest(&[order(&ordered, &shipment, &reference, 60)]).await;
    fleet.completed(&task_of(&ordered, &shipment)).await;
    fleet.completed(&early.task).await;
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn on_fifo_queues_a_shipment_that_waits_for_its_carrier_holds_up_only_itself() {
    let fleet = Fleet::connect().await;
    let (shipment, reference, ordered) = (fresh("SHP"), fresh("BKR"), fresh("order"));
    fleet
        .with_moods(async {
            fleet.calm().await;
            fleet.mood("steady", &json!({"error_rate": 1})).await;
            let late = (fresh("track"), json!({"estimated_arrival": in_hours(200)}));
            fleet
                .ingest(&[
                    order(&ordered, &shipment, &reference, 60),
                    tracking(&late.0, &reference, "delayed", &late.1),
                ])
                .await;
            let (order_task, late_task) =
                (task_of(&ordered, &shipment), task_of(&late.0, &shipment));
            until("a failure at the carrier", PATIENCE, || async {
                let record = fleet.tasks.get(&order_task).await.unwrap()?;
                (record.attempts > 0).then_some(())
            })
            .await;

            let (other, elsewhere) = (fresh("SHP"), fresh("order"));
            fleet.ingest(&[order(&elsewhere, &other, &fresh("BKR"), 96)]).await;
            fleet.completed(&task_of(&elsewhere, &other)).await;
            for task in [&order_task, &late_task] {
                let record = fleet.tasks.get(task).await.unwrap();
                let status = record.map(|record| record.status.kind());
                assert_ne!(status, Some(StatusKind::Completed), "{task} did not wait");
            }

            fleet.mood("steady", &json!({"error_rate": 0})).await;
            let first = fleet.completed(&order_task).await;
            let second = fleet.completed(&late_task).await;
            assert!(first.updated_at <= second.updated_at);
            assert_eq!(fleet.live(&shipment).await.len(), 1);
        })
        .await;
}
