//! A booking slot as an item: the version and the booking stand in attributes
//! of their own, so that a reservation needs no read before it.

use crate::table::item::{Fields, Item};
use flotilla_shipment::slot::{Booking, Generation, Slot, SlotStatus};
use flotilla_task::{StoreError, TaskId};

/// No booking is live.
pub(super) const FREE: &str = "free";
/// A task has the right to book; `booking` is what it replaces, if anything.
pub(super) const BOOKING: &str = "booking";
/// `booking` is live.
pub(super) const LIVE: &str = "live";

/// Reads a slot.
///
/// # Errors
/// [`StoreError::Unreadable`] names the attribute.
pub fn from_item(item: &Item) -> Result<Slot, StoreError> {
    let fields = Fields(item);
    let booking = fields.maybe("booking", |f| f.json::<Booking>("booking"))?;
    let status = match (fields.text("state")?, booking) {
        (FREE, _) => SlotStatus::Free,
        (BOOKING, replaces) => {
            SlotStatus::Booking { task: fields.id("task", TaskId::new)?, replaces }
        }
        (LIVE, Some(booking)) => {
            SlotStatus::Live { booking, task: fields.id("task", TaskId::new)? }
        }
        (other, _) => return Err(crate::table::item::wrong("state", other)),
    };
    Ok(Slot { generation: Generation(fields.number("version")?), status })
}
