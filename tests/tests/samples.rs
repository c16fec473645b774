//! Every file under `events/` does here what it is a sample of. A new file
//! without an expectation (`samples/expected.rs`) fails the test.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops by panicking")]

#[path = "samples/expected.rs"]
mod expected;

use expected::End::{Answered, Done, Failed, GivenBack, GivenUp, Held, Pulled, Recovered, Refused};
use expected::{BROKEN, CALLED, End, SENT};
use flotilla_runtime::records::keys;
use flotilla_runtime::store::item::{TASK_SORT, task_key};
use flotilla_runtime::table::key;
use flotilla_shipment::inbound::{self, Subject};
use flotilla_shipment::ports::Index;
use flotilla_task::envelope::Envelope;
use flotilla_task::{ShipmentId, Stage, StageMessage, StatusKind, TaskId};
use flotilla_tests::{Fleet, PATIENCE, agent, now, task_from, until};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The replies queue of `make up`, which the samples name.
const REPLIES: &str = "http://127.0.0.1:4566/000000000000/flotilla-local-replies";

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../events").join(name)
}

fn walk(folder: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else {
            found.insert(path);
        }
    }
}

#[test]
fn every_sample_has_an_expectation() {
    let mut found = BTreeSet::new();
    walk(&folder("send"), &mut found);
    walk(&folder("lambda"), &mut found);
    let sent = SENT.iter().map(|(name, _)| folder("send").join(name));
    let called = CALLED.iter().map(|(name, _)| name).chain(BROKEN.iter().map(|(name, _)| name));
    let known: BTreeSet<_> = sent.chain(called.map(|name| folder("lambda").join(name))).collect();
    assert_eq!(found, known);
}

/// Reads a sample; the replies queue becomes this fleet's.
fn sample(fleet: &Fleet, kind: &str, name: &str) -> String {
    let text = std::fs::read_to_string(folder(kind).join(name)).unwrap();
    text.replace(REPLIES, fleet.output("RepliesQueueUrl"))
}

/// The agent whose queue a body of `events/send` is for.
fn agent_of(name: &str) -> String {
    let named = name.split(['/', '-', '.']).find_map(Stage::from_name);
    agent(named.unwrap_or(Stage::Ingestion))
}

/// The task that a message is about, and its shipment; none while nobody knows
/// whose its identifier is.
async fn task_in(fleet: &Fleet, body: &str) -> Option<(TaskId, ShipmentId)> {
    let body: Value = serde_json::from_str(body).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if body["type"].as_str().unwrap().starts_with("flotilla.task.") {
        let shipment = ShipmentId::new(text(&body["subject"])).unwrap();
        return Some((TaskId::new(text(&body["task"])).unwrap(), shipment));
    }
    let kind = inbound::kind_of(&text(&body["type"])).unwrap();
    let read = inbound::read(kind, &body["data"].to_string()).unwrap();
    let shipment = match read.subject {
        Subject::Order { shipment, .. } => shipment,
        Subject::Loads { loads, .. } => {
            let mut owner = None;
            for load in &loads {
                owner = owner.or(fleet.records.owner(load).await.unwrap());
            }
            owner?
        }
        // Nothing to wait for: the expectation of such a sample is wrong.
        Subject::Nobody(reason) => unreachable!("{reason}"),
    };
    let event = read.event.map_or_else(|| text(&body["id"]), String::from);
    Some((task_from(&text(&body["source"]), &event, shipment.as_str()), shipment))
}

async fn task_of(fleet: &Fleet, body: &str) -> TaskId {
    until("the order", PATIENCE, || task_in(fleet, body)).await.0
}

/// Puts the table as it is before a message comes: without what an earlier run of
/// this test left of its task, and with the record that a message between agents
/// calls for.
async fn prepare(fleet: &Fleet, to: &str, body: &str, end: End) {
    if let Pulled(source) = end {
        fleet.forget_pulls(source).await;
    }
    if !matches!(end, Done(_) | Held(_) | Failed(..)) {
        return;
    }
    let Some((task, shipment)) = task_in(fleet, body).await else { return };
    fleet.table.delete(key(task_key(&task), TASK_SORT)).await.unwrap();
    if matches!(end, Done("book")) {
        forget(fleet, keys::shipment(&shipment)).await;
    }
    if to != "Ingestion" {
        let message = StageMessage::from_envelope(&Envelope::parse(body).unwrap()).unwrap();
        fleet.seed(&message, now()).await;
    }
}

async fn forget(fleet: &Fleet, partition: String) {
    for item in fleet.table.between(partition.clone(), " ", "~").await.unwrap() {
        let sort = item["sk"].as_s().unwrap();
        fleet.table.delete(key(partition.clone(), sort)).await.unwrap();
    }
}

/// Waits until a message has ended as expected.
async fn ends(fleet: &Fleet, to: &str, body: &str, end: End) {
    match end {
        Done(action) => {
            let record = fleet.completed(&task_of(fleet, body).await).await;
            let decided = fleet.logged(&record).await["decision"]["action"].clone();
            let kind = decided.as_object().and_then(|choice| choice.keys().next());
            assert_eq!(kind.map_or(decided.as_str(), |kind| Some(kind)), Some(action), "{body}");
        }
        Held(code) => {
            let record = fleet.ended(&task_of(fleet, body).await).await;
            assert_eq!(record.status.kind(), StatusKind::Held, "{record:?}");
            assert_eq!(record.reason.unwrap().code.as_str(), code);
        }
        Refused(code, reason) => is_letter(fleet, to, body, code, reason).await,
        Failed(stage, code, reason) => {
            let task = task_of(fleet, body).await;
            is_letter(fleet, &agent(stage), task.as_str(), code, reason).await;
            let record = fleet.ended(&task).await;
            assert_eq!((record.stage, record.status.kind()), (stage, StatusKind::Failed));
            assert!(record.reason.unwrap().text.starts_with(reason));
        }
        Answered => {
            let body: Value = serde_json::from_str(body).unwrap();
            let id = format!("{}/answer", body["id"].as_str().unwrap());
            let answer = fleet.found("RepliesQueueUrl", &id).await;
            assert!(answer.body.contains(body["data"]["shipment"].as_str().unwrap()));
        }
        Pulled(source) => {
            fleet.pulled(source).await;
        }
        Recovered | GivenUp | GivenBack => {}
    }
}

async fn is_letter(fleet: &Fleet, to: &str, word: &str, code: &str, reason: &str) {
    let letter = fleet.letter(to, word).await;
    assert_eq!(letter.code, code, "{}", letter.reason);
    assert!(letter.reason.starts_with(reason), "expected {reason}, got {}", letter.reason);
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn every_body_to_send_ends_as_expected() {
    let fleet = Fleet::connect().await;
    fleet
        .with_moods(async {
            fleet.calm().await;
            // What was learned from the samples' deliveries would change their decisions.
            for shard in keys::lanes("NLRTM>DEBER") {
                forget(&fleet, shard).await;
            }
            let mut refused = Vec::new();
            for (name, end) in SENT {
                let (to, body) = (agent_of(name), sample(&fleet, "send", name));
                prepare(&fleet, &to, &body, *end).await;
                let stuck = match end {
                    Recovered => Some(fleet.seed_stuck().await),
                    Done(_) | Held(_) | Refused(..) | Failed(..) | Answered | GivenUp
                    | Pulled(_) | GivenBack => None,
                };
                let overdue = match end {
                    GivenUp => Some(fleet.park_overdue().await.event),
                    Done(_) | Held(_) | Refused(..) | Failed(..) | Answered | Recovered
                    | Pulled(_) | GivenBack => None,
                };
                fleet.send(&format!("{to}QueueUrl"), &body).await;
                // Some are refused only after a while, and nothing follows from them.
                if matches!(end, Refused(..)) {
                    refused.push((to, body, *end));
                    continue;
                }
                ends(&fleet, &to, &body, *end).await;
                if let Some(event) = overdue {
                    is_letter(&fleet, &to, event.as_str(), "expired", "nobody has said").await;
                }
                if let Some(stuck) = stuck {
                    fleet.completed(&stuck.id).await;
                }
            }
            for (to, body, end) in refused {
                ends(&fleet, &to, &body, end).await;
            }
        })
        .await;
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn every_lambda_event_is_answered_as_expected() {
    let fleet = Fleet::connect().await;
    fleet
        .with_moods(async {
            fleet.calm().await;
            for (name, expected) in CALLED {
                let (to, text) =
                    (agent_of(name.trim_start_matches("bad/")), sample(&fleet, "lambda", name));
                let event: Value = serde_json::from_str(&text).unwrap();
                let records = event["Records"].as_array().unwrap();
                assert_eq!(records.len(), expected.len(), "{name}");
                let bodies: Vec<_> = records.iter().map(|r| r["body"].as_str().unwrap()).collect();
                let mut back = Vec::new();
                for ((record, body), end) in records.iter().zip(&bodies).zip(*expected) {
                    prepare(&fleet, &to, body, *end).await;
                    if matches!(end, GivenBack) {
                        back.push(json!({"itemIdentifier": record["messageId"]}));
                    }
                }
                let answer = fleet.invoke(&to, &text).await;
                assert_eq!(answer, json!({"batchItemFailures": back}), "{name}");
                for (body, end) in bodies.iter().zip(*expected) {
                    ends(&fleet, &to, body, *end).await;
                }
            }
            for (name, said) in BROKEN {
                let to = agent_of(name.trim_start_matches("bad/"));
                let answer = fleet.invoke(&to, &sample(&fleet, "lambda", name)).await;
                let error = answer["errorMessage"].as_str().unwrap_or_else(|| panic!("{answer}"));
                assert!(error.contains(said), "{name}: {error}");
            }
        })
        .await;
}
