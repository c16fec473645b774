//! What comes back from a dead-letter queue: an open task goes on, an ended one stays ended.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops by panicking")]

use flotilla_task::{StageMessage, StatusKind};
use flotilla_tests::{Fleet, batch, cloud_event, fresh, in_hours, now, order_data, task_of};
use serde_json::json;

/// SQS dead-letters the only message of an open task when its worker dies on the
/// last receive.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_redriven_message_of_an_open_task_goes_on_where_it_stopped() {
    let fleet = Fleet::connect().await;
    let record = fleet.seed_order(now()).await;
    let message = StageMessage::stored_in(&record).to_json().unwrap();
    fleet.send("ProcessingDeadLetterQueueUrl", &message).await;
    fleet.redrive("Processing", record.id.as_str()).await;
    let ended = fleet.completed(&record.id).await;
    // Once more, as Lambda calls it, to know when it was worked on.
    let answer = fleet.invoke("Processing", &batch(&[message], 1)).await;
    assert_eq!(answer["batchItemFailures"], json!([]));
    assert_eq!(fleet.completed(&record.id).await, ended, "nothing has changed");
    assert_eq!(fleet.bookings(record.shipment.as_str()).await.len(), 1);
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_redriven_message_of_a_failed_task_goes_back_with_its_reason() {
    let fleet = Fleet::connect().await;
    let (event, shipment) = (fresh("order"), fresh("SHP"));
    let mut data = order_data(&shipment, &fresh("BKR"), 60);
    data["promised"] = in_hours(-2).into();
    fleet.ingest(&[cloud_event(&event, "flotilla.order.v1", &data)]).await;
    let task = task_of(&event, &shipment);
    let failed = fleet.ended(&task).await;
    assert_eq!(failed.status.kind(), StatusKind::Failed, "{failed:?}");
    let first = fleet.redrive("Processing", task.as_str()).await;
    let second = fleet.letter("Processing", task.as_str()).await;
    assert_eq!((&second.code, &second.reason), (&first.code, &first.reason));
    assert!(first.reason.contains("promised"), "{first:?}");
    assert_eq!(fleet.ended(&task).await, failed, "nothing has changed");
}
