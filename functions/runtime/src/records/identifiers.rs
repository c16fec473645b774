//! Register: an identifier gets its owner.
//!
//! Condition: none yet, or the same one. Losing means that it is another
//! shipment's.

use super::{Records, keys};
use crate::table::item::{Fields, Item, text};
use crate::table::{Written, key};
use flotilla_shipment::identifier::Identifier;
use flotilla_shipment::ports::Registered;
use flotilla_task::{ShipmentId, StoreError};

pub(super) async fn register(
    records: &Records,
    identifier: &Identifier,
    shipment: &ShipmentId,
) -> Result<Registered, StoreError> {
    let mut item = key(keys::identifier(identifier), keys::OWNER);
    item.insert("shipment".to_owned(), text(shipment.as_str()));
    let values = Item::from([(":shipment".to_owned(), text(shipment.as_str()))]);
    let condition = "attribute_not_exists(pk) OR #shipment = :shipment";
    match records.table.put(item, condition, values).await? {
        Written::Applied(_) => Ok(Registered::Mine),
        Written::Refused(Some(old)) => owner_in(&old).map(Registered::Of),
        Written::Refused(None) => Err(StoreError::Unavailable("the owner is not told".to_owned())),
    }
}

pub(super) fn owner_in(item: &Item) -> Result<ShipmentId, StoreError> {
    Fields(item).id("shipment", ShipmentId::new)
}
