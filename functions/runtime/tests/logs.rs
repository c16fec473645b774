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

use flotilla_runtime::settings::Environment;
use flotilla_runtime::telemetry::{About, Level, lines};
use flotilla_task::{Action, Failure, Fence, Reason, ReasonCode, Stage, StageMessage, Timestamp};
use serde_json::Value;
use std::io::Write;
use std::sync::{Arc, Mutex};
use support::bench::{Bench, permanent};
use tracing_subscriber::layer::SubscriberExt;

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

/// What is logged while a message is delivered, as level and message of each line; and
/// the lines.
async fn logged(
    settings: [(&str, &str); 2],
    bench: &Bench,
    message: &StageMessage,
) -> (Vec<String>, Vec<Value>) {
    let log = Log::default();
    let to = log.clone();
    let level = Level::read(&Environment::from(settings)).unwrap();
    let subscriber = tracing_subscriber::registry().with(lines(level, move || to.clone()));
    let _until_the_end = tracing::subscriber::set_default(subscriber);
    let mut message = message.clone();
    message.trace = Some(format!("00-{TRACE}-b7ad6b7169203331-01"));
    About::invocation(message.stage, "request-1").scope(bench.deliver(&message)).await;
    let bytes = log.0.lock().unwrap().clone();
    let text = String::from_utf8(bytes).unwrap();
    let lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
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
