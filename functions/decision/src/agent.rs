//! Decision thinks: which carrier and service, or something else, or nothing.

use flotilla_shipment::decide::decide;
use flotilla_shipment::payload::Normalised;
use flotilla_shipment::places::Places;
use flotilla_shipment::policy::Policy;
use flotilla_shipment::ports::Lanes;
use flotilla_shipment::week::Week;
use flotilla_task::{Agent, Failure, Next, Payload, Stage, StageMessage};

/// Applies the policy to what is known and learned.
#[derive(Debug)]
pub struct Decision<L> {
    /// Learned parameters.
    pub lanes: L,
    /// The policy.
    pub policy: Policy,
    /// Where places are, for the ways over hubs.
    pub places: Places,
}

impl<L: Lanes> Agent for Decision<L> {
    const STAGE: Stage = Stage::Decision;

    async fn work(&self, message: &StageMessage) -> Result<Next, Failure> {
        let normalised: Normalised = message.payload.read()?;
        let (facts, as_of) = (&normalised.known.facts, normalised.known.as_of);
        let weeks = self.policy.learning.weeks(Week::of(as_of));
        let lanes = self.lanes.lane(&facts.origin, &facts.destination, weeks).await?;
        let decision = decide(&self.policy, &self.places, &normalised, &lanes, &message.task);
        tracing::info!(
            task = %message.task,
            shipment = %message.shipment,
            event = normalised.event.kind(),
            action = decision.action.kind(),
            "decided"
        );
        let decided = normalised.decided(decision);
        Ok(if decided.decision.needs_communication() {
            Next::Stage { stage: Stage::Communication, payload: Payload::write(&decided)? }
        } else {
            let payload = Payload::write(&decided.conclude(None, false))?;
            Next::Stage { stage: Stage::State, payload }
        })
    }
}
