//! What each side remembers: tasks and orders before a round, and whether a task moved on.

use super::Error;
use super::cloud::Cloud;
use super::work::{Job, Round, order};
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use flotilla_runtime::meter::Meter;
use flotilla_runtime::records::Records;
use flotilla_runtime::settings::horizon;
use flotilla_runtime::store::DynamoTasks;
use flotilla_runtime::table::Table;
use flotilla_shipment::memory::{Stamp, Stamped};
use flotilla_shipment::ports::Orders;
use flotilla_task::{Outcome, Stage, StatusKind, TaskStore};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::sync::Arc;

/// Requests under way at a time.
const WIDE: usize = 8;
/// The most that one `BatchWriteItem` takes.
const MOST: usize = 25;

/// A side's table.
#[derive(Debug, Clone)]
pub(super) enum Books {
    /// Ours, written by the runtime's own code.
    Fleet(DynamoTasks, Records),
    /// The peer's: one item a task, one an order.
    Peer(aws_sdk_dynamodb::Client, String),
}

impl Books {
    /// The fleet's, in that table.
    pub(super) fn fleet(cloud: &Cloud, name: String) -> Self {
        let client = cloud.dynamo.clone();
        let table = Table { client, name, meter: Arc::new(Meter::default()) };
        let horizon = horizon(14);
        Self::Fleet(DynamoTasks::new(table.clone(), horizon), Records::new(table, horizon))
    }

    /// Makes every task of a round, and the order of its shipment.
    pub(super) async fn open(&self, round: &Round) -> Result<(), Error> {
        match self {
            Self::Fleet(tasks, records) => {
                let open = |job| make(tasks, records, job);
                stream::iter(&round.jobs).map(open).buffer_unordered(WIDE).try_collect().await
            }
            Self::Peer(client, table) => {
                let items: Vec<_> = round.jobs.iter().flat_map(peer_items).collect();
                let put = |items: &[WriteRequest]| {
                    let call = client.batch_write_item().request_items(table, items.to_vec());
                    async move {
                        let left = call.send().await?.unprocessed_items.unwrap_or_default();
                        if left.is_empty() { Ok(()) } else { Err(Error::from("items are left")) }
                    }
                };
                stream::iter(items.chunks(MOST)).map(put).buffer_unordered(WIDE).try_collect().await
            }
        }
    }

    /// Whether a task moved from processing to decision, and this exactly once.
    pub(super) async fn moved_once(&self, job: &Job) -> Result<bool, Error> {
        let epoch = job.task.epoch.get() + 1;
        match self {
            Self::Fleet(tasks, _) => {
                let task = tasks.get(&job.task.id).await?.ok_or("a task is gone")?;
                let pending = task.status.kind() == StatusKind::Pending;
                Ok(pending && task.stage == Stage::Decision && task.epoch.get() == epoch)
            }
            Self::Peer(client, table) => {
                let call = client.get_item().table_name(table).consistent_read(true);
                let key = AttributeValue::S(format!("TASK#{}", job.task.id));
                let item = call.key("pk", key).send().await?.item.ok_or("a task is gone")?;
                let decides = item.get("stage") == Some(&AttributeValue::S("decision".to_owned()));
                Ok(decides && item.get("epoch") == Some(&AttributeValue::N(epoch.to_string())))
            }
        }
    }

    /// How many of a round's good tasks moved once, and how many of its bad ones at all.
    pub(super) async fn moved(&self, round: &Round) -> Result<(usize, usize), Error> {
        let look = |job: &'_ Job| {
            let (job, books) = (job.clone(), self.clone());
            async move { Ok::<_, Error>((job.flaw.is_none(), books.moved_once(&job).await?)) }
        };
        let all: Vec<_> =
            stream::iter(&round.jobs).map(look).buffer_unordered(WIDE).try_collect().await?;
        let count = |good| all.iter().filter(|(is, moved)| *is == good && *moved).count();
        Ok((count(true), count(false)))
    }
}

/// A task of ours and its shipment's order, as ingestion and processing would write them.
async fn make(tasks: &DynamoTasks, records: &Records, job: &Job) -> Result<(), Error> {
    let stamp = Stamp::new(job.create.now.into(), &job.task.id);
    let order = Stamped { stamp, value: serde_json::from_value(order())? };
    records.keep_order(&job.task.shipment, &order).await?;
    match tasks.apply(&job.create).await? {
        Outcome::Applied(_) => Ok(()),
        Outcome::Refused { .. } => Err("a task was there already".into()),
    }
}

fn peer_items(job: &Job) -> [WriteRequest; 2] {
    let text = |text: String| AttributeValue::S(text);
    let write = |items: Vec<(&str, AttributeValue)>| {
        let items = items.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let put = PutRequest::builder().set_item(Some(items)).build();
        WriteRequest::builder().set_put_request(put.ok()).build()
    };
    let task = &job.task;
    [
        write(vec![
            ("pk", text(format!("TASK#{}", task.id))),
            ("shipment", text(task.shipment.to_string())),
            ("stage", text("processing".to_owned())),
            ("status", text("pending".to_owned())),
            ("epoch", AttributeValue::N(task.epoch.to_string())),
            ("payload", text(task.payload.as_json().to_owned())),
        ]),
        write(vec![
            ("pk", text(format!("SHIPMENT#{}", task.shipment))),
            ("order", text(order().to_string())),
        ]),
    ]
}
