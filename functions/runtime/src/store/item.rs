//! A task's record as a DynamoDB item, and back.

use crate::table::item::{Fields, Item, expiry, json, number, text, wrong};
use aws_sdk_dynamodb::types::AttributeValue;
use flotilla_task::record::SCHEMA_VERSION;
use flotilla_task::{
    AttemptId, Checkpoints, Epoch, EventId, Intent, Payload, Reason, ShipmentId, Source, Stage,
    Status, StatusKind, StoreError, TaskId, TaskRecord, Tenant,
};
use std::time::Duration;

/// The prefix of a task's partition key.
pub const TASK_PREFIX: &str = "TASK#";
/// A task's sort key.
pub const TASK_SORT: &str = "TASK";

/// A task's partition key.
#[must_use]
pub fn task_key(task: &TaskId) -> String {
    format!("{TASK_PREFIX}{task}")
}

/// The whole item for a record, as a create writes it.
///
/// # Errors
/// [`StoreError::Rejected`] when a part cannot be written as JSON.
pub fn to_item(record: &TaskRecord, horizon: Duration) -> Result<Item, StoreError> {
    let mut item = Item::from([
        ("pk".to_owned(), text(task_key(&record.id))),
        ("sk".to_owned(), text(TASK_SORT)),
        ("v".to_owned(), number(SCHEMA_VERSION)),
        ("shipment".to_owned(), text(record.shipment.as_str())),
        ("source".to_owned(), text(record.source.as_str())),
        ("event".to_owned(), text(record.event.as_str())),
        ("stage".to_owned(), text(record.stage.as_str())),
        ("status".to_owned(), text(record.status.kind().as_str())),
        ("epoch".to_owned(), number(record.epoch)),
        ("writer".to_owned(), text(record.writer.as_str())),
        ("attempts".to_owned(), number(record.attempts)),
        ("resends".to_owned(), number(record.resends)),
        ("payload".to_owned(), text(record.payload.as_json())),
        ("hops".to_owned(), number(record.hops)),
        ("created_at".to_owned(), number(record.created_at.as_millis())),
        ("updated_at".to_owned(), number(record.updated_at.as_millis())),
    ]);
    let mut put = |name: &str, value: Option<AttributeValue>| {
        if let Some(value) = value {
            item.insert(name.to_owned(), value);
        }
    };
    let lease = match record.status {
        Status::Running { lease_until } => Some(lease_until),
        Status::Held { lease_until } => lease_until,
        Status::Pending | Status::Completed | Status::Failed | Status::Cancelled => None,
    };
    put("lease_until", lease.map(|until| number(until.as_millis())));
    put("tenant", record.tenant.as_ref().map(|tenant| text(tenant.as_str())));
    put("trace", record.trace.as_deref().map(text));
    if !record.checkpoints.is_empty() {
        put("checkpoints", Some(json(&record.checkpoints)?));
    }
    put("intent", record.intent.as_ref().map(|intent| text(&intent.effect)));
    put("intent_until", record.intent.as_ref().map(|i| number(i.until.as_millis())));
    put("reason", record.reason.as_ref().map(json).transpose()?);
    put("ended_at", record.ended_at.map(|at| number(at.as_millis())));
    put("expires_at", record.ended_at.map(|at| expiry(at, horizon)));
    Ok(item)
}

/// Reads a task's item.
///
/// # Errors
/// [`StoreError::Unreadable`] when it is of a newer version or a field is
/// missing or wrong; it names the field.
pub fn from_item(item: &Item) -> Result<TaskRecord, StoreError> {
    let fields = Fields(item);
    let version: u32 = fields.number("v")?;
    if version > SCHEMA_VERSION {
        let text = format!("version {version} is newer than {SCHEMA_VERSION}");
        return Err(StoreError::Unreadable(text));
    }
    let stage = fields.text("stage")?;
    let intent = match (item.get("intent"), item.get("intent_until")) {
        (Some(_), Some(_)) => Some(Intent {
            effect: fields.text("intent")?.to_owned(),
            until: fields.time("intent_until")?,
        }),
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => return Err(wrong("intent", "half of it is missing")),
    };
    Ok(TaskRecord {
        id: fields.id("pk", |pk| TaskId::new(pk.strip_prefix(TASK_PREFIX).unwrap_or(&pk)))?,
        shipment: fields.id("shipment", ShipmentId::new)?,
        tenant: fields.maybe("tenant", |f| f.id("tenant", Tenant::new))?,
        source: fields.id("source", Source::new)?,
        event: fields.id("event", EventId::new)?,
        stage: Stage::from_name(stage).ok_or_else(|| wrong("stage", stage))?,
        status: status(&fields)?,
        epoch: Epoch::new(fields.number("epoch")?),
        writer: fields.id("writer", AttemptId::new)?,
        attempts: fields.number("attempts")?,
        resends: fields.number("resends")?,
        payload: Payload::from_json(fields.text("payload")?.to_owned()),
        checkpoints: fields
            .maybe("checkpoints", |f| f.json::<Checkpoints>("checkpoints"))?
            .unwrap_or_default(),
        intent,
        reason: fields.maybe("reason", |f| f.json::<Reason>("reason"))?,
        trace: fields.maybe("trace", |f| Ok(f.text("trace")?.to_owned()))?,
        hops: fields.number("hops")?,
        created_at: fields.time("created_at")?,
        updated_at: fields.time("updated_at")?,
        ended_at: fields.maybe("ended_at", |f| f.time("ended_at"))?,
    })
}

fn status(fields: &Fields<'_>) -> Result<Status, StoreError> {
    let name = fields.text("status")?;
    let kind = StatusKind::ALL.into_iter().find(|kind| kind.as_str() == name);
    Ok(match kind.ok_or_else(|| wrong("status", name))? {
        StatusKind::Pending => Status::Pending,
        StatusKind::Running => Status::Running { lease_until: fields.time("lease_until")? },
        StatusKind::Held => {
            Status::Held { lease_until: fields.maybe("lease_until", |f| f.time("lease_until"))? }
        }
        StatusKind::Completed => Status::Completed,
        StatusKind::Failed => Status::Failed,
        StatusKind::Cancelled => Status::Cancelled,
    })
}
