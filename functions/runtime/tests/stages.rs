//! The protocol around an agent's work, over the in-memory store: hand-off,
//! replays, zombies, lost answers.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what is wrong by panicking"
)]

mod support;

use flotilla_runtime::batch::BatchLoop;
use flotilla_runtime::meter::Meter;
use flotilla_runtime::stage::Straight;
use flotilla_task::*;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use support::bench::*;
use support::*;

#[tokio::test]
async fn a_stage_commits_then_sends_the_stored_message_then_acknowledges() {
    let bench = Bench::new();
    let record = bench.created().await;
    assert!(bench.deliver(&StageMessage::stored_in(&record)).await);
    let after = bench.now().await;
    assert_eq!((after.stage, after.payload.as_json()), (Stage::Decision, "\"done\""));
    let sent = bench.queues.sent_to("decision");
    assert_eq!(sent[0].body, StageMessage::stored_in(&after).to_json().unwrap());
}

#[tokio::test]
async fn a_crash_between_commit_and_send_is_closed_by_the_redelivery() {
    let bench = Bench::new();
    let record = bench.created().await;
    // Committed by a worker that died before it sent.
    bench.commit(&record, Stage::Decision).await;
    assert!(bench.deliver(&StageMessage::stored_in(&record)).await);
    let sent = bench.queues.sent_to("decision");
    assert_eq!(sent.len(), 1);
    assert!(sent[0].body.contains("\"stored\""), "its own recomputed result was sent");
}

#[tokio::test]
async fn a_failed_send_keeps_the_message_and_its_redelivery_sends() {
    let bench = Bench::new();
    let message = StageMessage::stored_in(&bench.created().await);
    *bench.queues.refuse.lock().unwrap() = Some("done".to_owned());
    assert!(!bench.deliver(&message).await);
    *bench.queues.refuse.lock().unwrap() = None;
    assert!(bench.deliver(&message).await);
    assert_eq!(bench.queues.sent_to("decision").len(), 1);
}

#[tokio::test]
async fn a_duplicate_of_work_long_done_is_acknowledged_and_sends_nothing() {
    let bench = Bench::new();
    let record = bench.created().await;
    let decision = bench.commit(&record, Stage::Decision).await;
    bench.commit(&decision, Stage::Communication).await;
    assert!(bench.deliver(&StageMessage::stored_in(&record)).await);
    assert!(bench.queues.sent.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_lost_answer_is_repeated_and_adopted_once() {
    let bench = Bench::new();
    let message = StageMessage::stored_in(&bench.created().await);
    bench.store.lose_after.store(1, Ordering::SeqCst);
    assert!(bench.deliver(&message).await);
    assert_eq!(bench.now().await.epoch, message.epoch.next());
    assert_eq!(bench.queues.sent_to("decision").len(), 1);
}

#[tokio::test]
async fn two_lost_answers_give_the_message_back_and_its_redelivery_sends_the_stored_one() {
    let bench = Bench::new();
    let message = StageMessage::stored_in(&bench.created().await);
    bench.store.lose_after.store(2, Ordering::SeqCst);
    assert!(!bench.deliver(&message).await);
    assert!(bench.queues.sent.lock().unwrap().is_empty());
    assert!(bench.deliver(&message).await);
    assert_eq!(bench.queues.sent_to("decision").len(), 1);
}

#[tokio::test]
async fn a_busy_task_goes_back_until_its_lease_lapses_and_is_then_taken_over() {
    let bench = Bench::new();
    let record = bench.at_communication().await;
    let lease_until = bench.clock.now().plus(Duration::from_secs(10));
    bench.write("crashed", Action::Claim { stage: Stage::Communication, lease_until }).await;
    let message = StageMessage::stored_in(&record);
    assert!(!bench.deliver(&message).await);
    let back = bench.queues.given_back.lock().unwrap().clone();
    assert_eq!(back, [("receipt-m".to_owned(), Duration::from_secs(10))]);
    bench.clock.0.advance(Duration::from_secs(10));
    assert!(bench.deliver(&message).await);
    assert_eq!(bench.now().await.stage, Stage::State);
}

#[tokio::test]
async fn a_claim_does_not_compare_the_messages_epoch() {
    let bench = Bench::new();
    let record = bench.at_communication().await;
    let message = StageMessage::stored_in(&record);
    bench.write("recovery", Action::Resend { fence: Fence::of(&record) }).await;
    assert!(bench.deliver(&message).await);
    assert_eq!(bench.now().await.stage, Stage::State);
}

#[tokio::test]
async fn a_message_without_a_record_is_dead_lettered_with_that_reason() {
    let bench = Bench::new();
    let message = StageMessage::stored_in(&Bench::new().created().await);
    assert!(bench.deliver(&message).await);
    assert_eq!(bench.queues.sent_to("own-dead")[0].attributes[1].1, "no_record");
}

#[tokio::test]
async fn a_message_of_a_newer_version_waits_for_the_rollout_with_a_limit() {
    let mut bench = Bench::new();
    let record = bench.created().await;
    let body = StageMessage::stored_in(&record).to_json().unwrap();
    let body = body.replace("flotilla.task.v1", "flotilla.task.v2");
    let deadline = bench.clock.now().plus(Duration::from_secs(30));
    for (receives, acknowledged) in [(1, false), (2, false), (3, true)] {
        bench.receives = receives;
        let batch = BatchLoop {
            handler: Straight {
                agent: bench.worker.clone(),
                protocol: protocol(Stage::Processing, &bench.store, &bench.clock),
            },
            queues: bench.queues.clone(),
            clock: bench.clock.clone(),
            settings: settings("own"),
            meter: Arc::new(Meter::default()),
        };
        let event = event(vec![received("m", &body, receives, None)]);
        let response = batch.run(event, deadline).await.unwrap();
        assert_eq!(response.batch_item_failures.is_empty(), acknowledged);
    }
    assert_eq!(bench.queues.sent_to("own-dead")[0].attributes[1].1, "newer_version");
    assert_eq!(bench.now().await, record);
}
