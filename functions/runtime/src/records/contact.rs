//! Contact: whom to deliver to. Personal data stands in this item only, so that
//! deleting it erases it.
//!
//! Condition: no contact yet, or one of an older order, or of this one, or a note
//! that it was forgotten before this order was placed. Losing means that a newer
//! order's contact is known, or that this one's was to be forgotten.

use super::{Records, keys};
use crate::table::item::{Item, json, number};
use crate::table::key;
use flotilla_shipment::inbound::Contact;
use flotilla_task::{ShipmentId, StoreError};

pub(super) async fn keep(
    records: &Records,
    shipment: &ShipmentId,
    ordered_at: jiff::Timestamp,
    contact: &Contact,
) -> Result<(), StoreError> {
    let at = number(ordered_at.as_millisecond());
    let mut item = key(keys::shipment(shipment), keys::CONTACT);
    item.extend([("doc".to_owned(), json(contact)?), ("at".to_owned(), at.clone())]);
    let newer = "attribute_not_exists(pk) OR #at <= :at OR #forgotten_at < :at";
    let values = Item::from([(":at".to_owned(), at)]);
    records.table.put(item, newer, values).await.map(|_| ())
}
