//! The identifier index, behind the port.

use super::{Records, contact, identifiers, keys};
use crate::table::key;
use flotilla_shipment::identifier::Identifier;
use flotilla_shipment::inbound::Contact;
use flotilla_shipment::ports::{Index, Registered};
use flotilla_task::{ShipmentId, StoreError};

impl Index for Records {
    async fn owner(&self, identifier: &Identifier) -> Result<Option<ShipmentId>, StoreError> {
        let item = self.table.get(key(keys::identifier(identifier), keys::OWNER)).await?;
        item.as_ref().map(identifiers::owner_in).transpose()
    }

    async fn register(
        &self,
        identifier: &Identifier,
        shipment: &ShipmentId,
    ) -> Result<Registered, StoreError> {
        identifiers::register(self, identifier, shipment).await
    }

    async fn keep_contact(
        &self,
        shipment: &ShipmentId,
        ordered_at: jiff::Timestamp,
        contact: &Contact,
    ) -> Result<(), StoreError> {
        contact::keep(self, shipment, ordered_at, contact).await
    }
}
