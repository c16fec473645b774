//! The host with a function that behaves badly when it is told to.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops by panicking"
)]

use flotilla_wire::host::{Environment, InitFailed, Launch, Outcome, Overrun};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(60);

fn launch() -> Launch {
    Launch {
        bootstrap: env!("CARGO_BIN_EXE_unruly").into(),
        function: "unruly".to_owned(),
        variables: BTreeMap::new(),
        timeout: LONG,
        overrun: Overrun::Ends,
    }
}

async fn ask(environment: &Environment, wish: &str) -> Outcome {
    environment.invoke(format!("{wish:?}").into_bytes()).await
}

async fn told(environment: &Environment) -> Value {
    let Outcome::Answered(answer) = ask(environment, "tell").await else { panic!("no answer") };
    serde_json::from_str(&answer).unwrap()
}

fn now_ms() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()
}

#[tokio::test]
async fn an_invocation_is_told_what_lambda_tells() {
    let environment = Environment::start(launch().with("TABLE_NAME", "t")).await.unwrap();
    let before = now_ms();
    let (first, second) = (told(&environment).await, told(&environment).await);
    assert_ne!(first["id"], second["id"]);
    let deadline: u128 = first["deadline"].as_str().unwrap().parse().unwrap();
    let limit = LONG.as_millis();
    assert!((before + limit..=now_ms() + limit).contains(&deadline), "milliseconds since 1970");
    assert!(first["arn"].as_str().unwrap().ends_with(":function:unruly"));
    assert!(first["trace"].as_str().unwrap().starts_with("Root=1-"));
    let names: BTreeSet<_> = first["variables"].as_object().unwrap().keys().cloned().collect();
    assert!(names.contains("TABLE_NAME") && names.contains("AWS_LAMBDA_FUNCTION_NAME"));
    assert!(!names.contains("HOME") && !names.contains("PATH"), "it inherits nothing: {names:?}");
}

#[tokio::test]
async fn a_function_that_fails_goes_on_with_the_next_event() {
    let environment = Environment::start(launch()).await.unwrap();
    let Outcome::Failed(why) = ask(&environment, "fail").await else { panic!("it did not fail") };
    assert!(why.contains("I would rather not"), "{why}");
    assert_eq!(told(&environment).await["id"].as_str().map(str::is_empty), Some(false));
    assert!(environment.printed().contains("asked to \"fail\""));
}

#[tokio::test]
async fn a_process_that_ends_at_work_is_seen() {
    let environment = Environment::start(launch()).await.unwrap();
    let Outcome::Died(status) = ask(&environment, "crash").await else { panic!("it lives") };
    assert_eq!(status.code(), Some(3));
}

#[tokio::test]
async fn a_process_is_killed_at_work() {
    let environment = Arc::new(Environment::start(launch()).await.unwrap());
    let work = tokio::spawn({
        let environment = Arc::clone(&environment);
        async move { ask(&environment, "hang").await }
    });
    while !environment.printed().contains("hang") {
        tokio::task::yield_now().await;
    }
    environment.kill().await;
    let Outcome::Died(status) = work.await.unwrap() else { panic!("it lives") };
    assert_eq!(status.signal(), Some(9));
}

#[tokio::test]
async fn a_process_is_ended_at_its_time_limit() {
    let limit = Duration::from_millis(50);
    let environment = Environment::start(Launch { timeout: limit, ..launch() }).await.unwrap();
    assert_eq!(ask(&environment, "hang").await, Outcome::TimedOut);
    assert_eq!(environment.ended().await.signal(), Some(9));
}

#[tokio::test]
async fn a_stopped_process_outlives_its_time_limit_and_answers_late() {
    let limit = Duration::from_millis(1);
    let launch = Launch { timeout: limit, overrun: Overrun::GoesOn, ..launch() };
    let environment = Arc::new(Environment::start(launch).await.unwrap());
    environment.stop().await;
    let work = tokio::spawn({
        let environment = Arc::clone(&environment);
        async move { ask(&environment, "tell").await }
    });
    tokio::time::timeout(limit * 20, environment.ended()).await.unwrap_err();
    assert!(!work.is_finished(), "it is stopped");
    environment.go_on().await;
    assert!(matches!(work.await.unwrap(), Outcome::Late(_)));
}

#[tokio::test]
async fn several_environments_work_at_once() {
    let first = Environment::start(launch()).await.unwrap();
    let second = Environment::start(launch()).await.unwrap();
    assert_ne!(first.pid, second.pid);
    let (one, two) = tokio::join!(told(&first), told(&second));
    assert_ne!(one["id"], two["id"]);
}

#[tokio::test]
async fn an_answer_to_another_invocation_is_refused() {
    let environment = Environment::start(launch()).await.unwrap();
    assert_eq!(ask(&environment, "wrong").await, Outcome::Answered("400".to_owned()));
}

#[tokio::test]
async fn a_process_that_cannot_begin_says_why() {
    let said = Environment::start(launch().with("UNRULY", "cannot")).await.unwrap_err();
    assert!(matches!(&said, InitFailed::Said(why) if why.contains("no table")), "{said}");
    let ended = Environment::start(launch().with("UNRULY", "ends")).await.unwrap_err();
    assert!(matches!(&ended, InitFailed::Ended { status, .. } if status.code() == Some(7)));
    let nowhere = Launch { bootstrap: "/nowhere/bootstrap".into(), ..launch() };
    let missing = Environment::start(nowhere).await.unwrap_err().to_string();
    assert!(missing.starts_with("/nowhere/bootstrap cannot be started"), "{missing}");
}
