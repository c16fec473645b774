//! What a deployed fleet tells of itself: sound metrics with sensible values, and log
//! lines that lead from a decision to its task and its invocation.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops by panicking"
)]

#[path = "../../functions/runtime/tests/support/emf.rs"]
mod emf;

use emf::{Emf, check};
use flotilla_runtime::metrics::{ALL, When};
use flotilla_task::{Stage, TaskId, Timestamp};
use flotilla_tests::{Fleet, PATIENCE, agent, fresh, now, order, task_of, until};
use serde_json::Value;
use std::collections::BTreeMap;

const ORDERS: usize = 6;

/// Everything that an agent has logged: its records, and its other lines.
struct Told {
    records: Vec<Emf>,
    lines: Vec<Value>,
}

async fn told(fleet: &Fleet, stage: Stage, since: Timestamp) -> Told {
    let logs = fleet.logs(&agent(stage), since).await;
    // Some clouds put a prefix before each line.
    let lines = logs.lines().filter_map(|line| line.get(line.find('{')?..));
    let (records, lines): (Vec<_>, Vec<_>) = lines.partition(|line| line.contains("\"_aws\""));
    Told {
        records: records.into_iter().map(check).collect(),
        lines: lines.into_iter().filter_map(|line| serde_json::from_str(line).ok()).collect(),
    }
}

impl Told {
    /// How many values there are of a metric.
    fn count(&self, metric: &str) -> usize {
        self.records.iter().map(|record| record.each(metric).len()).sum()
    }

    fn sum(&self, metric: &str) -> f64 {
        self.records.iter().flat_map(|record| record.each(metric)).sum()
    }

    /// The lines about a task with that message.
    fn about(&self, task: &TaskId, message: &str) -> Vec<&Value> {
        let is_it = |line: &&Value| line["task"] == task.as_str() && line["message"] == message;
        self.lines.iter().filter(is_it).collect()
    }
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn every_agent_tells_what_it_did_in_sound_records_and_in_lines_that_lead_on() {
    let (fleet, begun) = (Fleet::connect().await, now());
    let mut sent = Vec::new();
    for _ in 0..ORDERS {
        let (event, shipment) = (fresh("order"), fresh("SHP"));
        fleet.ingest(&[order(&event, &shipment, &fresh("BKR"), 60)]).await;
        sent.push((task_of(&event, &shipment), shipment));
    }
    for (task, _) in &sent {
        fleet.completed(task).await;
    }
    // A local cloud's log follows a moment later; a line that it did not see in time comes
    // with the next event of that environment, so there have to be some.
    let told = until("every agent's records", PATIENCE, || async {
        fleet.ingest(&[order(&fresh("order"), &fresh("SHP"), &fresh("BKR"), 60)]).await;
        let mut all = BTreeMap::new();
        for stage in Stage::ALL {
            all.insert(stage, told(&fleet, stage, begun).await);
        }
        let sum = |stage: Stage, metric: &str| all[&stage].sum(metric);
        let is_there = Stage::ALL.into_iter().all(|stage| sum(stage, "Records") >= ORDERS as f64)
            && sum(Stage::Ingestion, "TasksCreated") >= ORDERS as f64
            && sum(Stage::Communication, "PartnerCalls") >= ORDERS as f64
            && all[&Stage::Decision].count("DecisionLatency") >= ORDERS
            && all[&Stage::State].count("EndToEndLatency") >= ORDERS
            && sum(Stage::State, "TasksCompleted") >= ORDERS as f64;
        is_there.then_some(all)
    })
    .await;
    for (stage, told) in &told {
        for record in &told.records {
            sound(&fleet, *stage, record);
        }
        for metric in ["Records", "HandlerTime", "WriteUnits", "CpuTime", "MemoryUsed"] {
            assert!(told.sum(metric) > 0.0, "{metric} of {stage}");
        }
    }
    let of = |stage: Stage, metric: &str| told[&stage].sum(metric);
    assert!(of(Stage::Communication, "PartnerLatency") > 0.0);
    for (stage, metric) in [(Stage::Decision, "DecisionLatency"), (Stage::State, "EndToEndLatency")]
    {
        for ms in told[&stage].records.iter().flat_map(|record| record.each(metric)) {
            assert!(*ms > 0.0 && *ms < 600_000.0, "{metric} {ms}");
        }
    }
    let named = |record: &Emf| record.root["partners"]["steady"]["calls"].as_u64() > Some(0);
    assert!(told[&Stage::Communication].records.iter().any(named));

    let configured = fleet.configuration(&agent(Stage::State)).await;
    let sample = configured["Environment"]["Variables"]["LOG_DEBUG_SAMPLE"].as_str().unwrap();
    for (task, shipment) in &sent {
        for (stage, message) in [
            (Stage::Decision, "decided"),
            (Stage::Communication, "claimed"),
            (Stage::Communication, "booked"),
        ] {
            leads_on(&told[&stage], stage, task, shipment, message);
        }
        for (stage, message) in [
            (Stage::Ingestion, "created"),
            (Stage::Processing, "handed on"),
            (Stage::State, "completed"),
        ] {
            match sample {
                "0" => assert!(told[&stage].about(task, message).is_empty(), "{message}"),
                "100" => leads_on(&told[&stage], stage, task, shipment, message),
                _ => {}
            }
        }
    }
}

/// As the table says, under this stack and agent.
fn sound(fleet: &Fleet, stage: Stage, record: &Emf) {
    assert_eq!(record.agent, stage.as_str());
    assert_eq!(fleet.output("TableName"), format!("{}-fleet", record.stack));
    for (name, (unit, _)) in &record.metrics {
        let metric = ALL.iter().find(|metric| metric.name == name).unwrap();
        assert_eq!(metric.unit.as_str(), unit, "{name}");
        assert!(metric.agents.include(stage), "{name} of {stage}");
    }
    let linux_only = ["MemoryUsed", "NetworkIn", "NetworkOut"];
    for metric in ALL.iter().filter(|metric| metric.when == When::Always) {
        let is_there = record.metrics.contains_key(metric.name);
        let may_lack = cfg!(not(target_os = "linux")) && linux_only.contains(&metric.name);
        assert!(is_there || may_lack, "{} of {stage}", metric.name);
    }
    assert!(record.one("BatchFill") <= 100.0);
}

/// From the line to its task, its shipment and its invocation's record.
fn leads_on(told: &Told, stage: Stage, task: &TaskId, shipment: &str, message: &str) {
    let lines = told.about(task, message);
    assert!(!lines.is_empty(), "{task} was not {message} at {stage}");
    for line in lines {
        assert_eq!(line["shipment"], shipment, "{line}");
        assert_eq!(line["stage"], stage.as_str(), "{line}");
        assert!(line["epoch"].is_u64() || stage == Stage::Ingestion, "{line}");
        let request = &line["request_id"];
        assert!(request.is_string(), "{line}");
        let record = told.records.iter().find(|record| record.root["request_id"] == *request);
        assert!(record.is_some(), "no record of the invocation of {line}");
    }
}
