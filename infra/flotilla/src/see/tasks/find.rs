//! Finds them: by the index of what needs attention, or by recovery's own scan.

use super::list::{List, Scanned};
use crate::books::{Task, Why};
use crate::cloud::attention::Wanted;
use crate::error::Error;
use crate::operator::Operator;
use crate::pace::Pace;
use flotilla_runtime::store::DynamoTasks;
use flotilla_task::recovery::{Remedy, remedy};
use flotilla_task::{AttemptId, StatusKind, Stuck, TaskRecord, Timestamp};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Tasks that failed.
///
/// # Errors
/// [`Error::Environment`] when the table does not answer; so for the others.
pub(super) async fn failed(operator: &Operator, limit: usize) -> Result<List, Error> {
    indexed(operator, Wanted::Failed, StatusKind::Failed, limit).await
}

/// Tasks that wait for a person.
///
/// # Errors
/// See [`failed`].
pub(super) async fn held(operator: &Operator, limit: usize) -> Result<List, Error> {
    indexed(operator, Wanted::Held, StatusKind::Held, limit).await
}

async fn indexed(
    operator: &Operator,
    wanted: Wanted,
    status: StatusKind,
    limit: usize,
) -> Result<List, Error> {
    let entries = operator.cloud.attention(wanted).await?;
    let ids: Vec<_> = entries.iter().filter_map(|entry| entry.task()).collect();
    let shown = ids.get(..limit).unwrap_or(&ids);
    let read = operator.cloud.tasks_named(shown).await?;
    let mut read: HashMap<_, _> = read.into_iter().map(|task| (task.id.clone(), task)).collect();
    // The index follows the table by moments: what has moved on since is left out.
    let tasks: Vec<_> = shown.iter().filter_map(|id| read.remove(*id)).collect();
    let tasks: Vec<_> = tasks.into_iter().filter(|task| task.status == status).collect();
    let total = tasks.len() + ids.len().saturating_sub(shown.len());
    Ok(List { what: wanted.as_str(), total, tasks, scanned: None })
}

/// Open tasks that recovery would take for stuck, the ones that were left longest first.
///
/// # Errors
/// See [`failed`].
pub(super) async fn stuck(
    operator: &Operator,
    idle: Duration,
    now: Timestamp,
    limit: usize,
) -> Result<List, Error> {
    // With a meter of its own, to tell what the scan has cost.
    let table = operator.cloud.shared_table()?;
    let tried = format!("looking for stuck tasks in {}", table.name);
    let meter = Arc::clone(&table.meter);
    // A pause explains why nothing touched a task.
    let pauses = operator.cloud.agent_pauses().await?;
    // Nothing is written, so nothing ends that would have to expire.
    let tasks = DynamoTasks::new(table, Duration::ZERO);
    let nobody = AttemptId::from_bits(0);
    let mut pace = Pace::new("stuck tasks");
    let (mut found, mut open, mut after) = (Vec::new(), 0, None);
    loop {
        let page = tasks.open_tasks(after).await;
        let advice = "Is the table busy? Try again later.";
        let (records, next) = page.map_err(|e| Error::environment(&tried, e, advice))?;
        open += records.len();
        let is_stuck = |record: &TaskRecord| {
            let pause = pauses.get(&record.stage);
            remedy(record, &nobody, idle, pause, now) != Remedy::Leave
        };
        found.extend(records.iter().filter(|record| is_stuck(record)).map(listed));
        pace.page(u64::from(Pace::PAGE.unsigned_abs())).await;
        after = next;
        if after.is_none() {
            break;
        }
    }
    found.sort_by_key(|task: &Task| task.updated_at);
    let total = found.len();
    found.truncate(limit);
    let read_centiunits = meter.take().read_centiunits;
    let scanned = Scanned { idle, open, read_units: read_centiunits.div_ceil(100) };
    Ok(List { what: "stuck", total, tasks: found, scanned: Some(scanned) })
}

fn listed(record: &TaskRecord) -> Task {
    let why = record.reason.as_ref();
    Task {
        id: record.id.to_string(),
        shipment: record.shipment.to_string(),
        source: record.source.to_string(),
        event: record.event.to_string(),
        stage: record.stage,
        status: record.status.kind(),
        attempts: record.attempts,
        why: why.map(|why| Why { code: why.code.as_str().to_owned(), text: why.text.clone() }),
        created_at: record.created_at.as_millis(),
        updated_at: record.updated_at.as_millis(),
        ended_at: record.ended_at.map(Timestamp::as_millis),
    }
}
