//! What the fleet remembers of a shipment, in one consistent read.

use super::{Records, keys, shipment, slot_item};
use crate::table::item::Fields;
use flotilla_shipment::memory::Memory;
use flotilla_shipment::ports::Recall;
use flotilla_task::{ShipmentId, StoreError};

impl Recall for Records {
    async fn recall(&self, id: &ShipmentId) -> Result<Option<Memory>, StoreError> {
        // The two sort keys are neighbours: "SHIPMENT" and "SLOT#...".
        let to = keys::after("SLOT#");
        let items = self.table.between(keys::shipment(id), keys::SHIPMENT, &to).await?;
        let (mut state, mut slot) = (None, None);
        for item in &items {
            if Fields(item).text("sk")? == keys::SHIPMENT {
                state = Some(shipment::from_item(item)?.state);
            } else {
                slot = Some(slot_item::from_item(item)?);
            }
        }
        Ok(state.map(|state| Memory { state, slot: slot.unwrap_or_default() }))
    }
}
