//! Decision thinks: which carrier and service, or something else, or nothing.

use flotilla_shipment::decide::decide;
use flotilla_shipment::decision::Action;
use flotilla_shipment::payload::Normalised;
use flotilla_shipment::policy::Policy;
use flotilla_shipment::ports::Lanes;
use flotilla_task::{Agent, Failure, Next, Payload, Stage, StageMessage};

/// Applies the policy to what is known and learned.
#[derive(Debug)]
pub struct Decision<L> {
    /// Learned parameters.
    pub lanes: L,
    /// The policy.
    pub policy: Policy,
}

impl<L: Lanes> Agent for Decision<L> {
    const STAGE: Stage = Stage::Decision;

    async fn work(&self, message: &StageMessage) -> Result<Next, Failure> {
        let normalised: Normalised = message.payload.read()?;
        let facts = &normalised.known.facts;
        let lanes = self.lanes.lane(&facts.origin, &facts.destination).await?;
        let decision = decide(&self.policy, &normalised, &lanes);
        tracing::info!(
            task = %message.task,
            shipment = %message.shipment,
            event = normalised.event.kind(),
            action = decision.action.kind(),
            "decided"
        );
        let decided = normalised.decided(decision);
        Ok(match decided.decision.action {
            // Communication has the claim under which a person's answer is kept.
            Action::Book(_) | Action::Rebook(_) | Action::Notify | Action::Hold => {
                Next::Stage { stage: Stage::Communication, payload: Payload::write(&decided)? }
            }
            Action::Keep => Next::Stage {
                stage: Stage::State,
                payload: Payload::write(&decided.conclude(None, false))?,
            },
        })
    }
}
