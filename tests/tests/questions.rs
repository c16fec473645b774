//! Questions to the state agent, and the search for lost tasks.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops by panicking")]

use flotilla_tests::{Fleet, cloud_event, fresh, order, task_of};
use serde_json::{Value, json};

fn question(id: &str, data: &Value) -> String {
    cloud_event(id, "flotilla.retrieve.v1", data)
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_question_about_a_shipment_is_answered() {
    let fleet = Fleet::connect().await;
    let (shipment, ordered, stranger) = (fresh("SHP"), fresh("order"), fresh("SHP"));
    fleet.ingest(&[order(&ordered, &shipment, &fresh("BKR"), 60)]).await;
    fleet.completed(&task_of(&ordered, &shipment)).await;
    let replies = fleet.output("RepliesQueueUrl").to_owned();
    let ask = async |shipment: &str| -> Value {
        let id = fresh("ask");
        let data = json!({"shipment": shipment, "reply_to": replies});
        fleet.send("StateQueueUrl", &question(&id, &data)).await;
        let answer = fleet.found("RepliesQueueUrl", &id).await;
        let answer: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(answer["id"], format!("{id}/answer"));
        assert_eq!(answer["type"], "flotilla.retrieved.v1");
        assert_eq!(answer["subject"], shipment);
        answer["data"].clone()
    };
    let known = ask(&shipment).await;
    assert_eq!(known["known"], true);
    let booking = &fleet.bookings(&shipment).await[0];
    assert_eq!(known["slot"]["status"]["booking"]["reference"], booking["reference"]);
    assert_eq!(known["decisions"][0]["decision"]["action"]["book"]["carrier"], "steady");
    assert!(!known.to_string().contains("Ada"), "an answer has no personal data: {known}");
    assert_eq!(ask(&stranger).await["known"], false);
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn an_answer_to_a_queue_that_is_not_on_the_list_is_refused() {
    let fleet = Fleet::connect().await;
    let id = fresh("ask");
    // A queue of the same fleet, yet not on the list.
    let data = json!({"shipment": fresh("SHP"), "reply_to": fleet.output("IngestionQueueUrl")});
    fleet.send("StateQueueUrl", &question(&id, &data)).await;
    let letter = fleet.letter("State", &id).await;
    assert_eq!(letter.code, "invalid_field");
    assert!(letter.reason.starts_with("reply_to: "), "{}", letter.reason);
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_task_whose_message_was_lost_is_found_and_goes_on() {
    let fleet = Fleet::connect().await;
    let mut stuck = vec![fleet.seed_stuck().await];
    for sample in ["processing/order.json", "decision/order.json", "communication/book.json"] {
        stuck.push(fleet.seed_stuck_at(sample).await);
    }
    let look = cloud_event(&fresh("look"), "flotilla.recover.v1", &json!({}));
    fleet.send("StateQueueUrl", &look).await;
    for task in &stuck {
        fleet.completed(&task.id).await;
        assert_eq!(fleet.bookings(task.shipment.as_str()).await.len(), 1, "{task:?}");
    }
}
