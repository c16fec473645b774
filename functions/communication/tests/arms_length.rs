//! Partners at arm's length: one that is dead or slow holds up nobody else, is left
//! alone, and gets its calls back little by little. Time is moved by hand, and calls
//! hang until the test lets them go.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test says what is wrong by panicking")]
#![allow(clippy::indexing_slicing, reason = "a test says what is wrong by panicking")]

mod support;

use communication::PARTNERS;
use flotilla_shipment::partner::Breaker;
use flotilla_task::{Clock, Status, StatusKind};
use serde_json::json;
use std::sync::atomic::Ordering;
use std::time::Duration;
use support::{Fleet, Instance, named, until};

const SECOND: Duration = Duration::from_secs(1);

/// Opens swift's breaker: as many calls as it takes fail.
async fn open_swift(fleet: &Fleet, environment: &Instance) {
    fleet.mood("swift", json!({"error_rate": 1})).await;
    for task in named("failing", 5) {
        let message = fleet.decided(&task, "swift").await;
        fleet.deliver(environment, &[message]).await;
        assert_eq!(fleet.record(&task).await.attempts, 1, "a failure is counted");
    }
    assert!(matches!(fleet.shared.is("swift"), Breaker::Open { times: 1, .. }));
}

/// The sick partner's calls hang until the healthy one's are all made, so that none
/// of those can have waited for one of them, neither for its place nor for its end.
/// Its records come first, and there are more of them than the bulkhead lets in.
#[tokio::test]
async fn no_healthy_call_ever_waits_behind_a_sick_partners() {
    let fleet = Fleet::new().await;
    // All that are let go at once have a notice for dispatch.
    let desk = "[dispatch]\nterms.concurrency = 40";
    let patient = PARTNERS.replace("time_limit_ms = 2000", "time_limit_ms = 60000");
    let environment = fleet.environment_of(&patient.replace("[dispatch]", desk));
    for partner in ["swift", "tortoise"] {
        fleet.mood(partner, json!({"hold": true})).await;
    }
    let (slow, dead, well) = (named("slow", 12), named("dead", 12), named("well", 12));
    let mut messages = fleet.all_decided(&slow, "swift").await;
    messages.extend(fleet.all_decided(&dead, "tortoise").await);
    messages.extend(fleet.all_decided(&well, "steady").await);
    let healthy = async {
        fleet.hanging(20).await;
        // Ten of the healthy ones' twelve: they have a bulkhead as well.
        until(|| async { fleet.through(&well).await >= 10 }).await;
        assert_eq!(fleet.through(&slow).await + fleet.through(&dead).await, 0);
        for partner in ["swift", "tortoise"] {
            fleet.mood(partner, json!({"hold": false})).await;
        }
    };
    let (response, ()) = tokio::join!(fleet.deliver(&environment, &messages), healthy);
    let back = response.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str());
    let waiting: Vec<&str> =
        back.filter(|id| id.starts_with("slow") || id.starts_with("dead")).collect();
    assert_eq!(waiting.len(), 4, "two of each found no place: {waiting:?}");
    for task in waiting {
        let record = fleet.record(task).await;
        assert_eq!(
            (record.attempts, &record.status),
            (0, &Status::Pending),
            "waiting is not failing"
        );
    }
    let booked = (fleet.bookings("swift").await.len(), fleet.bookings("tortoise").await.len());
    assert_eq!(booked, (10, 10));
}

/// A batch with records of a partner whose breaker is open ends while that partner
/// would still let every call hang: nothing of it is called, reserved or counted.
#[tokio::test]
async fn while_a_breaker_is_open_its_messages_wait_and_burn_no_retry_budget() {
    let fleet = Fleet::new().await;
    let (first, second) = (fleet.environment(), fleet.environment());
    open_swift(&fleet, &first).await;
    let calls = fleet.answered("swift").await;
    let reserved = fleet.slots.0.load(Ordering::SeqCst);
    fleet.mood("swift", json!({"hold": true})).await;
    let (sick, well) = (named("sick", 5), named("well", 5));
    let mut messages = fleet.all_decided(&sick, "swift").await;
    messages.extend(fleet.all_decided(&well, "steady").await);
    // The second has never called swift: what it knows the first has told it.
    let response = fleet.deliver(&second, &messages).await;
    assert_eq!(response.batch_item_failures.len(), 5);
    assert_eq!(fleet.through(&well).await, 5);
    assert_eq!(fleet.answered("swift").await, calls);
    assert_eq!(fleet.slots.0.load(Ordering::SeqCst), reserved + 5, "the slot is left to others");
    for (receipt, delay) in fleet.queues.given_back.lock().unwrap().iter() {
        if receipt.contains("sick") {
            assert!(*delay >= 10 * SECOND, "not before it may be tried: {delay:?}");
        }
    }
    for task in sick {
        assert_eq!(fleet.record(&task).await.attempts, 0);
    }
    assert_eq!(fleet.shared.changes("swift"), ["open"], "a state that stays is not written");
}

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

/// One 429, and nobody in this environment calls before the time is over.
#[tokio::test]
async fn a_partner_that_asks_for_a_pause_is_left_alone_that_long() {
    let fleet = Fleet::new().await;
    let environment = fleet.environment();
    fleet.mood("steady", json!({"throttle_rate": 1, "retry_after_s": 30})).await;
    for (at, task) in named("early", 3).iter().enumerate() {
        let message = fleet.decided(task, "steady").await;
        fleet.deliver(&environment, &[message]).await;
        assert_eq!(fleet.answered("steady").await, 1, "call {at}");
        assert_eq!(fleet.record(task).await.attempts, 0);
    }
    fleet.mood("steady", json!({"throttle_rate": 0})).await;
    fleet.clock.0.advance(30 * SECOND);
    let message = fleet.decided("late", "steady").await;
    fleet.deliver(&environment, &[message]).await;
    assert_eq!(fleet.bookings("steady").await.len(), 1);
}

/// Ten calls a second and twenty at once, whoever makes them; and without a limit
/// nothing is written.
#[tokio::test]
async fn a_rate_holds_across_environments_and_costs_nothing_where_there_is_none() {
    let fleet = Fleet::new().await;
    let limited = "id = \"swift\"\nterms.rate = { per_second = 10.0, burst = 20 }";
    let file = PARTNERS.replace("id = \"swift\"", limited);
    let environments = [(); 4].map(|()| fleet.environment_of(&file));
    let messages = fleet.all_decided(&named("steady", 5), "steady").await;
    fleet.deliver(&environments[0], &messages).await;
    assert_eq!(fleet.shared.blocks(), 0);
    for (at, environment) in environments.iter().enumerate() {
        let messages = fleet.all_decided(&named(&format!("burst-{at}"), 10), "swift").await;
        fleet.deliver(environment, &messages).await;
    }
    let first = fleet.bookings("swift").await.len();
    assert!((15..=20).contains(&first), "the burst, less what is left of blocks: {first}");
    fleet.clock.0.advance(SECOND);
    for (at, environment) in environments.iter().enumerate() {
        let messages = fleet.all_decided(&named(&format!("then-{at}"), 10), "swift").await;
        fleet.deliver(environment, &messages).await;
    }
    let then = fleet.bookings("swift").await.len() - first;
    assert!((5..=10).contains(&then), "what a second allows: {then}");
}

/// Protection decides nothing: without the table calls go by what is known.
#[tokio::test]
async fn a_table_that_does_not_answer_stops_no_call() {
    let fleet = Fleet::new().await;
    fleet.shared.fall_silent();
    let tasks = named("task", 3);
    let messages = fleet.all_decided(&tasks, "swift").await;
    fleet.deliver(&fleet.environment(), &messages).await;
    assert_eq!(fleet.through(&tasks).await, 3);
}

/// Three hours, in which another environment's probes fail: each delivery finds it
/// open, and what is sent again is the same task's message.
#[tokio::test]
async fn a_task_survives_a_breaker_that_is_open_for_hours() {
    let fleet = Fleet::new().await;
    let environment = fleet.environment();
    open_swift(&fleet, &environment).await;
    let calls = fleet.answered("swift").await;
    let message = fleet.decided("task", "swift").await;
    let end = fleet.clock.now().plus(3 * 3600 * SECOND);
    while fleet.clock.now() < end {
        let until = fleet.clock.now().plus(300 * SECOND);
        fleet.shared.set("swift", Breaker::Open { until, times: 9 });
        // The environment learns of it when its own state is over.
        fleet.clock.0.advance(60 * SECOND);
        fleet.deliver(&environment, std::slice::from_ref(&message)).await;
        fleet.clock.0.advance(100 * SECOND);
    }
    let record = fleet.record("task").await;
    assert_eq!((record.attempts, record.resends, &record.status), (0, 0, &Status::Pending));
    assert_eq!(fleet.answered("swift").await, calls);
    for copy in fleet.queues.sent_to("own") {
        assert!(copy.delay > 100 * SECOND && copy.body.contains("SHP-task"), "{copy:?}");
    }
    fleet.mood("swift", json!({"error_rate": 0})).await;
    fleet.clock.0.advance(600 * SECOND);
    fleet.deliver(&environment, &[message]).await;
    assert_eq!(fleet.through(&["task".to_owned()]).await, 1);
}

#[tokio::test]
async fn a_partners_own_budget_and_windows_count_for_its_failures() {
    let fleet = Fleet::new().await;
    let own = "id = \"swift\"\nterms.retry = { base_ms = 60000, limit_ms = 120000, budget = 3 }";
    let environment = fleet.environment_of(&PARTNERS.replace("id = \"swift\"", own));
    fleet.mood("swift", json!({"error_rate": 1})).await;
    let message = fleet.decided("task", "swift").await;
    for attempts in 1..=2 {
        fleet.deliver(&environment, std::slice::from_ref(&message)).await;
        assert_eq!(fleet.record("task").await.attempts, attempts);
        let (_, delay) = fleet.queues.given_back.lock().unwrap().pop().unwrap();
        let window = 60 * SECOND * attempts;
        assert!(delay >= window / 10 && delay <= window, "{delay:?}");
    }
    fleet.deliver(&environment, &[message]).await;
    let record = fleet.record("task").await;
    assert_eq!(record.status.kind(), StatusKind::Failed, "the third of three");
    assert!(record.reason.unwrap().text.contains("gave up after 3 failures"));
}
