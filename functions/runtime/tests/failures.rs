//! What a failure of an agent's work means for its task and its message.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what is wrong by panicking"
)]

mod support;

use flotilla_task::*;
use std::collections::BTreeSet;
use std::time::Duration;
use support::bench::*;

#[tokio::test]
async fn a_permanent_failure_is_committed_first_and_dead_lettered_then() {
    for claims in [false, true] {
        let bench = Bench::new();
        let record = if claims { bench.at_communication().await } else { bench.created().await };
        let message = StageMessage::stored_in(&record);
        bench.fail_with(permanent("weight: wrong"));
        *bench.queues.refuse.lock().unwrap() = Some(message.id());
        assert!(!bench.deliver(&message).await, "acknowledged though the letter did not leave");
        assert_eq!(bench.now().await.status, Status::Failed);
        assert_eq!(bench.meter.take().dead_lettered, 0, "it is there when it has arrived");
        // The replay finds failed and dead-letters again.
        *bench.queues.refuse.lock().unwrap() = None;
        assert!(bench.deliver(&message).await);
        let letters = bench.queues.sent_to("own-dead");
        assert_eq!(bench.meter.take().dead_lettered, 1);
        assert_eq!(letters[0].attributes[0].1, "weight: wrong");
        assert!(letters[0].attributes.contains(&("task", "t".to_owned())));
    }
}

#[tokio::test]
async fn retryable_failures_are_counted_in_the_record_until_the_budget_is_spent() {
    for claims in [false, true] {
        let bench = Bench::new();
        if claims {
            bench.at_communication().await
        } else {
            bench.created().await
        };
        for failures in 1..3 {
            bench.fail_with(Failure::retry("no answer"));
            let message = StageMessage::stored_in(&bench.now().await);
            let acknowledged = bench.deliver(&message).await;
            // An unclaimed stage's message is bound to its epoch: the stored one
            // leaves with a delay, at the new epoch.
            assert_eq!(acknowledged, !claims);
            if !claims {
                let sent = bench.queues.sent_to("own").pop().unwrap();
                assert!(!sent.delay.is_zero());
                let stored = StageMessage::stored_in(&bench.now().await);
                assert_eq!(sent.body, stored.to_json().unwrap());
            }
            let record = bench.now().await;
            assert_eq!((record.attempts, record.status), (failures, Status::Pending));
        }
        bench.fail_with(Failure::retry("no answer"));
        let message = StageMessage::stored_in(&bench.now().await);
        assert!(bench.deliver(&message).await);
        let record = bench.now().await;
        assert_eq!(record.status, Status::Failed);
        let reason = record.reason.unwrap();
        assert_eq!(reason.code, ReasonCode::RetriesExhausted);
        assert_eq!(reason.text, "gave up after 3 failures: no answer");
        assert_eq!(bench.queues.sent_to("own-dead").len(), 1);
    }
}

#[tokio::test]
async fn a_failure_on_the_last_receive_commits_failed() {
    let mut bench = Bench::new();
    let record = bench.created().await;
    bench.receives = 30;
    bench.fail_with(Failure::retry("no answer"));
    assert!(bench.deliver(&StageMessage::stored_in(&record)).await);
    assert_eq!(bench.now().await.status, Status::Failed);
}

#[tokio::test]
async fn a_panic_counts_as_a_failure_of_its_own_task() {
    for claims in [false, true] {
        let bench = Bench::new();
        let record = if claims { bench.at_communication().await } else { bench.created().await };
        bench.fail_with(permanent("panic"));
        bench.deliver(&StageMessage::stored_in(&record)).await;
        let record = bench.now().await;
        assert_eq!((record.attempts, &record.status), (1, &Status::Pending));
        assert_eq!(record.reason.unwrap().code, ReasonCode::Panic);
    }
}

#[tokio::test]
async fn waiting_counts_no_failure_and_leaves_the_queue_when_receives_run_out() {
    let mut bench = Bench::new();
    let record = bench.at_communication().await;
    let message = StageMessage::stored_in(&record);
    let reason = Reason::new(ReasonCode::Failed, "not yet");
    let delay = Duration::from_secs(5);
    let wait = Failure::Wait { reason: reason.clone(), delay, ends: WaitEnds::ByTime };
    bench.fail_with(wait.clone());
    assert!(!bench.deliver(&message).await);
    let waiting = bench.now().await;
    assert_eq!((waiting.attempts, &waiting.status), (0, &Status::Pending));
    bench.receives = 16;
    bench.fail_with(wait);
    assert!(bench.deliver(&message).await, "half the receives are used: a copy goes instead");
    let copy = bench.queues.sent_to("own").pop().unwrap();
    assert_eq!(copy.delay, Duration::from_secs(50), "the longer it waits, the longer it waits");
    bench.fail_with(Failure::Wait { reason, delay, ends: WaitEnds::AtMoment });
    assert!(bench.deliver(&message).await);
    let copy = bench.queues.sent_to("own").pop().unwrap();
    assert_eq!(copy.delay, delay, "unless it knows when to come back");
}

#[tokio::test]
async fn running_out_of_time_is_a_counted_failure_and_gives_the_claim_up() {
    let mut bench = Bench::new();
    let record = bench.at_communication().await;
    bench.time = Duration::from_millis(2_350);
    bench.fail_with(permanent("hang"));
    assert!(!bench.deliver(&StageMessage::stored_in(&record)).await);
    let after = bench.now().await;
    assert_eq!((after.attempts, &after.status), (1, &Status::Pending));
}

#[tokio::test]
async fn on_a_fifo_queue_a_retry_keeps_its_place_in_the_order() {
    let mut bench = Bench::new();
    bench.queue = "own.fifo";
    let message = StageMessage::stored_in(&bench.created().await);
    bench.fail_with(Failure::retry("no answer"));
    assert!(!bench.deliver(&message).await, "a copy would come after the group's next event");
    assert!(bench.queues.sent.lock().unwrap().is_empty());
    bench.receives = 3;
    bench.fail_with(Failure::retry("no answer"));
    assert!(bench.deliver(&message).await);
    assert_eq!(bench.now().await.status, Status::Failed);
}

/// A tracking event may come before its order, and a FIFO queue gives the order
/// only once the tracking event is out of the way.
#[tokio::test]
async fn on_a_fifo_queue_a_task_that_waits_for_another_lets_it_pass() {
    let mut bench = Bench::new();
    bench.queue = "own.fifo";
    let message = StageMessage::stored_in(&bench.created().await);
    let reason = Reason::new(ReasonCode::Failed, "not yet");
    let wait = |ends| Failure::Wait { reason: reason.clone(), delay: Duration::from_secs(1), ends };
    bench.fail_with(wait(WaitEnds::ByAnotherTask));
    assert!(!bench.deliver(&message).await, "it may come any moment");
    bench.receives = 2;
    bench.fail_with(wait(WaitEnds::ByTime));
    assert!(!bench.deliver(&message).await, "nobody behind it is waited for");
    let mut ids = BTreeSet::new();
    for id in ["first", "second"] {
        bench.fail_with(wait(WaitEnds::ByAnotherTask));
        assert!(bench.deliver_as(id, &message).await, "a copy goes instead");
        let copy = bench.queues.sent_to("own.fifo").pop().unwrap();
        assert_eq!(copy.group.as_deref(), Some("S1"));
        ids.insert(copy.deduplication.unwrap());
    }
    let original = format!("{}/{}", message.id(), message.resends);
    ids.insert(original);
    assert_eq!(ids.len(), 3, "SQS would swallow an equal id: {ids:?}");
}

#[tokio::test]
async fn a_hold_acknowledges_and_waits_for_a_person() {
    let bench = Bench::new();
    let record = bench.at_communication().await;
    bench.fail_with(Failure::Hold(Reason::new(ReasonCode::Ambiguous, "unknown")));
    assert!(bench.deliver(&StageMessage::stored_in(&record)).await);
    assert_eq!(bench.now().await.status.kind(), StatusKind::Held);
    assert!(bench.queues.sent.lock().unwrap().is_empty());
}

/// The write that would end the try may not come to pass: then it has not come to a
/// next try by this failure, but by the store's.
#[tokio::test]
async fn a_failure_counts_once_and_as_what_its_write_has_made_of_it() {
    let bench = Bench::new();
    let message = StageMessage::stored_in(&bench.created().await);
    bench.fail_with(Failure::retry("no answer"));
    bench.store.lose_before.store(2, std::sync::atomic::Ordering::SeqCst);
    assert!(!bench.deliver(&message).await);
    assert_eq!(bench.meter.take().retried, 1, "the store's");
    bench.fail_with(Failure::retry("no answer"));
    assert!(bench.deliver(&message).await);
    assert_eq!(bench.meter.take().retried, 1);
}
