//! What the fleet remembers of a shipment, in one consistent read.

use super::{Records, keys, orders, shipment, slot_item};
use crate::table::item::Fields;
use flotilla_shipment::memory::{Memory, ShipmentState};
use flotilla_shipment::ports::Recall;
use flotilla_task::{ShipmentId, StoreError};

impl Recall for Records {
    async fn recall(&self, id: &ShipmentId) -> Result<Option<Memory>, StoreError> {
        // The sort keys are neighbours: ORDER, (OUTCOME#...), SHIPMENT, SLOT#...
        let to = keys::after("SLOT#");
        let items = self.table.between(keys::shipment(id), keys::ORDER, &to).await?;
        let (mut order, mut state, mut slot) = (None, None, None);
        for item in &items {
            let sort = Fields(item).text("sk")?;
            if sort == keys::ORDER {
                order = Some(orders::from_item(item)?);
            } else if sort == keys::SHIPMENT {
                state = Some(shipment::from_item(item)?.state);
            } else if sort == keys::slot() {
                slot = Some(slot_item::from_item(item)?);
            }
        }
        let state = match order {
            Some(order) => Some(ShipmentState::with_order(state, order)),
            None => state,
        };
        Ok(state.map(|state| Memory { state, slot: slot.unwrap_or_default() }))
    }
}
