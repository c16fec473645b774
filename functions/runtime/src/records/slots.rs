//! The booking slot, behind the port.

use super::{Records, slot_free, slot_reserve, slot_settle};
use flotilla_shipment::ports::Slots;
use flotilla_shipment::slot::{Booking, Generation, Reserved, Slot};
use flotilla_task::{ShipmentId, StoreError, TaskId};

impl Slots for Records {
    async fn reserve(
        &self,
        shipment: &ShipmentId,
        task: &TaskId,
        decided_on: Generation,
    ) -> Result<Reserved, StoreError> {
        slot_reserve::reserve(self, shipment, task, decided_on).await
    }

    async fn settle(
        &self,
        shipment: &ShipmentId,
        task: &TaskId,
        generation: Generation,
        booking: &Booking,
    ) -> Result<bool, StoreError> {
        slot_settle::settle(self, shipment, task, generation, booking).await
    }

    async fn free(
        &self,
        shipment: &ShipmentId,
        task: &TaskId,
        generation: Generation,
    ) -> Result<Slot, StoreError> {
        slot_free::free(self, shipment, task, generation).await
    }
}
