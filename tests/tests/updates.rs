//! A new version is deployed while the fleet is at work: nothing is lost, nothing
//! is done twice, whichever version a message meets.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops by panicking")]

use flotilla_runtime::table::item::Fields;
use flotilla_task::{ShipmentId, TaskId};
use flotilla_tests::{Fleet, Release, fresh, in_hours, now, order, task_of, tracking, until};
use futures_util::FutureExt;
use futures_util::future::join_all;
use serde_json::json;
use std::future::Future;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;

/// A stack is updated by one test at a time.
static STACK: Mutex<()> = Mutex::const_new(());

/// So many orders are on their way at any moment.
const SIDE_BY_SIDE: usize = 6;
/// Longer than a deployment and what waits for it.
const PATIENCE: Duration = Duration::from_secs(240);

/// An order or an event about one, and its task.
struct Sent {
    shipment: String,
    task: TaskId,
}

/// Sends an order, and a delay as soon as it is booked, again and again. What is
/// under way when it is enough may wait for another release.
async fn keep_busy(fleet: &Fleet, enough: &AtomicBool) -> Vec<Sent> {
    let mut sent = Vec::new();
    while !enough.load(Ordering::Relaxed) {
        let (event, shipment, reference) = (fresh("order"), fresh("SHP"), fresh("BKR"));
        fleet.ingest(&[order(&event, &shipment, &reference, 60)]).await;
        let ordered = task_of(&event, &shipment);
        until(&format!("{ordered} to be booked"), PATIENCE, || async {
            let item = fleet.item_of(&ordered).await?;
            let booked = Fields(&item).text("status").unwrap() == "completed";
            (booked || enough.load(Ordering::Relaxed)).then_some(())
        })
        .await;
        let (event, late) = (fresh("track"), json!({"estimated_arrival": in_hours(200)}));
        fleet.ingest(&[tracking(&event, &reference, "delayed", &late)]).await;
        let delayed = task_of(&event, &shipment);
        sent.push(Sent { shipment: shipment.clone(), task: ordered });
        sent.push(Sent { shipment, task: delayed });
    }
    sent
}

/// Deploys while others keep the fleet busy; says what they sent.
async fn deploy_under_load(
    fleet: &Fleet,
    release: Release,
    settings: &[(&str, &str)],
) -> Vec<Sent> {
    let enough = AtomicBool::new(false);
    let busy = join_all((0..SIDE_BY_SIDE).map(|_| keep_busy(fleet, &enough)));
    let update = async {
        fleet.update(release, settings).await;
        enough.store(true, Ordering::Relaxed);
    };
    let (sent, ()) = tokio::join!(busy, update);
    sent.into_iter().flatten().collect()
}

/// Everything is completed, every shipment has one live booking, and no
/// generation of one was booked or told twice.
async fn nothing_lost_or_doubled(fleet: &Fleet, sent: &[Sent]) {
    for Sent { shipment, task } in sent {
        let status = until(&format!("{task} to end"), PATIENCE, || async {
            let item = fleet.item_of(task).await?;
            let status = Fields(&item).text("status").unwrap().to_owned();
            (!["pending", "running"].contains(&status.as_str())).then_some(status)
        })
        .await;
        assert_eq!(status, "completed", "{task}");
        fleet.logged_of(&ShipmentId::new(shipment).unwrap(), task).await;
        assert_eq!(fleet.live(shipment).await.len(), 1, "{shipment}");
        let bookings = fleet.bookings(shipment).await;
        let mut keys: Vec<_> = bookings.iter().map(|b| b["key"].to_string()).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), bookings.len(), "{bookings:?}");
    }
}

/// Puts the stack back to what it was, also when the test fails.
async fn with_stack(fleet: &Fleet, work: impl Future<Output = ()>) {
    let _one_at_a_time = STACK.lock().await;
    let usual = fleet.parameters().await;
    let worked = fleet.with_moods(AssertUnwindSafe(work).catch_unwind()).await;
    let usual: Vec<_> = usual.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fleet.update(Release::This, &usual).await;
    worked.unwrap_or_else(|panic| resume_unwind(panic));
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn an_update_in_place_loses_nothing_that_is_in_flight() {
    let fleet = Fleet::connect().await;
    with_stack(&fleet, async {
        fleet.calm().await;
        // A new version of every function, and every queue's visibility changes.
        let changed = [("MemorySize", "256"), ("FunctionTimeout", "10")];
        let sent = deploy_under_load(&fleet, Release::This, &changed).await;
        let now = fleet.configuration("Processing").await;
        assert_eq!(now["MemorySize"], 256, "the queue calls the new version: {now}");
        assert!(sent.len() >= 2 * SIDE_BY_SIDE, "too little was in flight: {}", sent.len());
        nothing_lost_or_doubled(&fleet, &sent).await;
    })
    .await;
}

/// The next release writes records and messages of a version that this one does
/// not know. What is left of them after a rollback waits for the next release.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn two_versions_on_the_same_queues_and_a_rollback_lose_nothing() {
    let fleet = Fleet::connect().await;
    with_stack(&fleet, async {
        fleet.calm().await;
        let patient = [("RetryBudget", "30"), ("MaxReceiveCount", "1000")];
        let mut sent = deploy_under_load(&fleet, Release::Next, &patient).await;

        // These wait for their carrier, and are under way when the rollback comes.
        fleet.mood("tortoise", &json!({"throttle_rate": 1})).await;
        let (mut bodies, mut waiting) = (Vec::new(), Vec::new());
        for _ in 0..SIDE_BY_SIDE {
            let (event, shipment) = (fresh("order"), fresh("SHP"));
            bodies.push(order(&event, &shipment, &fresh("BKR"), 96));
            waiting.push(Sent { task: task_of(&event, &shipment), shipment });
        }
        fleet.ingest(&bodies).await;
        for Sent { task, .. } in &waiting {
            until(&format!("{task} to wait for its carrier"), PATIENCE, || async {
                let item = fleet.item_of(task).await?;
                let fields = Fields(&item);
                assert_eq!(fields.number::<u32>("v").unwrap(), 2, "the next release wrote it");
                (fields.text("stage").unwrap() == "communication").then_some(())
            })
            .await;
        }

        let rolled_back = now();
        sent.extend(deploy_under_load(&fleet, Release::This, &patient).await);
        fleet.mood("tortoise", &json!({"throttle_rate": 0})).await;
        until("this release to give a message of the next one back", PATIENCE, || async {
            let logged = fleet.logs("Communication", rolled_back).await;
            logged.contains("given back until a newer release is there").then_some(())
        })
        .await;

        sent.extend(deploy_under_load(&fleet, Release::Next, &patient).await);
        sent.extend(waiting);
        nothing_lost_or_doubled(&fleet, &sent).await;
    })
    .await;
}
