//! A deployed fleet: its outputs, its tasks and what it remembers.

use crate::until;
use aws_config::SdkConfig;
use aws_config::timeout::TimeoutConfig;
use flotilla_runtime::aws;
use flotilla_runtime::meter::Meter;
use flotilla_runtime::records::{Records, keys};
use flotilla_runtime::settings::Environment;
use flotilla_runtime::store::DynamoTasks;
use flotilla_runtime::store::item::{TASK_SORT, task_key};
use flotilla_runtime::table::item::{Fields, Item};
use flotilla_runtime::table::{Table, key};
use flotilla_task::{ShipmentId, StatusKind, TaskId, TaskRecord, TaskStore};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Longer than any task takes that meets no backoff on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(90);
/// A test waits longer for an answer than a function may: a local cloud that is busy
/// with a whole table's scan is no failure, and an answer with messages that nobody
/// waited for would hide them for long.
const ANSWER: Duration = Duration::from_secs(60);

/// A function's AWS configuration, with a test's patience.
///
/// # Panics
/// When the environment names no region.
#[must_use]
pub fn configuration() -> SdkConfig {
    let patient = TimeoutConfig::builder().operation_timeout(ANSWER).build();
    let config = aws::configuration(&Environment::of_process()).expect("AWS_REGION is set");
    config.into_builder().timeout_config(patient).build()
}

/// A deployed fleet.
#[derive(Debug)]
pub struct Fleet {
    outputs: HashMap<String, String>,
    pub(crate) stack: String,
    pub(crate) cloud: aws_sdk_cloudformation::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) logs: aws_sdk_cloudwatchlogs::Client,
    pub(crate) http: reqwest::Client,
    pub(crate) partners: String,
    /// The table.
    pub table: Table,
    /// Its tasks.
    pub tasks: DynamoTasks,
    /// Its records of shipments and lanes.
    pub records: Records,
}

impl Fleet {
    /// The fleet that the environment names.
    pub async fn connect() -> Self {
        let stack = std::env::var("FLOTILLA_STACK").unwrap_or_else(|_| "flotilla".to_owned());
        let partners = std::env::var("FLOTILLA_PARTNERS_URL").expect(
            "FLOTILLA_PARTNERS_URL names the stand-in world; `make test` or `make up` set it",
        );
        flotilla_runtime::tls::install();
        let config = configuration();
        let cloud = aws_sdk_cloudformation::Client::new(&config);
        let stacks = cloud.describe_stacks().stack_name(&stack).send().await;
        let stacks = stacks.unwrap_or_else(|e| panic!("stack {stack} cannot be described: {e:?}"));
        let outputs: HashMap<_, _> = stacks
            .stacks()
            .iter()
            .flat_map(|stack| stack.outputs())
            .filter_map(|o| Some((o.output_key()?.to_owned(), o.output_value()?.to_owned())))
            .collect();
        let table = aws::table(&config, &outputs["TableName"], &Arc::new(Meter::default()));
        let horizon = Duration::from_secs(86_400);
        Self {
            sqs: aws_sdk_sqs::Client::new(&config),
            logs: aws_sdk_cloudwatchlogs::Client::new(&config),
            http: reqwest::Client::new(),
            partners,
            tasks: DynamoTasks::new(table.clone(), horizon),
            records: Records::new(table.clone(), horizon),
            table,
            outputs,
            stack,
            cloud,
        }
    }

    /// An output of the stack, such as `IngestionQueueUrl`.
    pub fn output(&self, name: &str) -> &str {
        self.outputs.get(name).unwrap_or_else(|| panic!("the stack has no output {name}"))
    }

    /// Waits until a task has ended or waits for a person.
    pub async fn ended(&self, task: &TaskId) -> TaskRecord {
        self.ended_within(PATIENCE, task).await
    }

    /// The same with a limit of its own.
    pub async fn ended_within(&self, limit: Duration, task: &TaskId) -> TaskRecord {
        until(&format!("task {task} to end"), limit, || async {
            let record = self.tasks.get(task).await.unwrap()?;
            match record.status.kind() {
                StatusKind::Pending | StatusKind::Running => None,
                StatusKind::Held
                | StatusKind::Completed
                | StatusKind::Failed
                | StatusKind::Cancelled => Some(record),
            }
        })
        .await
    }

    /// Waits until a task is completed; that it failed or is held fails the test.
    pub async fn completed(&self, task: &TaskId) -> TaskRecord {
        let record = self.ended(task).await;
        assert_eq!(record.status.kind(), StatusKind::Completed, "{record:?}");
        record
    }

    /// A task's item as it stands in the table, whichever release wrote it.
    pub async fn item_of(&self, task: &TaskId) -> Option<Item> {
        self.table.get(key(task_key(task), TASK_SORT)).await.unwrap()
    }

    /// What the decision log says of a completed task.
    pub async fn logged(&self, record: &TaskRecord) -> Value {
        self.logged_of(&record.shipment, &record.id).await
    }

    /// The same, where this release may not know the task's record.
    pub async fn logged_of(&self, shipment: &ShipmentId, task: &TaskId) -> Value {
        let (pk, to) = (keys::shipment(shipment), keys::after(keys::DECISION));
        let items = self.table.between(pk, keys::DECISION, &to).await.unwrap();
        let mine = |f: &Fields<'_>| f.text("task").ok() == Some(task.as_str());
        let mut found = items.iter().map(Fields).filter(mine);
        let entry = found.next().unwrap_or_else(|| panic!("no decision is logged of {task}"));
        assert!(found.next().is_none(), "logged twice: {task}");
        entry.json("doc").unwrap()
    }

    /// Every item of the table that a shipment's name stands in.
    pub async fn items_with(&self, word: &str) -> Vec<Item> {
        let (mut found, mut start) = (Vec::new(), None);
        loop {
            let call = self.table.client.scan().table_name(&self.table.name).consistent_read(true);
            let page = call.set_exclusive_start_key(start).send().await.unwrap();
            let items = page.items.unwrap_or_default();
            found.extend(items.into_iter().filter(|item| format!("{item:?}").contains(word)));
            start = page.last_evaluated_key;
            if start.is_none() {
                return found;
            }
        }
    }
}
