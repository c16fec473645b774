//! Questions to the state agent, requests to forget, and the search for lost tasks.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops by panicking")]

use flotilla_runtime::records::keys;
use flotilla_runtime::table::key;
use flotilla_task::ShipmentId;
use flotilla_tests::{Fleet, cloud_event, fresh, order, task_of, tracking};
use serde_json::{Value, json};

/// Asks the state agent, and waits for its answer of that type.
async fn ask(fleet: &Fleet, kind: &str, mut data: Value) -> Value {
    let id = fresh("ask");
    data["reply_to"] = fleet.output("RepliesQueueUrl").into();
    fleet.send("StateQueueUrl", &cloud_event(&id, &format!("flotilla.{kind}.v1"), &data)).await;
    let answer = fleet.found("RepliesQueueUrl", &id).await;
    let answer: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(answer["id"], format!("{id}/answer"));
    assert_eq!(answer["subject"], data["shipment"]);
    answer
}

async fn retrieve(fleet: &Fleet, data: Value) -> Value {
    let answer = ask(fleet, "retrieve", data).await;
    assert_eq!(answer["type"], "flotilla.retrieved.v1");
    answer["data"].clone()
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_question_about_a_shipment_is_answered() {
    let fleet = Fleet::connect().await;
    let (shipment, ordered, reference) = (fresh("SHP"), fresh("order"), fresh("BKR"));
    fleet.ingest(&[order(&ordered, &shipment, &reference, 60)]).await;
    let task = task_of(&ordered, &shipment);
    fleet.completed(&task).await;
    let known = retrieve(&fleet, json!({"shipment": shipment})).await;
    assert_eq!(known["known"], true);
    let booking = &fleet.bookings(&shipment).await[0];
    assert_eq!(known["slot"]["status"]["booking"]["reference"], booking["reference"]);
    assert_eq!(known["decisions"][0]["decision"]["action"]["book"]["carrier"], "steady");
    let names: Vec<&str> = known["identifiers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect();
    let booked = format!("booking:{}", booking["reference"].as_str().unwrap());
    assert!(names.contains(&booked.as_str()), "{names:?}");
    assert!(names.contains(&format!("booking:{reference}").as_str()), "{names:?}");
    assert_eq!(known["tasks"][0]["id"], task.as_str());
    assert_eq!(known["tasks"][0]["status"], "completed");
    assert!(!known.to_string().contains("Ada"), "an answer has no personal data: {known}");
    let stranger = retrieve(&fleet, json!({"shipment": fresh("SHP")})).await;
    assert_eq!((&stranger["known"], &stranger["next"]), (&json!(false), &Value::Null));
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_long_story_is_told_page_by_page_the_newest_first() {
    let fleet = Fleet::connect().await;
    let (shipment, reference) = (fresh("SHP"), fresh("BKR"));
    let ordered = fresh("order");
    fleet.ingest(&[order(&ordered, &shipment, &reference, 60)]).await;
    fleet.completed(&task_of(&ordered, &shipment)).await;
    let events: Vec<_> = (0..6).map(|_| fresh("track")).collect();
    let seen: Vec<_> =
        events.iter().map(|event| tracking(event, &reference, "seen", &json!({}))).collect();
    fleet.ingest(&seen).await;
    for event in &events {
        fleet.completed(&task_of(event, &shipment)).await;
    }
    let whole = retrieve(&fleet, json!({"shipment": shipment})).await;
    assert_eq!(whole["next"], Value::Null);
    let whole = whole["decisions"].as_array().unwrap().clone();
    assert_eq!(whole.len(), 7);
    let (mut told, mut page, mut pages) = (Vec::new(), json!({"limit": 3}), 0);
    loop {
        let answer = retrieve(&fleet, json!({"shipment": shipment, "page": page})).await;
        let decisions = answer["decisions"].as_array().unwrap();
        assert!(decisions.len() <= 3);
        told.extend(decisions.iter().cloned());
        pages += 1;
        if answer["next"].is_null() {
            break;
        }
        page["after"] = answer["next"].clone();
    }
    assert_eq!((pages, told), (3, whole));
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_person_is_forgotten_and_stays_so() {
    let fleet = Fleet::connect().await;
    let (shipment, ordered, reference) = (fresh("SHP"), fresh("order"), fresh("BKR"));
    let body = order(&ordered, &shipment, &reference, 60);
    fleet.ingest(std::slice::from_ref(&body)).await;
    fleet.completed(&task_of(&ordered, &shipment)).await;
    let contact = || async {
        let item = key(keys::shipment(&ShipmentId::new(&shipment).unwrap()), keys::CONTACT);
        fleet.table.get(item).await.unwrap().unwrap()
    };
    assert!(format!("{:?}", contact().await).contains("Ada"));
    let answer = ask(&fleet, "forget", json!({"shipment": shipment})).await;
    assert_eq!(answer["type"], "flotilla.forgot.v1");
    assert_eq!(answer["data"]["erased"], json!(["contact.email", "contact.name"]));
    assert!(!answer.to_string().contains("Ada"), "{answer}");
    // The same order once more, and one that was placed before under another id.
    let (again, seen) = (fresh("order"), fresh("track"));
    let older = body.replace(&ordered, &again);
    let moved = tracking(&seen, &reference, "seen", &json!({}));
    fleet.ingest(&[body, older, moved]).await;
    fleet.completed(&task_of(&again, &shipment)).await;
    fleet.completed(&task_of(&seen, &shipment)).await;
    assert!(!format!("{:?}", contact().await).contains("Ada"), "it came back");
    let nothing = ask(&fleet, "forget", json!({"shipment": shipment})).await;
    assert_eq!(nothing["data"]["erased"], json!([]));
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn an_answer_to_a_queue_that_is_not_on_the_list_is_refused() {
    let fleet = Fleet::connect().await;
    let id = fresh("ask");
    // A queue of the same fleet, yet not on the list.
    let data = json!({"shipment": fresh("SHP"), "reply_to": fleet.output("IngestionQueueUrl")});
    fleet.send("StateQueueUrl", &cloud_event(&id, "flotilla.retrieve.v1", &data)).await;
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
