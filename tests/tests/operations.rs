//! What the operations guide tells (infra/observability/OPERATIONS.md), done step by
//! step with the real command against a fleet of its own: from what an operator sees
//! first to where nothing needs a person any more.
//!
//! One after the other: each of them asks what the whole fleet needs.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test stops by panicking, and says why"
)]

use flotilla_task::TaskId;
use flotilla_tests::command_line::{Ran, flotilla};
use flotilla_tests::{Fleet, PATIENCE, aws, cloud_event, fresh, order, order_data, task_of, until};
use serde_json::json;
use std::cell::RefCell;

/// What the part `operations` of `make test` deploys with, as PolicyBucket.
const BUCKET: &str = "flotilla-policies";

const GOOD: &str = include_str!("../../functions/shipment/data/policy.toml");

/// Puts a policy where the fleet follows it, as its README says.
async fn follow(name: &str, text: &str) {
    let stack = std::env::var("FLOTILLA_STACK").unwrap();
    let file = std::env::temp_dir().join(fresh("policy"));
    std::fs::write(&file, text).unwrap();
    let place = format!("s3://{BUCKET}/{stack}/{name}");
    aws(&["s3", "cp", &file.display().to_string(), &place]).await;
    std::fs::remove_file(file).unwrap();
    let parameter = format!("/{stack}/policy");
    let put = ["ssm", "put-parameter", "--overwrite", "--type", "String"];
    aws(&[&put[..], &["--name", &parameter, "--value", &place]].concat()).await;
}

/// A fleet in good order. Without its policy document, decision does not start.
async fn connect() -> Fleet {
    let fleet = Fleet::connect().await;
    let buckets = aws(&["s3api", "list-buckets"]).await;
    if !buckets.contains(BUCKET) {
        aws(&["s3", "mb", &format!("s3://{BUCKET}")]).await;
        follow("policy.toml", GOOD).await;
    }
    fleet.calm().await;
    fleet
}

/// Orders that a carrier books, promised in so many hours.
async fn orders(fleet: &Fleet, count: usize, promised: i64) -> Vec<(TaskId, String)> {
    let mut sent = Vec::new();
    let mut bodies = Vec::new();
    for _ in 0..count {
        let (event, shipment) = (fresh("order"), fresh("SHP"));
        bodies.push(order(&event, &shipment, &fresh("BKR"), promised));
        sent.push((task_of(&event, &shipment), shipment));
    }
    fleet.ingest(&bodies).await;
    sent
}

/// Looks again and again, as an operator does, until a command shows it. Where it never
/// does, what it showed instead stands in the test's output.
async fn shown(arguments: &[&str], what: impl AsyncFn(&Ran) -> bool) -> Ran {
    let before = RefCell::new(String::new());
    until(&format!("flotilla {}", arguments.join(" ")), PATIENCE * 2, || async {
        let ran = flotilla(arguments).await;
        let is_shown = what(&ran).await;
        let mut before = before.borrow_mut();
        if *before != ran.out {
            eprintln!("{}", ran.out);
            before.clone_from(&ran.out);
        }
        is_shown.then_some(ran)
    })
    .await
}

/// Nothing needs a person any more.
async fn well(fleet: &Fleet) {
    while_orders_come(fleet, "Nothing needs a person.").await.said(0);
}

#[tokio::test]
#[ignore = "needs a fleet with a policy bucket: make test"]
async fn operations_1_a_partner_is_stuck() {
    let fleet = connect().await;
    fleet.mood("steady", &json!({"error_rate": 1})).await;
    // Each environment counts failures for itself, five open the breaker, and there are four.
    let sent = orders(&fleet, 20, 60).await;
    // The alarm: partners-open.
    let seen =
        shown(&["status"], async |ran: &Ran| ran.out.contains("partners: steady is open")).await;
    assert_eq!(seen.code, 1, "{seen:?}");
    // It will take hours, says the carrier; no more probes.
    flotilla(&["pause", "partner", "steady", "--for", "2h", "--yes"]).await.said(0);
    shown(&["status"], async |ran: &Ran| ran.out.contains("partners: steady is paused")).await;
    let waits = flotilla(&["task", sent[0].0.as_str()]).await;
    assert!(waits.out.contains("steady"), "{waits:?}");
    // It is well again.
    fleet.calm().await;
    flotilla(&["resume", "partner", "steady", "--yes"]).await.said(0);
    for (task, shipment) in &sent {
        fleet.completed(task).await;
        assert_eq!(fleet.live(shipment).await.len(), 1, "{shipment}");
    }
    well(&fleet).await;
}

#[tokio::test]
#[ignore = "needs a fleet with a policy bucket: make test"]
async fn operations_2_a_message_is_poison() {
    let fleet = connect().await;
    fleet.send("IngestionQueueUrl", "{\"specversion\": \"1.0\", ").await;
    let (event, shipment, reference) = (fresh("bad"), fresh("SHP"), fresh("BKR"));
    let mut data = order_data(&shipment, &reference, 60);
    data["items"][0]["weight"]["value"] = json!(-3);
    fleet.ingest(&[cloud_event(&event, "flotilla.order.v1", &data)]).await;
    let task = task_of(&event, &shipment);
    // The alarm: dead-letters.
    let listed = shown(&["dlq", "list"], async |ran: &Ran| {
        ran.out.contains("not_json") && ran.out.contains("invalid_field")
    })
    .await;
    assert!(listed.out.contains("processing"), "{listed:?}");
    let status = flotilla(&["status"]).await;
    assert!(status.said(1).contains("dead letter"), "{status:?}");
    let failed = flotilla(&["tasks", "--failed"]).await;
    assert!(failed.said(1).contains(task.as_str()), "{failed:?}");
    let story = flotilla(&["task", task.as_str()]).await;
    assert!(story.out.contains("items[0].weight"), "{story:?}");
    // What is no event cannot be saved. The order is sent again as it should be.
    flotilla(&["dlq", "drop", "ingestion", "--reason", "not_json", "--yes"]).await.said(0);
    let again = fresh("order");
    fleet.ingest(&[order(&again, &shipment, &reference, 60)]).await;
    fleet.completed(&task_of(&again, &shipment)).await;
    flotilla(&["dlq", "drop", "processing", "--reason", "invalid_field", "--yes"]).await.said(0);
    let empty = flotilla(&["dlq", "list", "--json"]).await.json(0);
    assert!(!empty.to_string().contains("not_json"), "{empty}");
    // A failed task stays on the list of the failed until it is forgotten; nothing waits for it.
    let status = flotilla(&["status", "--json"]).await;
    let dead = &serde_json::from_str::<serde_json::Value>(&status.out).unwrap()["agents"];
    assert!(dead.as_array().unwrap().iter().all(|agent| agent["dead_letters"] == 0), "{dead}");
}

#[tokio::test]
#[ignore = "needs a fleet with a policy bucket: make test"]
async fn operations_3_a_surge_is_too_much_for_the_partners() {
    let fleet = connect().await;
    // The alarm: backlog. The carriers ask for a break, and communication gets one.
    flotilla(&["pause", "communication", "--yes"]).await.said(0);
    let sent = orders(&fleet, 40, 60).await;
    let backlog = |ran: &Ran| -> u64 {
        let agents = serde_json::from_str::<serde_json::Value>(&ran.out).unwrap()["agents"].clone();
        let mut agents = agents.as_array().unwrap().clone().into_iter();
        let communication = agents.find(|agent| agent["agent"] == "communication").unwrap();
        communication["backlog"].as_u64().unwrap()
    };
    let seen = shown(&["status", "--json"], async |ran: &Ran| backlog(ran) >= 40).await;
    assert_eq!(seen.code, 1, "a paused agent needs somebody to resume it: {seen:?}");
    let resume = ["resume", "communication", "--gradually", "--every", "1s", "--yes"];
    let climbed = flotilla(&resume).await;
    assert!(climbed.said(0).contains("communication: 2 of "), "{climbed:?}");
    for (task, shipment) in &sent {
        fleet.completed(task).await;
        assert_eq!(fleet.live(shipment).await.len(), 1, "{shipment}");
    }
}

#[tokio::test]
#[ignore = "needs a fleet with a policy bucket: make test"]
async fn operations_4_a_policy_is_bad() {
    let fleet = connect().await;
    follow("broken.toml", &GOOD.replace("limit = 80.00", "limit = \"plenty\"")).await;
    // The alarm: policy-refused. The policy before it goes on deciding.
    let refused = while_orders_come(&fleet, "policy: the newest document is refused").await;
    assert_eq!(refused.code, 1, "{refused:?}");
    // What is put right is looked at before it counts: what would it have decided?
    let file = std::env::temp_dir().join(fresh("policy"));
    std::fs::write(&file, GOOD).unwrap();
    let diff = flotilla(&["policy", "diff", "built-in", &file.display().to_string()]).await;
    std::fs::remove_file(file).unwrap();
    diff.said(0);
    follow("policy.toml", GOOD).await;
    while_orders_come(&fleet, "policy: the newest document counts").await;
}

/// Looks until the status shows it. The fleet looks at its policy when it decides. And a
/// line that a local cloud did not see in time comes into its log with the next event of
/// that environment: it may be the one which says that a partner is well.
async fn while_orders_come(fleet: &Fleet, what: &str) -> Ran {
    shown(&["status"], async |ran| {
        let sent = orders(fleet, 1, 60).await;
        fleet.completed(&sent[0].0).await;
        ran.out.contains(what)
    })
    .await
}
