//! Settle: the booking was made.
//!
//! Condition: the slot is at the reservation's version, booked by this task.
//! Losing means that it was settled before, by this task's earlier attempt.

use super::{Records, keys, slot_item};
use crate::table::item::{Item, json, number, text};
use crate::table::{Change, Written, key};
use flotilla_shipment::slot::{Booking, Generation};
use flotilla_task::{ShipmentId, StoreError, TaskId};

/// What both ends of a reservation name.
pub(super) const RESERVED_BY_ME: &str =
    "#version = :version AND #task = :task AND #state = :reserved";

pub(super) fn reserved_by_me(task: &TaskId, generation: Generation) -> Item {
    Item::from([
        (":version".to_owned(), number(generation.0)),
        (":task".to_owned(), text(task.as_str())),
        (":reserved".to_owned(), text(slot_item::BOOKING)),
    ])
}

pub(super) async fn settle(
    records: &Records,
    shipment: &ShipmentId,
    task: &TaskId,
    generation: Generation,
    booking: &Booking,
) -> Result<bool, StoreError> {
    let mut values = reserved_by_me(task, generation);
    values.insert(":booking".to_owned(), json(booking)?);
    values.insert(":live".to_owned(), text(slot_item::LIVE));
    let change = Change {
        key: key(keys::shipment(shipment), keys::slot()),
        condition: RESERVED_BY_ME.to_owned(),
        expression: "SET #state = :live, #booking = :booking".to_owned(),
        values,
    };
    match records.table.update(change).await? {
        Written::Applied(_) => Ok(true),
        Written::Refused(old) => {
            let slot = old.as_ref().map(slot_item::from_item).transpose()?.unwrap_or_default();
            Ok(slot.generation == generation && slot.live() == Some(booking))
        }
    }
}
