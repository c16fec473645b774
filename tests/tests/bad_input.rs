//! Bad input: each kind ends as a clear error that names the field, never blocks
//! its neighbours and never loses them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops by panicking")]

use flotilla_task::{Stage, StatusKind, TaskStore};
use flotilla_tests::{
    Fleet, batch, cloud_event, fresh, in_hours, now, order, order_data, task_of, tracking,
};
use serde_json::{Value, json};

/// The largest message SQS takes.
const MEBIBYTE: usize = 1 << 20;

/// A good order beside a bad message, to see that it gets through.
struct Neighbour {
    event: String,
    shipment: String,
}

impl Neighbour {
    fn new() -> Self {
        Self { event: fresh("order"), shipment: fresh("SHP") }
    }

    fn body(&self) -> String {
        order(&self.event, &self.shipment, &fresh("BKR"), 60)
    }

    async fn is_through(&self, fleet: &Fleet) {
        fleet.completed(&task_of(&self.event, &self.shipment)).await;
    }
}

/// An order with something changed.
fn bad_order(event: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut data = order_data(&fresh("SHP"), &fresh("BKR"), 60);
    change(&mut data);
    cloud_event(event, "flotilla.order.v1", &data)
}

/// Sends a bad body between two good ones, and returns nothing before all three
/// have ended as they should: the bad one as a letter of that agent, with that
/// code and with a reason that begins with the field.
async fn is_refused(agent: &str, word: &str, bad: String, code: &str, field: &str) {
    let fleet = Fleet::connect().await;
    let (before, after) = (Neighbour::new(), Neighbour::new());
    fleet.ingest(&[before.body(), bad, after.body()]).await;
    let letter = fleet.letter(agent, word).await;
    assert_eq!(letter.code, code, "{}", letter.reason);
    assert!(letter.reason.starts_with(field), "expected {field}, got {}", letter.reason);
    before.is_through(&fleet).await;
    after.is_through(&fleet).await;
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn what_is_not_json_is_refused() {
    let word = fresh("bad");
    let bad = format!("shipment={word};origin=NLRTM");
    is_refused("Ingestion", &word, bad, "not_json", "expected value at line 1").await;
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn what_is_no_cloudevent_is_refused() {
    let word = fresh("bad");
    let bad = json!({"shipment": word}).to_string();
    is_refused("Ingestion", &word, bad, "not_cloudevent", "missing field `specversion`").await;
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn an_unknown_type_is_refused() {
    let word = fresh("bad");
    let bad = cloud_event(&word, "com.example.weather.v1", &json!({"temperature": "cold"}));
    is_refused("Ingestion", &word, bad, "unknown_type", "type: ").await;
}

/// A rollout may be under way: it is tried again before it is refused.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_newer_version_waits_and_is_refused_when_no_newer_release_comes() {
    let fleet = Fleet::connect().await;
    let (neighbour, word) = (Neighbour::new(), fresh("bad"));
    let newer = bad_order(&word, |_| {}).replace("flotilla.order.v1", "flotilla.order.v2");
    let bodies = [newer, neighbour.body()];
    let answer = fleet.invoke("Ingestion", &batch(&bodies, 1)).await;
    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "message-0"}]}));
    neighbour.is_through(&fleet).await;
    // The last receive that the retry budget allows, whatever it is set to.
    let answer = fleet.invoke("Ingestion", &batch(&bodies, 30)).await;
    assert_eq!(answer, json!({"batchItemFailures": []}));
    let letter = fleet.letter("Ingestion", &word).await;
    assert_eq!(letter.code, "newer_version");
    assert!(letter.reason.starts_with("type: "), "{}", letter.reason);
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_missing_field_is_refused() {
    let word = fresh("bad");
    let bad = bad_order(&word, |data| {
        data["items"][0]["weight"].as_object_mut().unwrap().remove("unit");
    });
    is_refused("Ingestion", &word, bad, "invalid_field", "items[0].weight.unit: missing").await;
}

/// Found by processing, so there is a task, and it says so as well.
async fn is_refused_by_processing(field: &str, change: impl FnOnce(&mut Value)) {
    let (event, shipment) = (fresh("bad"), fresh("SHP"));
    let bad = bad_order(&event, |data| {
        data["shipment"] = shipment.as_str().into();
        change(data);
    });
    let task = task_of(&event, &shipment);
    is_refused("Processing", task.as_str(), bad, "invalid_field", field).await;
    let record = Fleet::connect().await.tasks.get(&task).await.unwrap().unwrap();
    assert_eq!((record.stage, record.status.kind()), (Stage::Processing, StatusKind::Failed));
    assert!(record.reason.unwrap().text.starts_with(field));
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn impossible_times_are_refused() {
    is_refused_by_processing("promised: ", |data| data["promised"] = in_hours(-2).into()).await;
    is_refused_by_processing("ordered_at: ", |data| data["ordered_at"] = in_hours(2).into()).await;
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_negative_weight_is_refused() {
    let negative = |data: &mut Value| data["items"][0]["weight"]["value"] = (-3).into();
    is_refused_by_processing("items[0].weight.value: ", negative).await;
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn an_event_from_before_the_horizon_is_refused() {
    let word = fresh("bad");
    let mut old: Value = serde_json::from_str(&bad_order(&word, |_| {})).unwrap();
    old["time"] = "2020-01-01T00:00:00Z".into();
    is_refused("Ingestion", &word, old.to_string(), "horizon", "time: ").await;
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn an_event_above_the_size_limit_is_refused_with_its_size() {
    let word = fresh("bad");
    let bad = bad_order(&word, |data| data["padding"] = "x".repeat(64 * 1024).into());
    let data: Value = serde_json::from_str(&bad).unwrap();
    let said = format!("data: {} bytes", data["data"].to_string().len());
    is_refused("Ingestion", &word, bad, "too_large", &said).await;
}

/// Every stage stores it in the task's record and sends it on.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn an_event_just_below_the_size_limit_goes_the_whole_way() {
    let fleet = Fleet::connect().await;
    let (event, shipment) = (fresh("order"), fresh("SHP"));
    let mut data = order_data(&shipment, &fresh("BKR"), 60);
    let item = data["items"][0].clone();
    while data.to_string().len() + item.to_string().len() < 64 * 1024 {
        data["items"].as_array_mut().unwrap().push(item.clone());
    }
    fleet.ingest(&[cloud_event(&event, "flotilla.order.v1", &data)]).await;
    fleet.completed(&task_of(&event, &shipment)).await;
}

/// There is no room for a reason beside it, so it goes by SQS's own redrive after
/// the last receive, and the log holds the reason.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_mebibyte_goes_to_the_dead_letter_queue_by_redrive() {
    let fleet = Fleet::connect().await;
    let (neighbour, word, begun) = (Neighbour::new(), fresh("bad"), now());
    let bad = bad_order(&word, |data| data["padding"] = "".into());
    let room = MEBIBYTE - bad.len();
    let bad = bad.replacen("\"padding\":\"\"", &format!("\"padding\":\"{}\"", "x".repeat(room)), 1);
    assert_eq!(bad.len(), MEBIBYTE);
    let id = fleet.send("IngestionQueueUrl", &bad).await;
    fleet.ingest(&[neighbour.body()]).await;
    neighbour.is_through(&fleet).await;
    let letter = fleet.letter("Ingestion", &word).await;
    assert_eq!((letter.code.as_str(), letter.reason.as_str()), ("", ""));
    assert_eq!(letter.body, bad, "as it came");
    let logs = fleet.logs("Ingestion", begun).await;
    let line = logs.lines().find(|line| line.contains(&id)).unwrap_or_default();
    assert!(line.contains("too_large: data: ") && line.contains("left to redrive"), "{line}");
}

/// Nine good events and a bad one in one and the same batch.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn one_bad_record_never_fails_its_batch() {
    let fleet = Fleet::connect().await;
    let word = fresh("bad");
    let neighbours: Vec<_> = (0..9).map(|_| Neighbour::new()).collect();
    let mut bodies: Vec<_> = neighbours.iter().map(Neighbour::body).collect();
    bodies.insert(4, tracking(&word, "no reference", "picked_up", &json!({})));
    let answer = fleet.invoke("Ingestion", &batch(&bodies, 1)).await;
    assert_eq!(answer, json!({"batchItemFailures": []}));
    let letter = fleet.letter("Ingestion", &word).await;
    assert_eq!(letter.code, "invalid_field");
    assert!(letter.reason.starts_with("identifier.value: "), "{}", letter.reason);
    for neighbour in neighbours {
        neighbour.is_through(&fleet).await;
    }
}
