//! What is known of a shipment, for those who ask. Its order, state and slot are
//! read as they stood together at one moment; the decision log only grows, so a
//! page of it contradicts nothing. Personal data is in none of them.

use super::{Records, keys, orders, shipment, slot_item};
use crate::store::item::{TASK_SORT, task_key};
use crate::table::item::{Fields, Item};
use crate::table::key;
use flotilla_shipment::answers::{Answers, Page};
use flotilla_shipment::identifier::Identifier;
use flotilla_shipment::memory::ShipmentState;
use flotilla_shipment::payload::Concluded;
use flotilla_shipment::slot::{Slot, SlotStatus};
use flotilla_task::{ShipmentId, StoreError, TaskId};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// No answer has more bytes of decisions, so that it fits in a message.
const MAX_BYTES: usize = 512 * 1024;

impl Answers for Records {
    async fn known(&self, id: &ShipmentId, page: &Page) -> Result<Value, StoreError> {
        let head = self.head(id).await?;
        let mut log = self.log(id, page).await?;
        let next = log.next.take();
        let newest = page.after.is_none().then(|| log.entries.first()).flatten();
        let tasks = self.tasks(&head, newest).await?;
        let decisions: Vec<Value> = log.entries.into_iter().map(|entry| entry.value).collect();
        Ok(json!({
            "shipment": id.as_str(),
            "known": head.state.is_some(),
            "version": head.version,
            "identifiers": head.identifiers(),
            "state": to_value(&head.state)?,
            "slot": to_value(&head.slot)?,
            "tasks": tasks,
            "decisions": decisions,
            "next": next,
        }))
    }
}

/// What stood together at one moment.
struct Head {
    /// Of the state; raised by every event that changes it.
    version: u64,
    state: Option<ShipmentState>,
    slot: Option<Slot>,
}

impl Head {
    /// The names of its newest order, and its live booking's.
    fn identifiers(&self) -> BTreeSet<String> {
        let order = self.state.as_ref().and_then(|state| state.order.as_ref());
        let ids = order.into_iter().flat_map(|order| &order.value.ids);
        let booking = match self.slot.as_ref().map(|slot| &slot.status) {
            Some(SlotStatus::Live { booking, .. }) => {
                Some(format!("booking:{}", booking.reference))
            }
            Some(SlotStatus::Free | SlotStatus::Booking { .. }) | None => None,
        };
        ids.map(Identifier::to_string).chain(booking).collect()
    }

    /// The task that is booking, if one is.
    fn booking(&self) -> Option<TaskId> {
        match self.slot.as_ref().map(|slot| &slot.status) {
            Some(SlotStatus::Booking { task, .. }) => Some(task.clone()),
            Some(SlotStatus::Free | SlotStatus::Live { .. }) | None => None,
        }
    }
}

struct Log {
    entries: Vec<Entry>,
    /// The entry after which more follow.
    next: Option<String>,
}

struct Entry {
    /// Its sort key without the prefix.
    name: String,
    task: TaskId,
    value: Value,
}

impl Records {
    async fn head(&self, id: &ShipmentId) -> Result<Head, StoreError> {
        let slot = keys::slot();
        let sorts = [keys::ORDER, keys::SHIPMENT, slot.as_str()];
        let sorts = sorts.map(|sort| key(keys::shipment(id), sort));
        let mut items = self.table.together(sorts.into()).await?.into_iter();
        let mut next = || items.next().flatten();
        let order = next().as_ref().map(orders::from_item).transpose()?;
        let known = next().as_ref().map(shipment::from_item).transpose()?;
        let version = known.as_ref().map_or(0, |known| known.version);
        let state = known.map(|known| known.state);
        let state = match order {
            Some(order) => Some(ShipmentState::with_order(state, order)),
            None => state,
        };
        let slot = next().as_ref().map(slot_item::from_item).transpose()?;
        Ok(Head { version, state, slot })
    }

    /// A page of the decision log, the newest first.
    async fn log(&self, id: &ShipmentId, page: &Page) -> Result<Log, StoreError> {
        let to = match &page.after {
            Some(after) => format!("{}{after}", keys::DECISION),
            None => keys::after(keys::DECISION),
        };
        // The one that was told last, and one more to see whether any follow.
        let least = if page.after.is_some() { 2 } else { 1 };
        let limit = i32::try_from(page.limit.saturating_add(least)).unwrap_or(i32::MAX);
        let items = self.table.last(keys::shipment(id), (keys::DECISION, &to), limit).await?;
        let (mut log, mut bytes) = (Log { entries: Vec::new(), next: None }, 0);
        for item in &items {
            let (entry, size) = entry(item)?;
            if page.after.as_ref() == Some(&entry.name) {
                continue;
            }
            bytes += size;
            let is_full = log.entries.len() >= page.limit as usize || bytes > MAX_BYTES;
            if let (true, Some(last)) = (is_full, log.entries.last()) {
                log.next = Some(last.name.clone());
                break;
            }
            log.entries.push(entry);
        }
        Ok(log)
    }

    /// The task that is booking, and the last that was concluded: where they are.
    async fn tasks(&self, head: &Head, newest: Option<&Entry>) -> Result<Vec<Value>, StoreError> {
        let mut ids: Vec<TaskId> = head.booking().into_iter().collect();
        ids.extend(newest.map(|entry| entry.task.clone()).filter(|task| !ids.contains(task)));
        let mut tasks = Vec::new();
        for id in ids {
            if let Some(item) = self.table.get(key(task_key(&id), TASK_SORT)).await? {
                let record = crate::store::item::from_item(&item)?;
                tasks.push(json!({
                    "id": record.id.as_str(),
                    "event": record.event.as_str(),
                    "stage": record.stage.as_str(),
                    "status": record.status.kind().as_str(),
                    "epoch": record.epoch,
                    "attempts": record.attempts,
                    "reason": record.reason,
                    "updated_at": jiff::Timestamp::from(record.updated_at).to_string(),
                }));
            }
        }
        Ok(tasks)
    }
}

fn entry(item: &Item) -> Result<(Entry, usize), StoreError> {
    let fields = Fields(item);
    let name = fields.text("sk")?.trim_start_matches(keys::DECISION).to_owned();
    let value = to_value(&fields.json::<Concluded>("doc")?)?;
    let entry = Entry { name, task: fields.id("task", TaskId::new)?, value };
    Ok((entry, fields.text("doc")?.len()))
}

fn to_value(value: &impl serde::Serialize) -> Result<Value, StoreError> {
    serde_json::to_value(value).map_err(|error| StoreError::Unreadable(error.to_string()))
}
