//! Contact: whom to deliver to. Personal data stands in this item only, so that
//! deleting it erases it.
//!
//! Condition: none; the latest order's word counts, and it is never read by a
//! decision.

use super::{Records, keys};
use crate::table::item::{Item, json};
use crate::table::key;
use flotilla_shipment::inbound::Contact;
use flotilla_task::{ShipmentId, StoreError};

pub(super) async fn keep(
    records: &Records,
    shipment: &ShipmentId,
    contact: &Contact,
) -> Result<(), StoreError> {
    let mut item = key(keys::shipment(shipment), keys::CONTACT);
    item.insert("doc".to_owned(), json(contact)?);
    let always = "attribute_not_exists(pk) OR attribute_exists(pk)";
    records.table.put(item, always, Item::new()).await.map(|_| ())
}
