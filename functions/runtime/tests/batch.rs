//! The batch loop: every record on its own, nothing acknowledged too early.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what is wrong by panicking"
)]

mod support;

use flotilla_runtime::batch::{BatchLoop, Call, Handled, Handler, Incoming};
use flotilla_runtime::meter::Meter;
use flotilla_runtime::queue::{MAX_MESSAGE_BYTES, Outgoing};
use flotilla_task::{Clock, Reason, ReasonCode, Timestamp};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::*;

/// Does what the event's id says, and notes the order.
#[derive(Default)]
struct Script {
    order: Mutex<Vec<String>>,
    running: AtomicUsize,
    most: AtomicUsize,
}

impl Handler for Script {
    async fn handle(&self, call: Call<'_>) -> Handled {
        let id = call.envelope.id.to_string();
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(running, Ordering::SeqCst);
        tokio::task::yield_now().await;
        self.order.lock().unwrap().push(id.clone());
        self.running.fetch_sub(1, Ordering::SeqCst);
        match id.split('-').next().unwrap() {
            "panic" => panic!("as told"),
            "back" => Handled::give_back(Duration::from_secs(7)),
            "dead" => Handled::dead_letter(Reason::new(ReasonCode::InvalidField, "weight: bad")),
            "send" => Handled::sending(vec![Outgoing {
                url: "next".into(),
                body: id,
                group: None,
                deduplication: None,
                delay: Duration::ZERO,
                attributes: vec![],
            }]),
            "hang" => std::future::pending().await,
            _ => Handled::DONE,
        }
    }
}

struct Bench {
    batch: BatchLoop<Script, FakeQueues, SharedClock>,
    queues: FakeQueues,
}

fn bench(queue: &str) -> Bench {
    let queues = FakeQueues::default();
    let batch = BatchLoop {
        handler: Script::default(),
        queues: queues.clone(),
        clock: SharedClock::new(),
        settings: settings(queue),
        meter: Arc::new(Meter::default()),
    };
    Bench { batch, queues }
}

impl Bench {
    async fn run(&self, records: Vec<Incoming>) -> Vec<String> {
        let deadline = self.batch.clock.now().plus(Duration::from_secs(30));
        self.run_until(records, deadline).await
    }

    async fn run_until(&self, records: Vec<Incoming>, deadline: Timestamp) -> Vec<String> {
        let response = self.batch.run(event(records), deadline).await.unwrap();
        response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
    }
}

#[tokio::test]
async fn one_bad_record_never_fails_its_batch() {
    let bench = bench("own");
    let failed = bench
        .run(vec![
            record("1", &body("ok-1", "S1")),
            record("2", "not json"),
            record("3", &body("panic-3", "S3")),
            record("4", &body("dead-4", "S4")),
            record("5", &body("back-5", "S5")),
            record("6", &body("send-6", "S6")),
        ])
        .await;
    assert_eq!(failed, ["3", "5"]);
    let dead = bench.queues.sent_to("own-dead");
    let reasons: Vec<_> = dead.iter().map(|m| m.attributes[1].1.as_str()).collect();
    assert_eq!(reasons, ["not_json", "invalid_field"]);
    assert_eq!(dead[0].body, "not json");
    assert_eq!(dead[1].attributes[0], ("reason", "weight: bad".to_owned()));
    assert_eq!(dead[1].attributes[2], ("original_message_id", "4".to_owned()));
    assert_eq!(bench.queues.sent_to("next").len(), 1);
    let back = bench.queues.given_back.lock().unwrap().clone();
    assert!(back.contains(&("receipt-5".to_owned(), Duration::from_secs(7))));
}

#[tokio::test]
async fn a_message_that_did_not_leave_keeps_its_record() {
    let bench = bench("own");
    *bench.queues.refuse.lock().unwrap() = Some("send-2".to_owned());
    let failed = bench
        .run(vec![record("1", &body("send-1", "S1")), record("2", &body("send-2", "S2"))])
        .await;
    assert_eq!(failed, ["2"]);
    assert_eq!(bench.queues.sent_to("next").len(), 1);
}

#[tokio::test]
async fn a_dead_letter_that_did_not_leave_keeps_its_record() {
    let bench = bench("own");
    *bench.queues.refuse.lock().unwrap() = Some("dead-1".to_owned());
    assert_eq!(bench.run(vec![record("1", &body("dead-1", "S1"))]).await, ["1"]);
}

#[tokio::test]
async fn records_of_a_shipment_run_in_order_and_others_beside_them() {
    let bench = bench("own");
    let subjects = ["A", "B", "A", "B", "C", "D", "E", "F", "A"];
    let records = subjects.iter().enumerate();
    let records = records.map(|(n, s)| record(&n.to_string(), &body(&format!("ok-{s}-{n}"), s)));
    assert!(bench.run(records.collect()).await.is_empty());
    let order = bench.batch.handler.order.lock().unwrap().clone();
    let of = |s: &str| order.iter().filter(|id| id.contains(s)).cloned().collect::<Vec<_>>();
    assert_eq!(of("-A-"), ["ok-A-0", "ok-A-2", "ok-A-8"]);
    assert_eq!(of("-B-"), ["ok-B-1", "ok-B-3"]);
    let most = bench.batch.handler.most.load(Ordering::SeqCst);
    assert!((2..=4).contains(&most), "{most} at once, the bound is 4");
}

#[tokio::test]
async fn no_work_starts_near_the_deadline_and_what_did_not_start_goes_back() {
    let bench = bench("own");
    let soon = bench.batch.clock.now().plus(Duration::from_millis(1_900));
    let failed = bench.run_until(vec![record("1", &body("ok-1", "S1"))], soon).await;
    assert_eq!(failed, ["1"]);
    assert!(bench.batch.handler.order.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_record_that_takes_too_long_goes_back_and_the_others_still_leave() {
    let bench = bench("own");
    let soon = bench.batch.clock.now().plus(Duration::from_millis(2_050));
    let records = vec![record("1", &body("hang-1", "S1")), record("2", &body("send-2", "S2"))];
    assert_eq!(bench.run_until(records, soon).await, ["1"]);
    assert_eq!(bench.queues.sent_to("next").len(), 1);
}

#[tokio::test]
async fn fifo_stops_a_group_at_its_first_failure() {
    let bench = bench("own.fifo");
    let records = vec![
        received("1", &body("ok-1", "S1"), 1, Some("g1")),
        received("2", &body("back-2", "S1"), 1, Some("g1")),
        received("3", &body("send-3", "S1"), 1, Some("g1")),
        received("4", &body("send-4", "S2"), 1, Some("g2")),
    ];
    assert_eq!(bench.run(records).await, ["2", "3"]);
    assert_eq!(bench.queues.sent_to("next")[0].body, "send-4");
    let mut worked = bench.batch.handler.order.lock().unwrap().clone();
    worked.sort();
    assert_eq!(worked, ["back-2", "ok-1", "send-4"]);
}

#[tokio::test]
async fn fifo_keeps_order_when_a_send_fails() {
    let bench = bench("own.fifo");
    *bench.queues.refuse.lock().unwrap() = Some("send-1".to_owned());
    let records = vec![
        received("1", &body("send-1", "S1"), 1, Some("g1")),
        received("2", &body("ok-2", "S1"), 1, Some("g1")),
        received("3", &body("ok-3", "S2"), 1, Some("g2")),
    ];
    assert_eq!(bench.run(records).await, ["1", "2"]);
}

#[tokio::test]
async fn a_dead_letter_without_room_for_its_reason_is_left_to_redrive() {
    let bench = bench("own");
    let big = "x".repeat(MAX_MESSAGE_BYTES - 10);
    assert_eq!(bench.run(vec![record("1", &big)]).await, ["1"]);
    assert!(bench.queues.sent.lock().unwrap().is_empty());
    let back = bench.queues.given_back.lock().unwrap().clone();
    assert_eq!(back, [("receipt-1".to_owned(), Duration::ZERO)]);
}

#[tokio::test]
async fn a_record_without_an_id_fails_the_whole_event_before_anything_is_done() {
    let bench = bench("own");
    let mut nameless = record("1", &body("ok-1", "S1"));
    nameless.id.clear();
    let deadline = bench.batch.clock.now().plus(Duration::from_secs(30));
    assert!(bench.batch.run(event(vec![nameless]), deadline).await.is_err());
    assert!(bench.batch.handler.order.lock().unwrap().is_empty());
}

/// From when SQS took them, on the clock port; a record that does not say when
/// counts nothing.
#[tokio::test]
async fn the_meter_says_how_long_records_had_waited() {
    let bench = bench("own");
    let now = bench.batch.clock.now().as_millis();
    let sent_ago = |id: &str, ago: u64| {
        let mut record = record(id, &body(&format!("ok-{id}"), id));
        record.sent_at = Some(Timestamp::from_millis(now - ago));
        record
    };
    let unsaid = record("3", &body("ok-3", "S3"));
    assert!(bench.run(vec![sent_ago("1", 500), sent_ago("2", 4_000), unsaid]).await.is_empty());
    let read = bench.batch.meter.take();
    assert_eq!(read.waited, [500, 4_000].map(Duration::from_millis));
    assert!(bench.batch.meter.take().waited.is_empty(), "set back");
}
