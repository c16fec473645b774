//! The circuit breaker over several environments: what opens it, who finds out when a
//! partner is well again, and how its calls come back.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test says what is wrong by panicking")]
#![allow(clippy::indexing_slicing, reason = "a test says what is wrong by panicking")]

mod support;

use communication::PARTNERS;
use flotilla_shipment::partner::Breaker;
use flotilla_task::{Clock, Status};
use serde_json::json;
use std::time::Duration;
use support::{Fleet, named, open_swift};

const SECOND: Duration = Duration::from_secs(1);

/// One environment probes, and what passes grows by steps, each of them one write.
#[tokio::test]
async fn a_breaker_closes_gradually_with_a_write_for_each_change() {
    let fleet = Fleet::new().await;
    let (first, second) = (fleet.environment(), fleet.environment());
    open_swift(&fleet, &first).await;
    fleet.mood("swift", json!({"error_rate": 0, "hold": true})).await;
    fleet.clock.0.advance(10 * SECOND);
    let tasks = named("task", 5);
    let messages = fleet.all_decided(&tasks, "swift").await;
    let probing = async {
        fleet.hanging(2).await;
        assert!(matches!(fleet.shared.is("swift"), Breaker::Probing { .. }));
        let other = fleet.decided("other", "swift").await;
        fleet.deliver(&second, &[other]).await;
        assert_eq!(fleet.record("other").await.status, Status::Pending, "another one is probing");
        assert_eq!(fleet.through(&["other".to_owned()]).await, 0);
        fleet.mood("swift", json!({"hold": false})).await;
    };
    tokio::join!(fleet.deliver(&first, &messages), probing);
    assert_eq!(fleet.through(&tasks).await, 2, "both probes");
    assert_eq!(fleet.shared.is("swift"), Breaker::Closing { step: 0, times: 1 });
    // Of ten at once the first, and one in ten.
    let crowd = named("crowd", 10);
    let messages = fleet.all_decided(&crowd, "swift").await;
    fleet.deliver(&first, &messages).await;
    assert_eq!(fleet.through(&crowd).await, 2);
    let mut rounds = 0;
    while fleet.shared.is("swift") != Breaker::Closed {
        fleet.clock.0.advance(SECOND);
        let more = fleet.all_decided(&named(&format!("more-{rounds}"), 4), "swift").await;
        fleet.deliver(&first, &more).await;
        rounds += 1;
        assert!(rounds < 20, "{:?}", fleet.shared.is("swift"));
    }
    let written = ["open", "probing", "closing", "closing", "closing", "closed"];
    assert_eq!(fleet.shared.changes("swift"), written);
    let all = named("all", 10);
    let messages = fleet.all_decided(&all, "swift").await;
    fleet.deliver(&first, &messages).await;
    assert_eq!(fleet.through(&all).await, 10, "closed: everything passes");
}

/// One that was killed after it had won the right to probe: nothing is written for
/// it, so its right lapses, and the next that asks has it.
#[tokio::test]
async fn an_environment_that_dies_probing_is_succeeded_by_another() {
    let fleet = Fleet::new().await;
    let until = fleet.clock.now().plus(6 * SECOND);
    fleet.shared.set("swift", Breaker::Probing { until, times: 2 });
    let environment = fleet.environment();
    let tasks = named("task", 2);
    let messages = fleet.all_decided(&tasks, "swift").await;
    fleet.deliver(&environment, &messages).await;
    assert_eq!(fleet.through(&tasks).await, 0, "it may be at work");
    fleet.clock.0.advance(6 * SECOND);
    fleet.deliver(&environment, &messages).await;
    assert_eq!(fleet.through(&tasks).await, 2);
    assert_eq!(fleet.shared.is("swift"), Breaker::Closing { step: 0, times: 2 });
}

#[tokio::test]
async fn a_probe_that_fails_leaves_it_open_for_twice_as_long() {
    let fleet = Fleet::new().await;
    let environment = fleet.environment();
    open_swift(&fleet, &environment).await;
    fleet.clock.0.advance(10 * SECOND);
    let message = fleet.decided("probe", "swift").await;
    fleet.deliver(&environment, &[message]).await;
    let until = fleet.clock.now().plus(20 * SECOND);
    assert_eq!(fleet.shared.is("swift"), Breaker::Open { until, times: 2 });
}

/// It calls all the time, and what it knows is never older than five seconds.
#[tokio::test]
async fn a_busy_environment_learns_within_seconds_what_another_has_found_out() {
    let fleet = Fleet::new().await;
    let (first, second) = (fleet.environment(), fleet.environment());
    let call = async |task: String| {
        let message = fleet.decided(&task, "swift").await;
        fleet.deliver(&second, &[message]).await;
    };
    call("before".to_owned()).await;
    open_swift(&fleet, &first).await;
    fleet.mood("swift", json!({"error_rate": 0})).await;
    let calls = fleet.answered("swift").await;
    for task in named("after", 6) {
        fleet.clock.0.advance(SECOND);
        call(task).await;
    }
    assert_eq!(fleet.answered("swift").await, calls + 4, "those of the first four seconds");
}

/// An environment reads it every few seconds, which must not make it forget.
#[tokio::test]
async fn failures_count_over_the_whole_window_though_the_breaker_is_read_meanwhile() {
    let fleet = Fleet::new().await;
    let environment = fleet.environment();
    fleet.mood("swift", json!({"error_rate": 1})).await;
    for task in named("failing", 5) {
        assert_eq!(fleet.shared.is("swift"), Breaker::Closed);
        let message = fleet.decided(&task, "swift").await;
        fleet.deliver(&environment, &[message]).await;
        fleet.clock.0.advance(6 * SECOND);
    }
    assert!(matches!(fleet.shared.is("swift"), Breaker::Open { .. }));
}

/// Whoever knows better deletes the item, and it starts afresh.
#[tokio::test]
async fn a_breaker_that_was_deleted_is_closed() {
    let fleet = Fleet::new().await;
    let environment = fleet.environment();
    open_swift(&fleet, &environment).await;
    fleet.mood("swift", json!({"error_rate": 0})).await;
    fleet.shared.forget("swift");
    fleet.clock.0.advance(10 * SECOND);
    let tasks = named("task", 9);
    let messages = fleet.all_decided(&tasks, "swift").await;
    fleet.deliver(&environment, &messages).await;
    assert_eq!(fleet.through(&tasks).await, 9);
}

/// A refusal is an answer, and a 429 is no illness.
#[tokio::test]
async fn refusals_and_throttling_do_not_open_it_and_slow_answers_do() {
    let fleet = Fleet::new().await;
    let refusing = fleet.environment_of(&PARTNERS.replace("/swift/bookings", "/nobody/bookings"));
    for task in named("refused", 9) {
        let message = fleet.decided(&task, "swift").await;
        fleet.deliver(&refusing, &[message]).await;
    }
    fleet.mood("steady", json!({"throttle_rate": 1, "retry_after_s": 1})).await;
    let environment = fleet.environment();
    for task in named("throttled", 9) {
        let message = fleet.decided(&task, "steady").await;
        fleet.deliver(&environment, &[message]).await;
        fleet.clock.0.advance(2 * SECOND);
    }
    assert_eq!(fleet.shared.is("swift"), Breaker::Closed);
    assert_eq!(fleet.shared.is("steady"), Breaker::Closed);
    fleet.mood("swift", json!({"hold": true})).await;
    let slow = named("slow", 5);
    let messages = fleet.all_decided(&slow, "swift").await;
    let time_passes = async {
        fleet.hanging(5).await;
        fleet.clock.0.advance(48 * SECOND);
        fleet.mood("swift", json!({"hold": false})).await;
    };
    tokio::join!(fleet.deliver(&environment, &messages), time_passes);
    assert_eq!(fleet.through(&slow).await, 5, "they were booked all the same");
    assert!(matches!(fleet.shared.is("swift"), Breaker::Open { .. }));
}
