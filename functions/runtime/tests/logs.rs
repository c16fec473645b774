//! Logs: a line for each decision that matters, which leads to its task, and details of
//! a sample of tasks.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what is wrong by panicking"
)]

mod support;

use flotilla_runtime::batch::{BatchLoop, Call, Handled, Handler};
use flotilla_runtime::settings::Environment;
use flotilla_runtime::telemetry::{About, Level, lines};
use flotilla_task::envelope::Envelope;
use flotilla_task::{
    Action, Clock, Failure, Fence, Reason, ReasonCode, Stage, StageMessage, Timestamp, WaitEnds,
};
use serde_json::{Value, json};
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::bench::{Bench, permanent};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::layer::SubscriberExt;

/// The target of a line of a test, which passes for one of the fleet's own.
const OURS: &str = "flotilla_runtime";
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn lines(&self) -> Vec<Value> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// What is logged from now on, until the guard is dropped.
fn listen(settings: [(&str, &str); 2]) -> (Log, DefaultGuard) {
    let log = Log::default();
    let to = log.clone();
    let level = Level::read(&Environment::from(settings)).unwrap();
    let subscriber = tracing_subscriber::registry().with(lines(level, move || to.clone()));
    (log, tracing::subscriber::set_default(subscriber))
}

/// What is logged while a message is delivered, as level and message of each line; and
/// the lines.
async fn logged(
    settings: [(&str, &str); 2],
    bench: &Bench,
    message: &StageMessage,
) -> (Vec<String>, Vec<Value>) {
    let (log, _until_the_end) = listen(settings);
    let mut message = message.clone();
    message.trace = Some(format!("00-{TRACE}-b7ad6b7169203331-01"));
    About::invocation(message.stage, "request-1").scope(bench.deliver(&message)).await;
    let lines = log.lines();
    let short = |line: &Value| {
        let (level, message) = (line["level"].as_str().unwrap(), line["message"].as_str().unwrap());
        format!("{level} {message}")
    };
    (lines.iter().map(short).collect(), lines)
}

const DETAILS: [(&str, &str); 2] = [("LOG_LEVEL", "DEBUG"), ("LOG_DEBUG_SAMPLE", "0")];

#[tokio::test]
async fn each_decision_is_one_line_that_leads_to_its_task() {
    let reason = || Reason::new(ReasonCode::Policy, "too dear");
    for (failure, expected) in [
        (None, ["INFO claimed", "DEBUG handed on"].as_slice()),
        (Some(Failure::Hold(reason())), &["INFO claimed", "WARN waits for a person"]),
        (Some(Failure::retry("soon")), &["INFO claimed", "WARN will be tried again"]),
        (
            Some(permanent("never")),
            &["INFO claimed", "ERROR failed", "WARN to the dead-letter queue"],
        ),
        (Some(Failure::Fenced), &["INFO claimed", "INFO fenced", "DEBUG is being worked on"]),
    ] {
        let bench = Bench::new();
        let record = bench.at_communication().await;
        if let Some(failure) = failure {
            bench.fail_with(failure);
        }
        let (short, lines) = logged(DETAILS, &bench, &StageMessage::stored_in(&record)).await;
        assert_eq!(short, expected);
        for line in &lines {
            let told = ["task", "shipment", "stage", "request_id", "trace_id"].map(|n| &line[n]);
            assert_eq!(told, ["t", "S1", "communication", "request-1", TRACE], "{line}");
            assert!(line["epoch"].is_u64(), "{line}");
        }
    }
}

#[tokio::test]
async fn what_a_replay_and_a_second_attempt_find_is_said() {
    let bench = Bench::new();
    let record = bench.at_communication().await;
    let message = StageMessage::stored_in(&record);
    let lease_until = Timestamp::from_millis(2_000_000);
    bench.write("other", Action::Claim { stage: Stage::Communication, lease_until }).await;
    assert_eq!(logged(DETAILS, &bench, &message).await.0, ["DEBUG is being worked on"]);
    let claimed = bench.now().await;
    bench.commit(&claimed, Stage::State).await;
    let (short, lines) = logged(DETAILS, &bench, &message).await;
    assert_eq!(short, ["INFO its message is sent once more"]);
    let epoch = bench.now().await.epoch.get();
    assert_eq!(lines[0]["epoch"], epoch, "that on record, not that of the message");
    let fence = Fence::of(&bench.now().await);
    bench.write("state", Action::Commit { fence, next: flotilla_task::Next::Complete }).await;
    assert_eq!(logged(DETAILS, &bench, &message).await.0, ["DEBUG was done already"]);
}

#[tokio::test]
async fn details_are_for_a_sample_of_tasks_and_the_level_for_the_rest() {
    for (level, sample, expected) in [
        ("INFO", "0", ["INFO claimed"].as_slice()),
        ("INFO", "100", &["INFO claimed", "DEBUG handed on"]),
        ("FATAL", "100", &["INFO claimed", "DEBUG handed on"]),
        ("DEBUG", "0", &["INFO claimed", "DEBUG handed on"]),
        ("WARN", "0", &[]),
    ] {
        let bench = Bench::new();
        let message = StageMessage::stored_in(&bench.at_communication().await);
        let settings = [("LOG_LEVEL", level), ("LOG_DEBUG_SAMPLE", sample)];
        assert_eq!(logged(settings, &bench, &message).await.0, expected, "{level} {sample}");
    }
}

/// What an agent logs is about the version that it holds.
#[tokio::test]
async fn the_epoch_in_an_agents_own_lines_is_that_of_its_claim() {
    let bench = Bench::new();
    let message = StageMessage::stored_in(&bench.at_communication().await);
    let everything = [("LOG_LEVEL", "TRACE"), ("LOG_DEBUG_SAMPLE", "0")];
    let (_, lines) = logged(everything, &bench, &message).await;
    let of =
        |text: &str| lines.iter().find(|line| line["message"] == text).unwrap()["epoch"].clone();
    assert_eq!(of("at work"), of("claimed"));
    assert_ne!(of("at work"), message.epoch.get(), "not that of the message");
}

/// It looks every half a minute, for hours.
#[tokio::test]
async fn a_task_that_waits_says_so_ever_more_rarely() {
    for (receives, level) in [(1, "INFO"), (2, "INFO"), (3, "DEBUG"), (4, "INFO"), (7, "DEBUG")] {
        let mut bench = Bench::new();
        bench.receives = receives;
        let message = StageMessage::stored_in(&bench.at_communication().await);
        let reason = Reason::new(ReasonCode::Failed, "it is paused");
        let (delay, ends) = (Duration::from_secs(30), WaitEnds::AtMoment);
        bench.fail_with(Failure::Wait { reason, delay, ends });
        let (short, _) = logged(DETAILS, &bench, &message).await;
        assert_eq!(short, ["INFO claimed", &format!("{level} waits")], "{receives}");
        assert_eq!(bench.meter.take().busy, 1);
    }
}

/// Says something, lets the others of the batch have a word, and says something more.
struct Talks;

impl Handler for Talks {
    async fn handle(&self, call: Call<'_>) -> Handled {
        for _ in 0..3 {
            tracing::info!(target: OURS, mine = call.envelope.task.as_deref(), "said");
            tokio::task::yield_now().await;
        }
        Handled::DONE
    }
}

#[tokio::test]
async fn records_side_by_side_have_their_own_task_in_each_line() {
    let (log, _until_the_end) = listen(DETAILS);
    let body = |task: &str| {
        format!(
            r#"{{"specversion":"1.0","id":"{task}","source":"s","type":"t","subject":"SHP-{task}",
               "task":"{task}","epoch":1}}"#
        )
    };
    let event = ["a", "b"].map(|task| support::record(task, &body(task)));
    let clock = support::SharedClock::new();
    let deadline = clock.now().plus(Duration::from_secs(30));
    let batch = BatchLoop {
        handler: Talks,
        queues: support::FakeQueues::default(),
        clock,
        settings: support::settings("own"),
        meter: Arc::default(),
    };
    let run = batch.run(support::event(event.to_vec()), deadline);
    About::invocation(Stage::State, "request-1").scope(run).await.unwrap();
    let lines = log.lines();
    let said: Vec<_> = lines.iter().map(|line| line["mine"].as_str().unwrap()).collect();
    assert_eq!((said.len(), &said[..2]), (6, ["a", "b"].as_slice()), "they took turns");
    for line in &lines {
        assert_eq!(line["task"], line["mine"]);
        assert_eq!(line["shipment"], format!("SHP-{}", line["mine"].as_str().unwrap()));
    }
}

#[test]
fn what_a_message_says_of_itself_is_told_only_where_it_may_be_believed() {
    let said = |stage: Stage, task: &str, subject: &str, parent: &str| {
        let (log, _until_the_end) = listen(DETAILS);
        let body = format!(
            r#"{{"specversion":"1.0","id":"1","source":"s","type":"t","subject":"{subject}",
               "task":"{task}","epoch":7,"traceparent":"{parent}"}}"#
        );
        let envelope = Envelope::parse(&body).unwrap();
        let record = || About::record(&envelope).enter(|| tracing::info!(target: OURS, "said"));
        About::invocation(stage, "request-1").enter(record);
        let lines = log.lines();
        ["task", "shipment", "epoch", "trace_id"].map(|name| lines[0][name].clone())
    };
    let nothing = Value::Null;
    let parent = format!("00-{TRACE}-b7ad6b7169203331-01");
    let sound = said(Stage::State, "t-1", "SHP-1", &parent);
    assert_eq!(sound, [json!("t-1"), json!("SHP-1"), json!(7), json!(TRACE)]);
    let outside = said(Stage::Ingestion, "t-1", "ada@example.org", "00-Ada Personal-x-y");
    assert_eq!(outside, [const { Value::Null }; 4]);
    for (task, subject) in [("t-1", "Ada Personal"), ("two words", "SHP-1")] {
        let forged = said(Stage::State, task, subject, &parent);
        assert_eq!(forged[..3], [nothing.clone(), nothing.clone(), nothing.clone()], "{task}");
    }
}
