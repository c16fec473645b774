//! Function processes are killed while events go through: nothing is lost,
//! nothing is done twice.
//!
//! SIGKILL by process id, as an operating system out of memory would: between
//! any two instructions, with calls under way and messages in hand.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops by panicking")]
#![allow(clippy::print_stdout, reason = "whoever reads the log should know that it was skipped")]

use flotilla_task::{StatusKind, TaskId, TaskRecord, TaskStore};
use flotilla_tests::{Fleet, fresh, in_hours, order, task_of, tracking, until};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const SHIPMENTS: usize = 60;
/// Of these so many go to a carrier that ignores keys.
const KEYLESS: usize = 15;
/// Half of them while the first orders go through.
const KILLS: usize = 20;
/// A killed environment's messages come back after half a minute, more than once
/// when they are unlucky.
const PATIENCE: Duration = Duration::from_secs(300);

/// Function processes: descendants of the cloud, with the processor time each has used.
fn environments(cloud: u32) -> BTreeMap<u32, u64> {
    let mut parents = BTreeMap::new();
    let mut named = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        // pid (name) state parent ... the name may hold anything but its last parenthesis.
        let (head, tail) = stat.rsplit_once(") ").unwrap();
        let fields: Vec<&str> = tail.split(' ').collect();
        parents.insert(pid, fields[1].parse::<u32>().unwrap());
        if head.ends_with("(bootstrap") && fields[0] != "Z" {
            let time: u64 = fields[11..13].iter().map(|t| t.parse::<u64>().unwrap()).sum();
            named.insert(pid, time);
        }
    }
    let is_ours = |pid: u32| {
        let chain = std::iter::successors(Some(pid), |pid| parents.get(pid).copied());
        chain.take(16).any(|pid| pid == cloud)
    };
    named.retain(|pid, _| is_ours(*pid));
    named
}

/// Kills processes, those first that have worked since the last look.
struct Killer {
    cloud: u32,
    seen: BTreeMap<u32, u64>,
    killed: BTreeSet<u32>,
}

impl Killer {
    /// Kills one, if there is one that has just worked.
    async fn strike(&mut self) {
        let now = environments(self.cloud);
        let worked: Vec<u32> = now
            .iter()
            .filter(|(pid, time)| self.seen.get(pid).is_some_and(|before| before < time))
            .map(|(pid, _)| *pid)
            .collect();
        self.seen = now;
        if let Some(pid) = fastrand::choice(&worked) {
            let pid = pid.to_string();
            let kill = tokio::process::Command::new("kill").args(["-9", &pid]).status().await;
            if kill.unwrap().success() {
                self.killed.insert(pid.parse().unwrap());
            }
        }
    }
}

/// Waits until so many of the tasks have ended, and kills meanwhile.
async fn end_under_fire(
    fleet: &Fleet,
    killer: &mut Killer,
    (tasks, enough): (&[TaskId], usize),
    kills: usize,
) -> Vec<TaskRecord> {
    let state = tokio::sync::Mutex::new((killer, BTreeMap::new()));
    let what = format!("{enough} of {} tasks to end", tasks.len());
    until(&what, PATIENCE, || async {
        let mut state = state.lock().await;
        let (killer, ended) = &mut *state;
        for task in tasks {
            if killer.killed.len() < kills {
                killer.strike().await;
            }
            if !ended.contains_key(task) {
                let record = fleet.tasks.get(task).await.unwrap();
                let open = [StatusKind::Pending, StatusKind::Running];
                let record = record.filter(|record| !open.contains(&record.status.kind()));
                ended.extend(record.map(|record| (task.clone(), record)));
            }
        }
        (ended.len() >= enough).then(|| ended.values().cloned().collect())
    })
    .await
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn killed_functions_lose_nothing_and_do_nothing_twice() {
    let Some(cloud) = std::env::var("FLOTILLA_CLOUD_PID").ok().and_then(|pid| pid.parse().ok())
    else {
        println!("skipped: FLOTILLA_CLOUD_PID does not say whose function processes to kill");
        return;
    };
    let fleet = Fleet::connect().await;
    let mut killer = Killer { cloud, seen: BTreeMap::new(), killed: BTreeSet::new() };
    fleet
        .with_moods(async {
            fleet.calm().await;
            // Slow enough that a kill often hits a call under way.
            for carrier in ["tortoise", "steady", "swift"] {
                fleet.mood(carrier, &json!({"latency_ms": [100, 400]})).await;
            }
            let (mut bodies, mut tasks, mut shipments) = (Vec::new(), Vec::new(), Vec::new());
            for at in 0..SHIPMENTS {
                let (event, shipment, reference) = (fresh("order"), fresh("SHP"), fresh("BKR"));
                let promised = if at < KEYLESS { 96 } else { 60 };
                bodies.push(order(&event, &shipment, &reference, promised));
                tasks.push(task_of(&event, &shipment));
                shipments.push((shipment, reference));
            }
            fleet.ingest(&bodies).await;
            // Some delays find their order booked, some find it in the making.
            end_under_fire(&fleet, &mut killer, (&tasks, SHIPMENTS / 2), KILLS / 2).await;
            let mut bodies = Vec::new();
            for (shipment, reference) in &shipments {
                let event = fresh("track");
                let late = json!({"estimated_arrival": in_hours(200)});
                bodies.push(tracking(&event, reference, "delayed", &late));
                tasks.push(task_of(&event, shipment));
            }
            fleet.ingest(&bodies).await;
            let all = tasks.len();
            let ended = end_under_fire(&fleet, &mut killer, (&tasks, all), KILLS).await;

            for record in &ended {
                // Held only where nobody can know: a call to a carrier without
                // keys was cut off, or another task's was.
                let held = record.status.kind() == StatusKind::Held;
                if !held {
                    assert_eq!(record.status.kind(), StatusKind::Completed, "{record:?}");
                    fleet.logged(record).await;
                }
                let keyless =
                    shipments[..KEYLESS].iter().any(|(s, _)| *s == record.shipment.as_str());
                assert!(!held || (keyless && record.reason.is_some()), "{record:?}");
            }
            for (at, (shipment, _)) in shipments.iter().enumerate() {
                let live = fleet.live(shipment).await;
                assert!(live.len() <= 1, "{live:?}");
                assert!(at < KEYLESS || live.len() == 1, "{shipment} has no booking");
            }
        })
        .await;
    let killed = killer.killed.len();
    println!("{killed} function processes were killed");
    assert!(killed >= KILLS / 2, "there was too little to kill");
}
