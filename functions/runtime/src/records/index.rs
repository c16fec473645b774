//! The identifier index and the parked events, behind the port.

use super::{Records, contact, identifiers, keys, parking};
use crate::table::key;
use flotilla_shipment::identifier::Identifier;
use flotilla_shipment::inbound::Contact;
use flotilla_shipment::ports::{Index, Parked, Registered};
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

    async fn park(&self, identifier: &Identifier, parked: &Parked) -> Result<(), StoreError> {
        parking::park(self, identifier, parked).await
    }

    async fn parked(&self, identifier: &Identifier) -> Result<Vec<Parked>, StoreError> {
        let (pk, to) = (keys::identifier(identifier), keys::after(keys::PARKED));
        let items = self.table.between(pk, keys::PARKED, &to).await?;
        items.iter().map(parking::from_item).collect()
    }

    async fn unpark(&self, identifier: &Identifier, parked: &Parked) -> Result<(), StoreError> {
        let sort = keys::parked(&parked.source, &parked.event);
        self.table.delete(key(keys::identifier(identifier), sort)).await
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
