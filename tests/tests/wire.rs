//! AWS itself goes wrong: calls fail, arrive twice, or their answers are lost. The
//! wire proxy makes it so; each test sees that its fault has really struck.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops by panicking")]

use flotilla_task::{Stage, TaskId, TaskStore};
use flotilla_tests::{Fleet, PATIENCE, cloud_event, fresh, order, order_data, task_of, until};
use serde_json::{Value, json};

/// An order of its own, not sent yet.
struct Order {
    shipment: String,
    task: TaskId,
    body: String,
}

impl Order {
    fn new() -> Self {
        Self::promised_in(60)
    }

    fn promised_in(hours: i64) -> Self {
        let (event, shipment) = (fresh("order"), fresh("SHP"));
        let body = order(&event, &shipment, &fresh("BKR"), hours);
        Self { task: task_of(&event, &shipment), shipment, body }
    }

    /// Sends it and sees it through: every fault has struck, and it is booked once.
    async fn survives(&self, fleet: &Fleet, words: &[&str]) {
        fleet.ingest(std::slice::from_ref(&self.body)).await;
        fleet.completed(&self.task).await;
        for word in words {
            assert!(fleet.struck(word).await, "the fault of {word} was never met");
        }
        let bookings = fleet.bookings(&self.shipment).await;
        assert_eq!(bookings.len(), 1, "{bookings:?}");
        assert_eq!(bookings[0]["status"], "live");
    }
}

/// Applied, and the answer never comes: the same write is repeated and recognised.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn on_the_wire_a_commit_whose_answer_is_lost_is_made_once() {
    let (fleet, order) = (Fleet::connect().await, Order::new());
    let task = order.task.as_str();
    for (function, action) in [("ingestion", "PutItem"), ("decision", "UpdateItem")] {
        let rule = json!({"do": "lose_answer", "function": function, "action": action,
            "contains": task, "ms": 3000});
        fleet.fault(&rule).await;
    }
    order.survives(&fleet, &[task]).await;
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn on_the_wire_a_write_that_arrives_twice_is_made_once() {
    let (fleet, order) = (Fleet::connect().await, Order::new());
    let task = order.task.as_str();
    for function in ["ingestion", "processing", "decision", "communication", "state"] {
        let action = if function == "ingestion" { "PutItem" } else { "UpdateItem" };
        let rule = json!({"do": "duplicate", "function": function, "action": action,
            "contains": task, "times": 2});
        fleet.fault(&rule).await;
    }
    fleet.ingest(std::slice::from_ref(&order.body)).await;
    fleet.completed(&order.task).await;
    assert_eq!(fleet.bookings(&order.shipment).await.len(), 1);
}

/// What processing and decision read does not answer: the failure is counted, and
/// the task comes back from the stage's own queue.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn on_the_wire_a_read_that_fails_is_tried_again() {
    let fleet = Fleet::connect().await;
    let (event, shipment, place) = (fresh("order"), fresh("SHP"), fresh("QQ"));
    let place = place.replace('-', "").to_uppercase();
    let mut data = order_data(&shipment, &fresh("BKR"), 60);
    data["destination"] = place.as_str().into();
    let rule = |function: &str, word: &str| json!({"do": "fail", "function": function, "action": "Query", "contains": word, "times": 4});
    fleet.fault(&rule("processing", &shipment)).await;
    // One partition of the lane's statistics; each is asked for by itself.
    let lane = format!("{place}#1");
    fleet.fault(&rule("decision", &lane)).await;
    fleet.ingest(&[cloud_event(&event, "flotilla.order.v1", &data)]).await;
    fleet.completed(&task_of(&event, &shipment)).await;
    assert!(fleet.struck(&shipment).await && fleet.struck(&lane).await);
}

/// The task is committed and its message never leaves: the record goes back, and
/// its replay sends the stored message.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn on_the_wire_a_message_that_is_not_taken_is_sent_again() {
    let (fleet, order) = (Fleet::connect().await, Order::new());
    for function in ["ingestion", "processing", "decision"] {
        let rule = json!({"do": "throttle", "function": function, "action": "SendMessageBatch",
            "contains": order.shipment, "times": 3});
        fleet.fault(&rule).await;
    }
    order.survives(&fleet, &[&order.shipment]).await;
}

/// The store gives no answer at all, so the message goes back to its queue.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn on_the_wire_a_commit_that_fails_brings_the_message_back() {
    let (fleet, order) = (Fleet::connect().await, Order::new());
    let task = order.task.as_str();
    let rule = json!({"do": "fail", "function": "state", "action": "UpdateItem",
        "contains": task, "times": 10});
    fleet.fault(&rule).await;
    order.survives(&fleet, &[task]).await;
}

/// A partner asks for more patience than a message has receives: the stored
/// message is sent again with a delay, and no failure is counted.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn on_the_wire_a_long_wait_leaves_the_queue_and_comes_back_delayed() {
    // At a carrier that no other test here books with: each environment that is asked
    // for the pause leaves it alone that long.
    let (fleet, order) = (Fleet::connect().await, Order::promised_in(96));
    fleet
        .with_moods(async {
            fleet.calm().await;
            fleet.mood("tortoise", &json!({"throttle_rate": 1, "retry_after_s": 600})).await;
            fleet.ingest(std::slice::from_ref(&order.body)).await;
            let own = |call: &Value| {
                let parts = call["parts"].as_array().unwrap();
                call["operation"] == "SendMessageBatch"
                    && parts
                        .iter()
                        .any(|part| part["resource"].as_str().unwrap().ends_with("-communication"))
            };
            until("the message to be sent to its own queue", PATIENCE, || async {
                fleet.calls("communication").await.iter().any(own).then_some(())
            })
            .await;
            let record = fleet.tasks.get(&order.task).await.unwrap().unwrap();
            assert_eq!((record.stage, record.attempts), (Stage::Communication, 0));
            fleet.cancel(&order.task).await;
        })
        .await;
    assert!(fleet.bookings(&order.shipment).await.is_empty());
}
