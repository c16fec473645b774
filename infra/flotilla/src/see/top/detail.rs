//! What is asked about one agent, or one of its tasks, when somebody goes into it.

use crate::cloud::Cloud;
use crate::cloud::attention::Wanted;
use crate::error::Error;
use crate::see::fleet::words::milliseconds;
use flotilla_runtime::meter::Meter;
use flotilla_runtime::store::DynamoTasks;
use flotilla_runtime::table::Table;
use flotilla_shipment::words::day_and_time;
use flotilla_task::{Stage, StatusKind, TaskId, TaskRecord, TaskStore, Timestamp};
use futures_util::future::try_join_all;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The newest so many of the fleet's failed and of its held tasks are looked through.
const TASKS: i32 = 50;
/// More dead letters than this are not read: each one read is hidden from others for a
/// moment.
const LETTERS: u64 = 100;

/// One agent, closer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Detail {
    /// What lies in its dead-letter queue.
    pub(super) letters: Letters,
    /// Its failed and held tasks, the newest first.
    pub(super) tasks: Vec<TaskLine>,
}

/// Dead letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Letters {
    /// By the code of their reason, the most frequent first.
    Grouped(Vec<(String, u64)>),
    /// Too many to read for a look.
    TooMany(u64),
}

/// A task in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TaskLine {
    pub(super) id: TaskId,
    pub(super) status: StatusKind,
    pub(super) since: Timestamp,
    /// Why it failed or is held.
    pub(super) reason: String,
}

/// Asks about an agent.
pub(super) async fn ask(cloud: &Cloud, stage: Stage) -> Result<Detail, Error> {
    let depth = cloud.depth(cloud.stack.dead_letters(stage)?).await?;
    let letters = match depth.visible + depth.in_flight {
        0 => Letters::Grouped(Vec::new()),
        1..=LETTERS => Letters::Grouped(by_reason(cloud, stage).await?),
        many => Letters::TooMany(many),
    };
    Ok(Detail { letters, tasks: tasks(cloud, stage).await? })
}

/// Asks about a task.
pub(super) async fn read(cloud: &Cloud, id: &TaskId) -> Result<Vec<String>, Error> {
    let record = record(&store(cloud)?, id).await?;
    Ok(record.map_or_else(|| vec!["It is not there any more.".to_owned()], |task| lines(&task)))
}

async fn by_reason(cloud: &Cloud, stage: Stage) -> Result<Vec<(String, u64)>, Error> {
    let mut groups: BTreeMap<String, u64> = BTreeMap::new();
    for letter in cloud.dead_letters(stage).await? {
        let code = letter.code.unwrap_or_else(|| "received too often".to_owned());
        *groups.entry(code).or_default() += 1;
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    Ok(groups)
}

async fn tasks(cloud: &Cloud, stage: Stage) -> Result<Vec<TaskLine>, Error> {
    let (failed, held) = futures_util::try_join!(
        cloud.newest(Wanted::Failed, TASKS),
        cloud.newest(Wanted::Held, TASKS)
    )?;
    let store = store(cloud)?;
    let entries = failed.entries.iter().chain(&held.entries);
    let ids = entries.filter_map(|entry| TaskId::new(entry.task()?).ok());
    let records = try_join_all(ids.map(|id| {
        let store = &store;
        async move { record(store, &id).await }
    }))
    .await?;
    let here = records.into_iter().flatten().filter(|record| record.stage == stage);
    let mut tasks: Vec<_> = here.map(line).collect();
    tasks.sort_by_key(|task| std::cmp::Reverse(task.since));
    Ok(tasks)
}

/// The table's tasks, to read them: how long ended ones are kept does not matter then.
fn store(cloud: &Cloud) -> Result<DynamoTasks, Error> {
    let table = Table {
        client: cloud.dynamo.clone(),
        name: cloud.stack.table()?.to_owned(),
        meter: Arc::new(Meter::default()),
    };
    Ok(DynamoTasks::new(table, Duration::ZERO))
}

async fn record(store: &DynamoTasks, id: &TaskId) -> Result<Option<TaskRecord>, Error> {
    let found = store.get(id).await;
    found.map_err(|error| Error::store(&format!("reading the task {id}"), &error))
}

fn line(record: TaskRecord) -> TaskLine {
    let reason = record.reason.map(|reason| format!("{}: {}", reason.code.as_str(), reason.text));
    TaskLine {
        id: record.id,
        status: record.status.kind(),
        since: record.updated_at,
        reason: reason.unwrap_or_default(),
    }
}

/// A task's record as lines.
fn lines(record: &TaskRecord) -> Vec<String> {
    let age = record.created_at.until(record.updated_at).as_millis();
    let age = milliseconds(u64::try_from(age).unwrap_or(u64::MAX));
    let mut lines = vec![
        format!("task      {}", record.id),
        format!("shipment  {}", record.shipment),
        format!("event     {} of {}", record.event, record.source),
        format!("created   {}", day_and_time(record.created_at.into())),
        format!("written   {}, {age} later", day_and_time(record.updated_at.into())),
        format!("stands    {} at {}", record.status.kind().as_str(), record.stage),
        format!("epoch     {}, attempts {}", record.epoch, record.attempts),
    ];
    if let Some(reason) = &record.reason {
        lines.push(format!("because   {}: {}", reason.code.as_str(), reason.text));
    }
    if let Some(intent) = &record.intent {
        lines.push(format!("uncertain {}: it may have been done", intent.effect));
    }
    lines.extend(record.checkpoints.keys().map(|effect| format!("done      {effect}")));
    lines.push(String::new());
    lines.push(format!("All of its story: flotilla task {}", record.id));
    lines
}
