//! Communication thinks: carry a decision out, each call once.

use crate::booking::{Booked, book};
use flotilla_shipment::decision::Action;
use flotilla_shipment::payload::Decided;
use flotilla_shipment::ports::{CallError, Notice, Partners, Slots};
use flotilla_shipment::slot::Booking;
use flotilla_task::{
    Claimed, ClaimingAgent, Clock, Failure, Next, Payload, Reason, ReasonCode, Stage, TaskStore,
};
use std::time::Duration;

/// The checkpoint of a person's consent to go on.
const RELEASED: &str = "released";

/// How long a partner that throttles is left alone at least.
const THROTTLED: Duration = Duration::from_secs(2);

/// Books, rebooks and notifies.
#[derive(Debug)]
pub struct Communication<P, S> {
    /// The outside world.
    pub partners: P,
    /// The booking slots.
    pub slots: S,
}

impl<P: Partners, L: Slots> ClaimingAgent for Communication<P, L> {
    const STAGE: Stage = Stage::Communication;

    async fn work<S: TaskStore, C: Clock>(
        &self,
        task: &mut Claimed<'_, S, C>,
    ) -> Result<Next, Failure> {
        let decided: Decided = task.record().payload.read()?;
        if let Some(intent) = task.intent().filter(|intent| intent.effect != RELEASED) {
            let text = format!(
                "whether \"{}\" happened is unknown: the call was not finished and the partner \
                 does not recognise a repeated one",
                intent.effect
            );
            return Err(Failure::Hold(Reason::new(ReasonCode::Ambiguous, text)));
        }
        let booking = match &decided.decision.action {
            Action::Keep => return conclude(decided, None, false),
            Action::Hold if task.done(RELEASED).is_some() => {
                return conclude(decided, None, false);
            }
            Action::Hold => {
                if task.intent().is_none() {
                    task.intend(RELEASED, Duration::ZERO).await?;
                }
                let reason = Reason::new(ReasonCode::Policy, &decided.decision.reason);
                return Err(Failure::Hold(reason));
            }
            Action::Notify => None,
            Action::Book(choice) | Action::Rebook(choice) | Action::Reroute(choice) => {
                match book(&self.partners, &self.slots, task, &decided, choice).await? {
                    Booked::Live(booking) => Some(booking),
                    Booked::DecideAgain(normalised) => {
                        let payload = Payload::write(&*normalised)?;
                        return Ok(Next::Stage { stage: Stage::Decision, payload });
                    }
                }
            }
        };
        let notified = self.notify(task, &decided).await?;
        conclude(decided, booking, notified)
    }
}

impl<P: Partners, L: Slots> Communication<P, L> {
    /// Tells the dispatch desk. The commit that follows is its checkpoint: the
    /// desk recognises a repeated notice by its key.
    async fn notify<S: TaskStore, C: Clock>(
        &self,
        task: &Claimed<'_, S, C>,
        decided: &Decided,
    ) -> Result<bool, Failure> {
        let record = task.record();
        let notice = Notice {
            key: format!("{}/notice", record.id),
            shipment: record.shipment.clone(),
            task: record.id.clone(),
            action: decided.decision.action.kind(),
            text: decided.decision.reason.clone(),
        };
        match self.partners.notify(&notice).await {
            Ok(()) => Ok(true),
            Err(CallError::Refused { partner, problem }) => {
                // The booking stands; a notice that is refused must not undo it.
                tracing::warn!(task = %record.id, partner, problem, "the notice was refused");
                Ok(false)
            }
            Err(
                error @ (CallError::Throttled { .. }
                | CallError::NotSent { .. }
                | CallError::Ambiguous { .. }),
            ) => Err(repeat(&error)),
        }
    }
}

/// A call that may be repeated. A partner that asked to be called later is
/// waited for; everything else counts as a failure.
pub(crate) fn repeat(error: &CallError) -> Failure {
    let reason = Reason::new(ReasonCode::Failed, error.to_string());
    match error {
        CallError::Throttled { after, .. } => {
            Failure::Wait { reason, delay: after.unwrap_or(THROTTLED).max(THROTTLED) }
        }
        CallError::NotSent { .. } | CallError::Refused { .. } | CallError::Ambiguous { .. } => {
            Failure::Retry { reason, after: None }
        }
    }
}

fn conclude(decided: Decided, booking: Option<Booking>, notified: bool) -> Result<Next, Failure> {
    let concluded = decided.conclude(booking, notified);
    Ok(Next::Stage { stage: Stage::State, payload: Payload::write(&concluded)? })
}
