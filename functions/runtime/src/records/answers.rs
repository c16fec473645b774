//! What is known of a shipment, for those who ask: one consistent read of its
//! partition. Personal data has a sort key of its own outside the range.

use super::{Records, keys, shipment, slot_item};
use crate::table::item::Fields;
use flotilla_shipment::payload::Concluded;
use flotilla_shipment::ports::Answers;
use flotilla_task::{ShipmentId, StoreError};
use serde_json::{Value, json};

/// So many of the newest decisions are told.
const DECISIONS: usize = 50;

impl Answers for Records {
    async fn known(&self, id: &ShipmentId) -> Result<Value, StoreError> {
        let to = keys::after("SLOT#");
        let items = self.table.between(keys::shipment(id), keys::DECISION, &to).await?;
        let (mut state, mut slot, mut decisions) = (Value::Null, Value::Null, Vec::new());
        for item in &items {
            let fields = Fields(item);
            let sort = fields.text("sk")?;
            if sort == keys::SHIPMENT {
                state = to_value(&shipment::from_item(item)?.state)?;
            } else if sort == keys::slot() {
                slot = to_value(&slot_item::from_item(item)?)?;
            } else if sort.starts_with(keys::DECISION) {
                decisions.push(to_value(&fields.json::<Concluded>("doc")?)?);
            }
        }
        let older = decisions.len().saturating_sub(DECISIONS);
        Ok(json!({
            "shipment": id.as_str(),
            "known": !state.is_null(),
            "state": state,
            "slot": slot,
            "decisions": decisions.split_off(older),
            "older_decisions": older,
        }))
    }
}

fn to_value(value: &impl serde::Serialize) -> Result<Value, StoreError> {
    serde_json::to_value(value).map_err(|error| StoreError::Unreadable(error.to_string()))
}
