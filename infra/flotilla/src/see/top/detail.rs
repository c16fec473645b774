//! What is asked about one agent, or one of its tasks, when somebody goes into it.

use crate::books::Task;
use crate::cloud::Cloud;
use crate::cloud::attention::{Entry, Wanted};
use crate::error::Error;
use crate::see::fleet::words::milliseconds;
use flotilla_runtime::store::DynamoTasks;
use flotilla_shipment::words::day_and_time;
use flotilla_task::{Stage, StatusKind, TaskId, TaskRecord, TaskStore, Timestamp};
use std::collections::BTreeMap;
use std::time::Duration;

/// The newest so many of the fleet's failed and of its held tasks are looked through:
/// one read of the index and one of the table for each.
pub(super) const TASKS: i32 = 100;
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
    /// Whether the fleet has more of them that were not looked at.
    pub(super) more: bool,
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
    let (tasks, more) = tasks(cloud, stage).await?;
    Ok(Detail { letters, tasks, more })
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

async fn tasks(cloud: &Cloud, stage: Stage) -> Result<(Vec<TaskLine>, bool), Error> {
    let (failed, held) = futures_util::try_join!(
        cloud.newest(Wanted::Failed, TASKS),
        cloud.newest(Wanted::Held, TASKS)
    )?;
    let entries = failed.entries.iter().chain(&held.entries);
    let ids: Vec<_> = entries.filter_map(Entry::task).collect();
    let found = cloud.tasks_named(&ids).await?;
    Ok((lines_of(stage, found), failed.more || held.more))
}

/// The stage's own, the newest first.
fn lines_of(stage: Stage, found: Vec<Task>) -> Vec<TaskLine> {
    let here = found.into_iter().filter(|task| task.stage == stage);
    let mut tasks: Vec<_> = here.filter_map(line).collect();
    tasks.sort_by_key(|task| std::cmp::Reverse(task.since));
    tasks
}

/// The table's tasks, to read them: how long ended ones are kept does not matter then.
fn store(cloud: &Cloud) -> Result<DynamoTasks, Error> {
    Ok(DynamoTasks::new(cloud.shared_table()?, Duration::ZERO))
}

async fn record(store: &DynamoTasks, id: &TaskId) -> Result<Option<TaskRecord>, Error> {
    let found = store.get(id).await;
    found.map_err(|error| Error::store(&format!("reading the task {id}"), &error))
}

fn line(task: Task) -> Option<TaskLine> {
    let reason = task.why.map(|why| format!("{}: {}", why.code, why.text));
    Some(TaskLine {
        id: TaskId::new(task.id).ok()?,
        status: task.status,
        since: Timestamp::from_millis(task.updated_at),
        reason: reason.unwrap_or_default(),
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::Why;

    #[test]
    fn only_the_agents_own_are_listed_the_newest_first() {
        let task = |id: &str, stage, updated_at| Task {
            id: id.to_owned(),
            shipment: "S1".to_owned(),
            source: "urn:a".to_owned(),
            event: "e".to_owned(),
            stage,
            status: StatusKind::Held,
            attempts: 0,
            why: Some(Why { code: "operator".to_owned(), text: "a look".to_owned() }),
            created_at: 0,
            updated_at,
            ended_at: None,
        };
        let (here, other) = (Stage::State, Stage::Decision);
        let lines =
            lines_of(here, vec![task("a", here, 1), task("b", other, 2), task("c", here, 3)]);
        let ids: Vec<_> = lines.iter().map(|line| line.id.as_str()).collect();
        assert_eq!(ids, ["c", "a"]);
        assert_eq!(lines[0].reason, "operator: a look");
    }
}
