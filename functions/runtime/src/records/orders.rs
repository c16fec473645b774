//! Keep order: what a processed order says, before it is concluded.
//!
//! Condition: no order yet, or an older one; at the same moment the greater task
//! wins, as everywhere. Losing means that a newer order is known.

use super::{Records, keys};
use crate::table::item::{Fields, Item, json, number, text};
use crate::table::key;
use flotilla_shipment::memory::{Ordered, Stamped};
use flotilla_shipment::ports::Orders;
use flotilla_task::{ShipmentId, StoreError};

impl Orders for Records {
    async fn keep_order(
        &self,
        shipment: &ShipmentId,
        order: &Stamped<Ordered>,
    ) -> Result<(), StoreError> {
        let at = number(order.stamp.at.as_millisecond());
        let task = text(order.stamp.tag());
        let mut item = key(keys::shipment(shipment), keys::ORDER);
        item.extend([
            ("at".to_owned(), at.clone()),
            ("task".to_owned(), task.clone()),
            ("doc".to_owned(), json(order)?),
        ]);
        let newer = "attribute_not_exists(pk) OR #at < :at OR (#at = :at AND #task <= :task)";
        let values = Item::from([(":at".to_owned(), at), (":task".to_owned(), task)]);
        self.table.put(item, newer, values).await.map(|_| ())
    }
}

pub(super) fn from_item(item: &Item) -> Result<Stamped<Ordered>, StoreError> {
    Fields(item).json("doc")
}
