//! Decision thinks: which carrier and service, or something else, or nothing.

use flotilla_shipment::decide::decide;
use flotilla_shipment::payload::Normalised;
use flotilla_shipment::places::Places;
use flotilla_shipment::ports::{Lanes, Policies};
use flotilla_shipment::week::Week;
use flotilla_task::{Agent, Failure, Next, Payload, Stage, StageMessage};

/// Applies the policy to what is known and learned.
#[derive(Debug)]
pub struct Decision<L, P> {
    /// Learned parameters.
    pub lanes: L,
    /// The policy, which may change from one message to the next.
    pub policies: P,
    /// Where places are, for the ways over hubs.
    pub places: Places,
}

impl<L: Lanes, P: Policies> Agent for Decision<L, P> {
    const STAGE: Stage = Stage::Decision;

    async fn work(&self, message: &StageMessage) -> Result<Next, Failure> {
        let normalised: Normalised = message.payload.read()?;
        let policy = self.policies.policy().await;
        let (facts, as_of) = (&normalised.known.facts, normalised.known.as_of);
        let weeks = policy.learning.weeks(Week::of(as_of));
        let lanes = self.lanes.lane(&facts.origin, &facts.destination, weeks).await?;
        let decision = decide(&policy, &self.places, &normalised, &lanes, &message.task);
        tracing::info!(
            event = normalised.event.kind(),
            action = decision.action.kind(),
            policy = decision.policy,
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
