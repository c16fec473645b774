//! Metrics: what is emitted is sound, right, and as the table for readers says.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what is wrong by panicking"
)]

#[path = "support/emf.rs"]
mod emf;
mod support;

use emf::{Emf, check};
use flotilla_runtime::batch::{BatchLoop, Call, Handled, Handler};
use flotilla_runtime::meter::{Called, Meter};
use flotilla_runtime::metrics::{ALL, Agents, Metric, Recorder, When};
use flotilla_runtime::settings::Environment;
use flotilla_runtime::stage::Straight;
use flotilla_task::{
    Agent, Clock, Failure, Next, Payload, Reason, ReasonCode, Stage, StageMessage, Timestamp,
};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::bench::Bench;
use support::*;

const TABLE: &str = include_str!("../../../infra/observability/METRICS.md");
const PRICES: &str = include_str!("../../../infra/prices/prices.toml");

/// An environment whose lines are kept.
struct Watched {
    recorder: Recorder<SharedClock>,
    meter: Arc<Meter>,
    clock: SharedClock,
    lines: Arc<Mutex<Vec<String>>>,
}

fn watched(stage: Stage) -> Watched {
    watched_at(stage, SharedClock::new())
}

fn watched_at(stage: Stage, clock: SharedClock) -> Watched {
    let meter = Arc::new(Meter::default());
    let env = Environment::from([("STACK_NAME", "fleet"), ("BATCH_SIZE", "20")]);
    let ready_after = Duration::from_millis(90);
    let recorder = Recorder::new(&env, stage, clock.clone(), Arc::clone(&meter), ready_after);
    let lines = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&lines);
    let recorder = recorder.unwrap().writing(move |line| kept.lock().unwrap().push(line.into()));
    Watched { recorder, meter, clock, lines }
}

impl Watched {
    fn only(&self) -> Emf {
        let lines: Vec<_> = self.lines.lock().unwrap().drain(..).collect();
        assert_eq!(lines.len(), 1, "one record for each invocation");
        check(&lines[0])
    }
}

/// Every metric of a record is declared, with that unit, for that agent.
fn is_in_the_table(emf: &Emf) {
    for (name, (unit, _)) in &emf.metrics {
        let metric = ALL.iter().find(|metric| metric.name == name);
        let metric = metric.unwrap_or_else(|| panic!("{name} is in no table"));
        assert_eq!(metric.unit.as_str(), unit, "{name}");
        let stage = Stage::from_name(&emf.agent).unwrap();
        assert!(metric.agents.include(stage), "{name} of {stage}");
    }
    for metric in ALL.iter().filter(|metric| metric.when == When::Always) {
        let stage = Stage::from_name(&emf.agent).unwrap();
        let linux_only = ["MemoryUsed", "NetworkIn", "NetworkOut"].contains(&metric.name);
        let may_lack =
            !metric.agents.include(stage) || (cfg!(not(target_os = "linux")) && linux_only);
        assert!(may_lack || emf.metrics.contains_key(metric.name), "{}", metric.name);
    }
}

#[test]
fn the_table_for_readers_is_what_the_code_declares() {
    let rows: Vec<Vec<&str>> = TABLE
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row[0].trim_matches('`').to_owned(), row[1], row[2], row[3]))
        .collect();
    let declared: Vec<_> = ALL.iter().map(row).collect();
    assert_eq!(told, declared);
    assert!(rows.iter().all(|row| row.len() == 5 && !row[4].is_empty()));
}

fn row(metric: &Metric) -> (String, &'static str, &'static str, &'static str) {
    let agents = match metric.agents {
        Agents::All => "all",
        Agents::Only(stage) => stage.as_str(),
    };
    let when = match metric.when {
        When::Always => "always",
        When::Something => "not zero",
    };
    (metric.name.to_owned(), metric.unit.as_str(), agents, when)
}

#[test]
fn the_table_says_what_the_metrics_cost() {
    let prices: toml::Table = toml::from_str(PRICES).unwrap();
    let price = prices["prices"]["cloudwatch_custom_metric"]["value"].as_float().unwrap();
    let series: usize = ALL
        .iter()
        .map(|metric| Stage::ALL.iter().filter(|stage| metric.agents.include(**stage)).count())
        .sum();
    let told = format!("{series} x ${price:.2} = ${:.2}", series as f64 * price);
    assert!(TABLE.contains(&told), "the table should say {told}");
    let numbers = ALL.iter().map(|metric| metric.name).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(numbers.len(), ALL.len(), "a name stands twice");
}

/// Does what the event's id says, beside the others of its batch.
struct Script;

impl Handler for Script {
    async fn handle(&self, call: Call<'_>) -> Handled {
        tokio::task::yield_now().await;
        match call.envelope.id.split('-').next().unwrap() {
            "panic" => panic!("as told"),
            "back" => Handled::give_back(Duration::from_secs(7)),
            "dead" => Handled::dead_letter(Reason::new(ReasonCode::InvalidField, "weight: bad")),
            _ => Handled::DONE,
        }
    }
}

#[tokio::test]
async fn an_invocation_is_one_record_that_counts_what_was_done() {
    let watched = watched(Stage::Processing);
    let (clock, meter) = (watched.clock.clone(), Arc::clone(&watched.meter));
    let batch = BatchLoop {
        handler: Script,
        queues: FakeQueues::default(),
        clock: clock.clone(),
        settings: settings("own"),
        meter,
    };
    let sent_ago = |id: &str, ago: u64| {
        let mut record = record(id, &body(id, id));
        record.sent_at = Some(Timestamp::from_millis(clock.now().as_millis() - ago));
        record
    };
    let records = vec![
        sent_ago("ok-1", 500),
        sent_ago("back-2", 4_000),
        sent_ago("dead-3", 0),
        sent_ago("panic-4", 1),
        record("unsaid", &body("ok-5", "S5")),
    ];
    let invocation = watched.recorder.begin("request-1", records.len());
    let deadline = clock.now().plus(Duration::from_secs(30));
    batch.run(event(records), deadline).await.unwrap();
    clock.0.advance(Duration::from_millis(40));
    invocation.done();
    let emf = watched.only();
    is_in_the_table(&emf);
    assert_eq!((emf.stack.as_str(), emf.agent.as_str()), ("fleet", "processing"));
    assert_eq!(emf.root["message"], "invocation");
    assert_eq!(emf.root["request_id"], "request-1");
    assert_eq!(emf.each("QueueWait"), [500.0, 4_000.0, 0.0, 1.0]);
    for (name, value) in [
        ("Records", 5.0),
        ("BatchFill", 25.0),
        ("HandlerTime", 40.0),
        ("Returned", 2.0),
        ("DeadLettered", 1.0),
        ("Panicked", 1.0),
        ("ColdStart", 1.0),
    ] {
        assert_eq!(emf.one(name), value, "{name}");
    }
    assert_eq!(emf.root["acknowledged"], 3);
    assert_eq!(emf.root["init_ms"], 90);
    assert!(emf.root.get("failed").is_none() && !emf.metrics.contains_key("Fenced"));
    // The next begins with nothing.
    watched.recorder.begin("request-2", 0).done();
    let next = watched.only();
    assert!(!next.metrics.contains_key("ColdStart") && !next.metrics.contains_key("Returned"));
    assert!(!next.metrics.contains_key("QueueWait"), "what was not measured is left out");
    assert_eq!(next.one("Records"), 0.0);
}

#[test]
fn an_invocation_that_fails_is_told_with_what_it_had_done_until_then() {
    let watched = watched(Stage::State);
    let (recorder, meter) = (&watched.recorder, &watched.meter);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _invocation = recorder.begin("request", 3);
        meter.fenced.add(2);
        panic!("as told");
    }));
    assert!(panicked.is_err());
    let emf = watched.only();
    assert_eq!(emf.root["failed"], true);
    assert_eq!((emf.one("Fenced"), emf.one("Records")), (2.0, 3.0));
}

struct Decides;

impl Agent for Decides {
    const STAGE: Stage = Stage::Decision;
    async fn work(&self, _message: &StageMessage) -> Result<Next, Failure> {
        let payload = Payload::from_json("\"decided\"".into());
        Ok(Next::Stage { stage: Stage::State, payload })
    }
}

struct Remembers;

impl Agent for Remembers {
    const STAGE: Stage = Stage::State;
    async fn work(&self, _message: &StageMessage) -> Result<Next, Failure> {
        Ok(Next::Complete)
    }
}

/// Delivers a message to its agent in an invocation of its own; what that told.
async fn told<A: Agent>(agent: A, bench: &Bench, message: &StageMessage) -> Emf {
    let watched = watched_at(A::STAGE, bench.clock.clone());
    let mut protocol = protocol(A::STAGE, &bench.store, &bench.clock);
    protocol.meter = Arc::clone(&watched.meter);
    let batch = BatchLoop {
        handler: Straight { agent, protocol },
        queues: bench.queues.clone(),
        clock: bench.clock.clone(),
        settings: settings("own"),
        meter: Arc::clone(&watched.meter),
    };
    let invocation = watched.recorder.begin("r", 1);
    let event = event(vec![record("m", &message.to_json().unwrap())]);
    let deadline = bench.clock.now().plus(Duration::from_secs(30));
    batch.run(event, deadline).await.unwrap();
    invocation.done();
    let emf = watched.only();
    is_in_the_table(&emf);
    emf
}

#[tokio::test]
async fn a_tasks_latencies_are_told_once_each_by_decision_and_by_state() {
    let bench = Bench::new();
    let at_decision = bench.commit(&bench.created().await, Stage::Decision).await;
    bench.clock.0.advance(Duration::from_millis(700));
    let message = StageMessage::stored_in(&at_decision);
    let decision = told(Decides, &bench, &message).await;
    assert_eq!(decision.each("DecisionLatency"), [700.0]);
    assert!(decision.each("EndToEndLatency").is_empty());
    bench.clock.0.advance(Duration::from_millis(300));
    let again = told(Decides, &bench, &message).await;
    assert_eq!((again.one("Resent"), again.each("DecisionLatency").len()), (1.0, 0));
    let message = StageMessage::stored_in(&bench.now().await);
    let state = told(Remembers, &bench, &message).await;
    assert_eq!(state.each("EndToEndLatency"), [1_000.0]);
    assert_eq!((state.one("TasksCompleted"), state.one("DecisionLatency")), (1.0, 0.0));
    let again = told(Remembers, &bench, &message).await;
    assert_eq!((again.one("Replayed"), again.one("TasksCompleted")), (1.0, 0.0));
}

#[tokio::test]
async fn a_task_that_is_stopped_or_waits_for_a_person_is_counted_once() {
    struct Stops(Failure);
    impl Agent for Stops {
        const STAGE: Stage = Stage::Decision;
        async fn work(&self, _message: &StageMessage) -> Result<Next, Failure> {
            Err(self.0.clone())
        }
    }
    let reason = || Reason::new(ReasonCode::Failed, "no such place");
    for (failure, counted) in [
        (Failure::Permanent(reason()), ["TasksFailed", "DeadLettered"].as_slice()),
        (Failure::Hold(reason()), &["TasksHeld"]),
        // Its message is sent again with a delay, under the new epoch.
        (Failure::retry("soon"), &["Retried"]),
    ] {
        let bench = Bench::new();
        let record = bench.commit(&bench.created().await, Stage::Decision).await;
        let emf = told(Stops(failure), &bench, &StageMessage::stored_in(&record)).await;
        for name in ["TasksFailed", "TasksHeld", "Retried", "Returned", "DeadLettered", "Fenced"] {
            let expected = if counted.contains(&name) { 1.0 } else { 0.0 };
            assert_eq!(emf.one(name), expected, "{name} {counted:?}");
        }
    }
}

#[test]
fn each_metric_can_be_emitted_and_the_largest_record_is_far_below_the_limit() {
    for stage in Stage::ALL {
        let watched = watched(stage);
        let meter = &watched.meter;
        let invocation = watched.recorder.begin(&"r".repeat(4_000), 1_000);
        for counter in [
            &meter.acknowledged,
            &meter.returned,
            &meter.dead_lettered,
            &meter.sent,
            &meter.fenced,
            &meter.replayed,
            &meter.resent,
            &meter.retried,
            &meter.created,
            &meter.failed,
            &meter.held,
            &meter.busy,
            &meter.parked,
            &meter.expired,
            &meter.ignored,
            &meter.pages,
            &meter.pulled,
            &meter.sources_failing,
            &meter.panicked,
            &meter.table_requests,
            &meter.write_centiunits,
            &meter.read_centiunits,
        ] {
            counter.add(u64::from(u32::MAX));
        }
        meter.policy_refused.raise();
        for number in 0..10_000_u64 {
            let took = Duration::from_micros(number * 1_234_567);
            for durations in [&meter.waited, &meter.decided, &meter.completed] {
                durations.add(took);
            }
            let partner = format!("carrier-{:0100}", number % 1_000);
            meter.calls.ended(&partner, took, Called::Failed);
            meter.calls.state(&partner, if number % 3 == 0 { "open" } else { "closed" });
        }
        invocation.done();
        let line = watched.lines.lock().unwrap()[0].clone();
        assert!(line.len() < 32_768, "{} bytes", line.len());
        let emf = watched.only();
        for metric in ALL.iter().filter(|metric| metric.agents.include(stage)) {
            assert!(emf.metrics.contains_key(metric.name), "{}", metric.name);
        }
        let partners = emf.root["partners"].as_object().unwrap();
        assert_eq!(partners.len(), 50);
        assert_eq!(emf.root["partners_left_out"], 950);
        assert!(partners.values().all(|partner| partner["state"] == "open"));
    }
}

#[test]
fn partners_are_told_by_name_beside_the_metrics_and_not_as_dimensions() {
    let watched = watched(Stage::Communication);
    let calls = &watched.meter.calls;
    let invocation = watched.recorder.begin("r", 10);
    for (ms, how) in [(30, Called::Answered), (10, Called::Failed), (20, Called::Throttled)] {
        calls.ended("steady", Duration::from_millis(ms), how);
    }
    calls.state("steady", "closed");
    calls.postponed("swift\u{1b}[2J\u{2028}");
    calls.state("swift\u{1b}[2J\u{2028}", "open");
    invocation.done();
    let emf = watched.only();
    is_in_the_table(&emf);
    assert_eq!((emf.one("PartnerCalls"), emf.one("PartnerFailures")), (3.0, 1.0));
    assert_eq!(emf.one("PartnersOpen"), 1.0);
    assert_eq!(emf.each("PartnerLatency"), [30.0, 10.0, 20.0]);
    let expected = serde_json::json!({
        "state": "closed", "calls": 3, "failures": 1, "throttled": 1, "p50_ms": 20, "max_ms": 30,
    });
    assert_eq!(emf.root["partners"]["steady"], expected);
    let (name, swift) = emf.root["partners"].as_object().unwrap().iter().next_back().unwrap();
    assert_eq!(name, "swift\\u{1b}[2J\\u{2028}");
    assert_eq!(*swift, serde_json::json!({"state": "open", "calls": 0, "postponed": 1}));
}

#[test]
fn a_wrong_batch_size_is_named() {
    for wrong in ["0", "many", "-1"] {
        let env = Environment::from([("BATCH_SIZE", wrong)]);
        let meter = Arc::new(Meter::default());
        let made = Recorder::new(&env, Stage::State, SharedClock::new(), meter, Duration::ZERO);
        let said = made.unwrap_err().to_string();
        assert_eq!(said, format!("BATCH_SIZE: expected a whole number above zero, got {wrong:?}"));
    }
}
