//! An order's names are registered, and what waited for them is released.

use crate::Ingestion;
use crate::intake::{Came, invalid};
use flotilla_crashpoint::{Point, reach};
use flotilla_runtime::parking::release;
use flotilla_runtime::queue::Queues;
use flotilla_shipment::identifier::Identifier;
use flotilla_shipment::ports::{Index, Parking, Registered};
use flotilla_task::{Failure, ShipmentId};

impl<I: Index + Parking, Q: Queues, S, C> Ingestion<I, Q, S, C> {
    /// Registers an order's names, keeps its contact, and releases what waited
    /// for them. An order that makes no sense leaves nothing behind: its task is
    /// created all the same, and fails in processing with its reason.
    pub(crate) async fn order(
        &self,
        came: &Came,
        shipment: &ShipmentId,
        names: &[Identifier],
    ) -> Result<(), Failure> {
        if !came.is_sound {
            return Ok(());
        }
        for (at, name) in names.iter().enumerate() {
            match self.records.owner(name).await? {
                Some(other) if other != *shipment => return Err(taken(at, name, &other)),
                Some(_) | None => {}
            }
        }
        for (at, name) in names.iter().enumerate() {
            match self.records.register(name, shipment).await? {
                Registered::Mine => {}
                Registered::Of(other) => return Err(taken(at, name, &other)),
            }
        }
        if let Some(contact) = &came.inbound.contact {
            self.records.keep_contact(shipment, came.at, contact).await?;
        }
        reach(Point::Registered);
        let own = &self.protocol.settings.queue_url;
        for name in names {
            release(&self.records, &self.queues, own, name).await?;
        }
        Ok(())
    }
}

fn taken(at: usize, name: &Identifier, other: &ShipmentId) -> Failure {
    invalid(&format!("identifiers[{at}]: {name} belongs to shipment {other} already"))
}
