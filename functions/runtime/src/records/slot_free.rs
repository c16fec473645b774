//! Free: the carrier refused, the right to book is given back.
//!
//! Condition: the slot is at the reservation's version, booked by this task.
//! Losing means that it was given back before, by this task's earlier attempt.

use super::slot_settle::{RESERVED_BY_ME, reserved_by_me};
use super::{Records, keys, slot_item};
use crate::table::item::text;
use crate::table::{Change, Written, key};
use flotilla_shipment::slot::{Generation, Slot};
use flotilla_task::{ShipmentId, StoreError, TaskId};

pub(super) async fn free(
    records: &Records,
    shipment: &ShipmentId,
    task: &TaskId,
    generation: Generation,
) -> Result<Slot, StoreError> {
    let mut values = reserved_by_me(task, generation);
    values.insert(":free".to_owned(), text(slot_item::FREE));
    let change = Change {
        key: key(keys::shipment(shipment), keys::slot()),
        condition: RESERVED_BY_ME.to_owned(),
        expression: "SET #state = :free REMOVE #booking".to_owned(),
        values,
    };
    match records.table.update(change).await? {
        Written::Applied(item) | Written::Refused(Some(item)) => slot_item::from_item(&item),
        Written::Refused(None) => Ok(Slot::default()),
    }
}
