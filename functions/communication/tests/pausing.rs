//! A person pauses a partner and resumes it: every environment learns it within
//! seconds, nothing is called meanwhile, and nothing is used up by waiting.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test says what is wrong by panicking")]
#![allow(clippy::indexing_slicing, reason = "a test says what is wrong by panicking")]

mod support;

use flotilla_shipment::decision::Action;
use flotilla_shipment::partner::Breaker;
use flotilla_shipment::partner::pause::UNTIL_RESUMED;
use flotilla_shipment::payload::SlotView;
use flotilla_shipment::ports::{CallError, Partners};
use flotilla_shipment::slot::{Booking, Generation};
use flotilla_shipment::words::whole_second;
use flotilla_task::{Clock, Status};
use serde_json::json;
use std::sync::atomic::Ordering;
use std::time::Duration;
use support::{Fleet, Instance, decided, named, open_swift};

const SECOND: Duration = Duration::from_secs(1);
/// How long an environment believes what it has read.
const FRESH: Duration = Duration::from_secs(5);

/// Two environments that have called swift before and know that it is well.
async fn two(fleet: &Fleet) -> [Instance; 2] {
    let environments = [fleet.environment(), fleet.environment()];
    for (at, environment) in environments.iter().enumerate() {
        let message = fleet.decided(&format!("before-{at}"), "swift").await;
        fleet.deliver(environment, &[message]).await;
    }
    assert_eq!(fleet.answered("swift").await, 2);
    environments
}

async fn refusal(environment: &Instance) -> String {
    match environment.handler.agent.partners.admit("swift").await {
        Err(error @ CallError::Postponed { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_paused_partner_is_left_alone_by_every_environment_and_burns_no_retry_budget() {
    let fleet = Fleet::new().await;
    let environments = two(&fleet).await;
    let reserved = fleet.slots.0.load(Ordering::SeqCst);
    fleet.shared.pause("swift", fleet.clock.now().plus(3600 * SECOND));
    fleet.clock.0.advance(FRESH);
    let mut waiting = Vec::new();
    for (at, environment) in environments.iter().enumerate() {
        let paused = named(&format!("paused-{at}"), 3);
        let well = named(&format!("well-{at}"), 3);
        let messages = fleet.all_decided(&paused, "swift").await;
        let mut both = messages.clone();
        both.extend(fleet.all_decided(&well, "steady").await);
        fleet.deliver(environment, &both).await;
        assert_eq!(fleet.through(&well).await, 3, "the healthy partner's are untouched");
        let told = environment.meter.take().calls;
        assert_eq!((told["swift"].state, told["swift"].is_open()), ("paused", true));
        assert_eq!((told["steady"].state, told["steady"].is_open()), ("closed", false));
        waiting.push((paused, messages));
    }
    let mine = fleet.slots.0.load(Ordering::SeqCst) - reserved;
    assert_eq!(mine, 6, "only the healthy partner's slots are reserved");
    // They look again and again, for longer than a retry budget would last.
    for receives in 2..22 {
        fleet.clock.0.advance(45 * SECOND);
        let reads = fleet.shared.reads();
        for (environment, (_, messages)) in environments.iter().zip(&waiting) {
            fleet.deliver_again(environment, messages, receives).await;
        }
        assert_eq!(fleet.shared.reads(), reads + 2, "one read for each environment");
    }
    assert_eq!(fleet.answered("swift").await, 2, "no call, and no probe");
    assert!(fleet.shared.changes("swift").is_empty(), "nor a write of the breaker");
    for (tasks, _) in &waiting {
        for task in tasks {
            let record = fleet.record(task).await;
            assert_eq!((record.attempts, &record.status), (0, &Status::Pending));
            assert_eq!(record.updated_at, fleet.clock.now(), "so recovery sees it alive");
        }
    }
    // By visibility at first, and as a copy of its own when many receives are used up.
    let given_back = fleet.queues.given_back.lock().unwrap().clone();
    let copies = fleet.queues.sent_to("own");
    assert!(given_back.len() >= 6 * 14 && copies.len() >= 6 * 6);
    let delays = given_back.iter().map(|(_, delay)| *delay);
    for delay in delays.chain(copies.iter().map(|copy| copy.delay)) {
        assert!((30 * SECOND..=45 * SECOND).contains(&delay), "{delay:?}");
    }
    for (environment, (tasks, messages)) in environments.iter().zip(&waiting) {
        fleet.shared.resume("swift", fleet.clock.now());
        fleet.clock.0.advance(FRESH);
        fleet.deliver(environment, messages).await;
        assert_eq!(fleet.through(tasks).await, 3, "they go on after it");
    }
}

#[tokio::test]
async fn a_pause_is_over_when_its_time_is_and_says_until_when() {
    let fleet = Fleet::new().await;
    let [environment, _] = two(&fleet).await;
    let until = fleet.clock.now().plus(20 * SECOND);
    fleet.shared.pause("swift", until);
    fleet.clock.0.advance(FRESH);
    let said = refusal(&environment).await;
    let moment = whole_second(until.into());
    let expected = format!("swift is not called now: an operator paused it until {moment}");
    assert_eq!(said, expected);
    let tasks = named("task", 1);
    let messages = fleet.all_decided(&tasks, "swift").await;
    fleet.deliver(&environment, &messages).await;
    assert_eq!(fleet.through(&tasks).await, 0);
    fleet.clock.0.advance(15 * SECOND);
    fleet.deliver(&environment, &messages).await;
    assert_eq!(fleet.through(&tasks).await, 1);
    fleet.shared.pause("swift", UNTIL_RESUMED);
    fleet.clock.0.advance(FRESH);
    assert!(refusal(&environment).await.ends_with("until somebody resumes it"));
}

/// An environment that knows of an open breaker learns the pause all the same, and
/// that it was taken back: then it may probe at once, and closes by steps as ever.
#[tokio::test]
async fn a_breaker_that_was_open_before_the_pause_is_probed_at_once_after_it() {
    let fleet = Fleet::new().await;
    let environment = fleet.environment();
    open_swift(&fleet, &environment).await;
    let written = fleet.shared.changes("swift");
    fleet.mood("swift", json!({"error_rate": 0})).await;
    fleet.shared.pause("swift", UNTIL_RESUMED);
    fleet.clock.0.advance(FRESH);
    assert!(refusal(&environment).await.contains("an operator paused it"));
    fleet.clock.0.advance(600 * SECOND);
    assert!(refusal(&environment).await.contains("an operator paused it"), "no probe is made");
    assert_eq!(fleet.shared.changes("swift"), written);
    // It is opened for longer than anybody wants to wait.
    let until = fleet.clock.now().plus(300 * SECOND);
    fleet.shared.set("swift", Breaker::Open { until, times: 5 });
    fleet.clock.0.advance(FRESH);
    assert!(refusal(&environment).await.contains("an operator paused it"));
    fleet.shared.resume("swift", fleet.clock.now());
    fleet.clock.0.advance(FRESH);
    let probes = named("probe", 2);
    let messages = fleet.all_decided(&probes, "swift").await;
    fleet.deliver(&environment, &messages).await;
    assert_eq!(fleet.through(&probes).await, 2);
    assert_eq!(fleet.shared.is("swift"), Breaker::Closing { step: 0, times: 5 });
    assert_eq!(fleet.shared.changes("swift"), ["open", "probing", "closing"]);
}

/// Versions begin anew in an item that was deleted. An environment that knows a higher
/// one must not take the pause for something old.
#[tokio::test]
async fn a_pause_after_the_item_was_deleted_counts_in_an_environment_that_knew_it() {
    let fleet = Fleet::new().await;
    let [environment, _] = two(&fleet).await;
    for _ in 0..7 {
        fleet.shared.set("swift", Breaker::Closed);
    }
    fleet.clock.0.advance(FRESH);
    drop(environment.handler.agent.partners.admit("swift").await.unwrap());
    fleet.shared.forget("swift");
    fleet.shared.pause("swift", UNTIL_RESUMED);
    fleet.clock.0.advance(FRESH);
    assert!(refusal(&environment).await.contains("an operator paused it"));
}

/// Dispatch may be paused for hours, and each of its tasks looks every half a minute.
#[tokio::test]
async fn while_dispatch_is_paused_the_customer_is_told_once() {
    let fleet = Fleet::new().await;
    let environment = fleet.environment();
    fleet.shared.pause("dispatch", UNTIL_RESUMED);
    let mut decided = decided("steady");
    decided.decision.tell_customer = true;
    let message = fleet.decided_so("task", &decided).await;
    for receives in 1..6 {
        fleet.deliver_again(&environment, std::slice::from_ref(&message), receives).await;
        fleet.clock.0.advance(45 * SECOND);
    }
    let told = fleet.ledger().await;
    assert_eq!(told["customer_events"][0]["requests"], 1, "{told}");
    assert!(told["notices"].as_array().unwrap().is_empty());
    let written = fleet.record("task").await.checkpoints;
    assert_eq!(written["told"], json!({"customer": true}).to_string());
    fleet.shared.resume("dispatch", fleet.clock.now());
    fleet.clock.0.advance(FRESH);
    fleet.deliver(&environment, &[message]).await;
    assert_eq!(fleet.through(&["task".to_owned()]).await, 1);
    let told = fleet.ledger().await;
    assert_eq!(
        (&told["notices"][0]["requests"], &told["customer_events"][0]["requests"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(fleet.bookings("steady").await.len(), 1);
}

/// Else the slot is kept from others, and the new carrier's rate is used up, by a task
/// that cannot go on.
#[tokio::test]
async fn a_rebooking_waits_for_the_carrier_that_is_to_cancel_before_it_reserves_anything() {
    let fleet = Fleet::new().await;
    let environment = fleet.environment();
    let mut decided = decided("swift");
    let Action::Book(choice) = decided.decision.action.clone() else { panic!("{decided:?}") };
    let old = Booking {
        carrier: "steady".to_owned(),
        service: "standard".to_owned(),
        via: None,
        reference: "ST-1".to_owned(),
        cost_cents: 950,
    };
    decided.decision.action = Action::Rebook(choice);
    decided.known.slot = SlotView { generation: Generation(0), live: Some(old), busy: false };
    let message = fleet.decided_so("task", &decided).await;
    fleet.shared.pause("steady", UNTIL_RESUMED);
    fleet.deliver(&environment, std::slice::from_ref(&message)).await;
    assert_eq!(fleet.slots.0.load(Ordering::SeqCst), 0, "no slot is reserved");
    assert!(!environment.meter.take().calls.contains_key("swift"), "nor anything asked of swift");
    fleet.shared.resume("steady", fleet.clock.now());
    fleet.clock.0.advance(FRESH);
    fleet.deliver(&environment, &[message]).await;
    assert_eq!(fleet.through(&["task".to_owned()]).await, 1);
}
