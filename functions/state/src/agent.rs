//! State thinks: what the fleet remembers once a task is through.
//!
//! It has no outside effects: each write is idempotent under its own condition,
//! and its content is the task's committed payload, so a duplicate or a zombie
//! writes what stands there already. The commit comes last.

use flotilla_crashpoint::{Point, reach};
use flotilla_runtime::parking::release;
use flotilla_runtime::queue::Queues;
use flotilla_shipment::event::{Event, Milestone};
use flotilla_shipment::identifier::{Identifier, Scheme};
use flotilla_shipment::memory::outcome;
use flotilla_shipment::payload::Concluded;
use flotilla_shipment::ports::{Index, Parking, Remember};
use flotilla_task::{Agent, Failure, Next, Stage, StageMessage};

/// Writes down what happened, what was decided and what was learned.
#[derive(Debug)]
pub struct State<R, Q> {
    /// The records.
    pub records: R,
    /// Where events go that waited for a carrier's reference.
    pub queues: Q,
    /// The ingestion queue.
    pub ingestion_url: String,
}

impl<R: Remember + Index + Parking, Q: Queues> Agent for State<R, Q> {
    const STAGE: Stage = Stage::State;

    async fn work(&self, message: &StageMessage) -> Result<Next, Failure> {
        let concluded: Concluded = message.payload.read()?;
        let (shipment, task) = (&message.shipment, &message.task);
        if let Some(booking) = &concluded.booking {
            // A reference that cannot be a name is only the carrier's own affair.
            if let Ok(reference) = Identifier::new(Scheme::Booking, &booking.reference) {
                self.records.register(&reference, shipment).await?;
                reach(Point::Registered);
                release(&self.records, &self.queues, &self.ingestion_url, &reference).await?;
            }
        }
        let state = self.records.remember(shipment, task, &concluded).await?;
        reach(Point::Remembered);
        self.records.log(shipment, task, &concluded).await?;
        reach(Point::Logged);
        // A delivery may be remembered before the booking that led to it.
        let complete = is_delivery(&concluded.event) || concluded.booking.is_some();
        if let (true, Some(outcome)) = (complete, outcome(&state))
            && self.records.count(shipment, &outcome).await?
        {
            tracing::info!(%shipment, lane = outcome.lane(), minutes = outcome.minutes, "learned");
        }
        Ok(Next::Complete)
    }
}

const fn is_delivery(event: &Event) -> bool {
    match event {
        Event::Tracking { milestone, .. } => matches!(milestone, Milestone::Delivered),
        Event::Order { .. } => false,
    }
}
