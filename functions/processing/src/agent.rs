//! Processing thinks: validate, clean, enrich.
//!
//! What an order says is kept at once, so that the shipment's tracking events
//! need not wait until it is booked, least of all when its booking waits for a person.

use flotilla_shipment::event::Event;
use flotilla_shipment::memory::{Ordered, Stamp, Stamped};
use flotilla_shipment::payload::Received;
use flotilla_shipment::places::Places;
use flotilla_shipment::ports::{Orders, Recall};
use flotilla_shipment::process::{is_ready, normalise};
use flotilla_task::{
    Agent, Clock, Failure, Next, Payload, Reason, ReasonCode, Stage, StageMessage, WaitEnds,
};
use std::time::Duration;

/// How soon to look again for an order that is still on its way.
const ORDER_ON_ITS_WAY: Duration = Duration::from_secs(2);

/// Turns what was received into what a decision can be made on.
#[derive(Debug)]
pub struct Processing<R, C> {
    /// What is remembered of the shipment.
    pub records: R,
    /// The time, to tell what cannot have happened yet.
    pub clock: C,
    /// Known places.
    pub places: Places,
}

impl<R: Recall + Orders, C: Clock> Agent for Processing<R, C> {
    const STAGE: Stage = Stage::Processing;

    async fn work(&self, message: &StageMessage) -> Result<Next, Failure> {
        let received: Received = message.payload.read()?;
        let memory = self.records.recall(&message.shipment).await?;
        if !is_ready(&received, memory.as_ref()) {
            let reason = Reason::new(ReasonCode::Failed, "its order is still on the way");
            return Err(Failure::Wait {
                reason,
                delay: ORDER_ON_ITS_WAY,
                ends: WaitEnds::ByAnotherTask,
            });
        }
        let mut normalised =
            normalise(&received, memory.as_ref(), &self.places, self.clock.now().into())
                .map_err(|error| invalid(error.to_string()))?;
        if memory.is_some_and(|memory| memory.state.takes_back(&message.task)) {
            // Its withdrawal, which came first, is the newer word.
            normalised.known.superseded = true;
        }
        if let Event::Order { at, ids } = &normalised.event {
            let stamp = Stamp::new(*at, &message.task);
            let value = Ordered { facts: normalised.known.facts.clone(), ids: ids.clone() };
            self.records.keep_order(&message.shipment, &Stamped { stamp, value }).await?;
        }
        Ok(Next::Stage { stage: Stage::Decision, payload: Payload::write(&normalised)? })
    }
}

fn invalid(text: String) -> Failure {
    Failure::Permanent(Reason::new(ReasonCode::InvalidField, text))
}
