//! Partners in a bad mood: what was really done at them, counted in their own ledger.
//!
//! A mood changes only when the test has seen it at work, so nothing depends on
//! how long anything takes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops by panicking")]

use flotilla_shipment::answers::{Answers, Page};
use flotilla_shipment::partner::{Breaker, Shared};
use flotilla_task::{ReasonCode, Stage, StageMessage, StatusKind, TaskId, TaskRecord, TaskStore};
use flotilla_tests::{
    Fleet, PATIENCE, fresh, in_hours, now, order, task_of, to_communication, tracking, until,
};
use serde_json::{Value, json};

/// The carrier that books an order promised in 60 hours; it honours keys.
const KEYED: (&str, i64) = ("steady", 60);
/// The one for 96 hours; it ignores keys.
const KEYLESS: (&str, i64) = ("tortoise", 96);

/// An order on its way to a carrier.
struct Sent {
    task: TaskId,
    shipment: String,
    reference: String,
}

async fn send(fleet: &Fleet, promised: i64) -> Sent {
    let (event, shipment, reference) = (fresh("order"), fresh("SHP"), fresh("BKR"));
    fleet.ingest(&[order(&event, &shipment, &reference, promised)]).await;
    Sent { task: task_of(&event, &shipment), shipment, reference }
}

/// Waits until the task has failed so often at communication.
async fn failed_times(fleet: &Fleet, task: &TaskId, times: u32) -> TaskRecord {
    until(&format!("{times} failures of {task}"), PATIENCE, || async {
        let record = fleet.tasks.get(task).await.unwrap()?;
        let seen = record.stage == Stage::Communication && record.attempts >= times;
        assert!(record.status.kind().is_open(), "{record:?}");
        seen.then_some(record)
    })
    .await
}

/// The carrier has a mood until the order has failed twice, then none.
async fn booked_in_spite_of(carrier: (&str, i64), mood: Value) -> Vec<Value> {
    let fleet = Fleet::connect().await;
    fleet
        .with_moods(async {
            fleet.calm().await;
            fleet.mood(carrier.0, &mood).await;
            let sent = send(&fleet, carrier.1).await;
            failed_times(&fleet, &sent.task, 2).await;
            fleet.calm().await;
            fleet.completed(&sent.task).await;
            fleet.bookings(&sent.shipment).await
        })
        .await
}

fn booked_once_at(carrier: (&str, i64), bookings: &[Value]) -> u64 {
    assert_eq!(bookings.len(), 1, "{bookings:?}");
    assert_eq!(
        (&bookings[0]["carrier"], &bookings[0]["status"]),
        (&json!(carrier.0), &json!("live"))
    );
    bookings[0]["requests"].as_u64().unwrap()
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_carrier_that_fails_is_asked_again_and_books_once() {
    let bookings = booked_in_spite_of(KEYED, json!({"error_rate": 1})).await;
    assert_eq!(booked_once_at(KEYED, &bookings), 1, "the failures did nothing");
}

/// A 429 did nothing for certain: it is waited for, with keys and without, and
/// waiting is not failing.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_carrier_that_throttles_is_waited_for_and_books_once() {
    for carrier in [KEYED, KEYLESS] {
        let fleet = Fleet::connect().await;
        fleet
            .with_moods(async {
                fleet.calm().await;
                fleet.mood(carrier.0, &json!({"throttle_rate": 1, "retry_after_s": 1})).await;
                let before = fleet.answers(carrier.0, "429").await;
                let sent = send(&fleet, carrier.1).await;
                until("two refusals", PATIENCE, || async {
                    (fleet.answers(carrier.0, "429").await >= before + 2).then_some(())
                })
                .await;
                let record = fleet.tasks.get(&sent.task).await.unwrap().unwrap();
                assert_eq!(record.attempts, 0, "{record:?}");
                fleet.calm().await;
                fleet.completed(&sent.task).await;
                let requests = booked_once_at(carrier, &fleet.bookings(&sent.shipment).await);
                assert_eq!(requests, 1, "the refused calls did nothing");
            })
            .await;
    }
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_carrier_that_loses_its_answers_books_once_under_one_key() {
    let bookings = booked_in_spite_of(KEYED, json!({"lose_answer_rate": 1})).await;
    let requests = booked_once_at(KEYED, &bookings);
    assert!(requests >= 3, "two answers were lost and one came: {requests}");
}

/// Nobody can tell whether it was booked, so nobody books again: a person says.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_lost_answer_of_a_carrier_without_keys_waits_for_a_person() {
    let fleet = Fleet::connect().await;
    fleet
        .with_moods(async {
            fleet.calm().await;
            fleet.mood(KEYLESS.0, &json!({"lose_answer_rate": 1})).await;
            let lost = send(&fleet, KEYLESS.1).await;
            held(&fleet, &lost).await;
            assert_eq!(fleet.bookings(&lost.shipment).await.len(), 1, "it was made");
            fleet.mood(KEYLESS.0, &json!({"lose_answer_rate": 0, "error_rate": 1})).await;
            let never = send(&fleet, KEYLESS.1).await;
            held(&fleet, &never).await;
            assert!(fleet.bookings(&never.shipment).await.is_empty(), "it was not made");
            // Another event of the shipment does not book past the question either.
            fleet.calm().await;
            let event = fresh("track");
            let late = json!({"estimated_arrival": in_hours(200)});
            fleet.ingest(&[tracking(&event, &lost.reference, "delayed", &late)]).await;
            let delay = fleet.ended(&task_of(&event, &lost.shipment)).await;
            assert_eq!(delay.status.kind(), StatusKind::Held, "{delay:?}");
            assert_eq!(delay.reason.unwrap().code, ReasonCode::Ambiguous);
            let bookings = fleet.bookings(&lost.shipment).await;
            assert_eq!(booked_once_at(KEYLESS, &bookings), 1);
        })
        .await;
}

async fn held(fleet: &Fleet, sent: &Sent) {
    let record = fleet.ended(&sent.task).await;
    assert_eq!((record.stage, record.status.kind()), (Stage::Communication, StatusKind::Held));
    assert_eq!(record.reason.as_ref().unwrap().code, ReasonCode::Ambiguous, "{record:?}");
    assert_eq!(record.intent.as_ref().unwrap().effect, "book", "what is unknown is on record");
}

/// The old booking is cancelled by its reference until that is certain, and the
/// new one is made once.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_rebooking_whose_cancellation_fails_leaves_one_live_booking() {
    let fleet = Fleet::connect().await;
    fleet
        .with_moods(async {
            fleet.calm().await;
            let sent = send(&fleet, KEYED.1).await;
            fleet.completed(&sent.task).await;
            fleet.mood(KEYED.0, &json!({"lose_answer_rate": 1})).await;
            let event = fresh("track");
            let late = json!({"estimated_arrival": in_hours(200)});
            fleet.ingest(&[tracking(&event, &sent.reference, "delayed", &late)]).await;
            let task = task_of(&event, &sent.shipment);
            failed_times(&fleet, &task, 2).await;
            fleet.calm().await;
            fleet.completed(&task).await;
            let bookings = fleet.bookings(&sent.shipment).await;
            let told: Vec<_> = bookings.iter().map(|b| (&b["generation"], &b["status"])).collect();
            assert_eq!(told, [(&json!(1), &json!("cancelled")), (&json!(2), &json!("live"))]);
        })
        .await;
}

/// The booking stands while the desk is down; it is not made again with the notice.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_desk_that_loses_its_answers_gets_one_notice_and_the_carrier_one_booking() {
    for carrier in [KEYED, KEYLESS] {
        let fleet = Fleet::connect().await;
        fleet
            .with_moods(async {
                fleet.calm().await;
                fleet.mood("dispatch", &json!({"lose_answer_rate": 1})).await;
                let sent = send(&fleet, carrier.1).await;
                failed_times(&fleet, &sent.task, 2).await;
                fleet.calm().await;
                fleet.completed(&sent.task).await;
                booked_once_at(carrier, &fleet.bookings(&sent.shipment).await);
                let notices = fleet.ledger("notices", &sent.shipment).await;
                assert_eq!(notices.len(), 1, "{notices:?}");
                assert_eq!(notices[0]["key"], format!("{}/notice", sent.task));
            })
            .await;
    }
}

/// Whatever the policy tells customers: this decision says that it concerns one.
fn notice_of_a_delay() -> StageMessage {
    decided(&json!("notify"))
}

/// Whatever the policy would choose: this is decided of a shipment of its own.
fn decided(action: &Value) -> StageMessage {
    let decision = json!({
        "action": action, "reason": "It will be late.", "tell_customer": true,
        "policy": "default@1", "decided_on": 0,
    });
    to_communication("told", &decision)
}

/// Both lose their answers, so both are told more than once, and hear it once.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn dispatch_and_the_customer_hear_of_a_task_once_each() {
    let fleet = Fleet::connect().await;
    fleet
        .with_moods(async {
            fleet.calm().await;
            for partner in ["dispatch", "customer"] {
                fleet.mood(partner, &json!({"lose_answer_rate": 1})).await;
            }
            let message = notice_of_a_delay();
            fleet.seed(&message, now()).await;
            fleet.send("CommunicationQueueUrl", &message.to_json().unwrap()).await;
            failed_times(&fleet, &message.task, 2).await;
            fleet.calm().await;
            let record = fleet.completed(&message.task).await;
            let told = fleet.logged(&record).await;
            assert_eq!((&told["notified"], &told["customer_told"]), (&json!(true), &json!(true)));
            for (list, key) in [("notices", "notice"), ("customer_events", "customer")] {
                let heard = fleet.ledger(list, message.shipment.as_str()).await;
                assert_eq!(heard.len(), 1, "{list}: {heard:?}");
                assert_eq!(heard[0]["key"], format!("{}/{key}", message.task));
                assert!(heard[0]["requests"].as_u64().unwrap() >= 3, "{heard:?}");
            }
        })
        .await;
}

/// The shop is down for everybody: it is left alone, dispatch is told all the same,
/// and what waited is told when it is back, without anybody's help.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_partner_that_is_down_is_left_alone_and_told_when_it_is_back() {
    let fleet = Fleet::connect().await;
    fleet
        .with_moods(async {
            fleet.calm().await;
            fleet.mood("customer", &json!({"error_rate": 1})).await;
            let messages: Vec<_> = (0..8).map(|_| notice_of_a_delay()).collect();
            for message in &messages {
                fleet.seed(message, now()).await;
                fleet.send("CommunicationQueueUrl", &message.to_json().unwrap()).await;
            }
            until("an open breaker", PATIENCE, || async {
                let seen = fleet.records.breaker("customer").await.unwrap();
                matches!(seen.breaker, Breaker::Open { .. }).then_some(())
            })
            .await;
            let booked = send(&fleet, KEYED.1).await;
            until("a booking beside it", PATIENCE, || async {
                (fleet.bookings(&booked.shipment).await.len() == 1).then_some(())
            })
            .await;
            fleet.calm().await;
            for message in &messages {
                let record = fleet.completed(&message.task).await;
                let told = fleet.logged(&record).await;
                assert_eq!(told["customer_told"], json!(true), "{told}");
                let heard = fleet.ledger("customer_events", message.shipment.as_str()).await;
                assert_eq!(heard.len(), 1, "{heard:?}");
            }
            fleet.start_afresh("customer").await;
        })
        .await;
}

/// With every try failing the task fails with its reason, and the slot tells
/// that a booking may be in the making.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_carrier_that_never_recovers_fails_the_task_into_the_dead_letter_queue() {
    let fleet = Fleet::connect().await;
    fleet
        .with_moods(async {
            fleet.calm().await;
            // No other test here makes this carrier fail: its breaker opens with the
            // failure that is this task's last.
            fleet.mood("swift", &json!({"error_rate": 1})).await;
            let choice = json!({"carrier": "swift", "service": "express", "cost": 3110});
            let sent = decided(&json!({ "book": choice }));
            fleet.seed(&sent, now()).await;
            fleet.send("CommunicationQueueUrl", &sent.to_json().unwrap()).await;
            let record = fleet.ended_within(2 * PATIENCE, &sent.task).await;
            assert_eq!(record.status.kind(), StatusKind::Failed, "{record:?}");
            let letter = fleet.letter("Communication", sent.task.as_str()).await;
            assert_eq!(letter.code, "retries_exhausted");
            assert!(letter.reason.contains("swift"), "{}", letter.reason);
            assert!(fleet.bookings(sent.shipment.as_str()).await.is_empty());
            let known = fleet.records.known(&sent.shipment, &Page::default()).await.unwrap();
            assert_eq!(known["slot"]["generation"], 1, "{known}");
            fleet.start_afresh("swift").await;
        })
        .await;
}
