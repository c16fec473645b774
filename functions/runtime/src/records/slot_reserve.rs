//! Reserve: a task gets the right to book.
//!
//! Condition: the slot's version is the one the decision was made on, and nobody
//! is booking. Losing means: this task's own reservation or booking from before
//! a crash, someone else's in the making, or a slot to decide again on.

use super::{Records, keys, slot_item};
use crate::table::item::{Item, number, text};
use crate::table::{Change, Written, key};
use flotilla_shipment::slot::{Generation, Reserved, Slot};
use flotilla_task::{ShipmentId, StoreError, TaskId};

pub(super) async fn reserve(
    records: &Records,
    shipment: &ShipmentId,
    task: &TaskId,
    decided_on: Generation,
) -> Result<Reserved, StoreError> {
    let next = decided_on.next();
    let mut values = Item::from([
        (":next".to_owned(), number(next.0)),
        (":task".to_owned(), text(task.as_str())),
        (":reserved".to_owned(), text(slot_item::BOOKING)),
    ]);
    let condition = if decided_on == Generation::default() {
        "attribute_not_exists(pk)"
    } else {
        values.insert(":version".to_owned(), number(decided_on.0));
        "#version = :version AND #state <> :reserved"
    };
    let change = Change {
        key: key(keys::shipment(shipment), keys::slot()),
        condition: condition.to_owned(),
        // The live booking stays in its attribute: it is what is replaced.
        expression: "SET #version = :next, #task = :task, #state = :reserved".to_owned(),
        values,
    };
    match records.table.update(change).await? {
        Written::Applied(item) => match slot_item::from_item(&item)?.reserve(task, decided_on) {
            Reserved::Mine { generation, replaces, .. } => {
                Ok(Reserved::Mine { generation, replaces, repeated: false })
            }
            other @ (Reserved::AlreadyBooked(_) | Reserved::Busy(_) | Reserved::Lost(_)) => {
                Ok(other)
            }
        },
        Written::Refused(old) => {
            let slot = old.as_ref().map(slot_item::from_item).transpose()?.unwrap_or_default();
            told(&slot, task, decided_on)
        }
    }
}

/// What the slot as it stood says to this task: its own reservation, made by a
/// call before, reads as its own.
fn told(slot: &Slot, task: &TaskId, decided_on: Generation) -> Result<Reserved, StoreError> {
    match slot.reserve(task, decided_on) {
        Reserved::Mine { generation, .. } if generation != slot.generation => Err(
            StoreError::Unavailable("the slot was refused and is free; trying again helps".into()),
        ),
        told @ (Reserved::Mine { .. }
        | Reserved::AlreadyBooked(_)
        | Reserved::Busy(_)
        | Reserved::Lost(_)) => Ok(told),
    }
}
