//! Log: a decision with its grounds, kept for the horizon.
//!
//! Condition: not logged yet. Losing means a replay, which is fine: the entry is
//! the task's committed one and cannot differ.

use super::{Records, keys};
use crate::table::item::{Item, expiry, json, text};
use crate::table::key;
use flotilla_shipment::payload::Concluded;
use flotilla_task::{ShipmentId, StoreError, TaskId};

pub(super) async fn log(
    records: &Records,
    shipment: &ShipmentId,
    task: &TaskId,
    concluded: &Concluded,
) -> Result<(), StoreError> {
    let at = concluded.event.at().as_millisecond().max(0);
    let sort = format!("{}{at:013}#{task}", keys::DECISION);
    let mut item = key(keys::shipment(shipment), sort);
    item.extend([
        ("doc".to_owned(), json(concluded)?),
        ("task".to_owned(), text(task.as_str())),
        ("expires_at".to_owned(), expiry(Records::now(), records.horizon)),
    ]);
    records.table.put(item, "attribute_not_exists(pk)", Item::new()).await.map(|_| ())
}
