//! Communication thinks: carry a decision out, each call once.

use crate::booking::{Booked, book};
use crate::told::{TOLD, Told};
use flotilla_shipment::decision::Action;
use flotilla_shipment::effect::RELEASED;
use flotilla_shipment::payload::{Concluded, Decided};
use flotilla_shipment::ports::{Audience, CallError, Notice, Partners, Slots};
use flotilla_shipment::slot::Booking;
use flotilla_task::{
    Claimed, ClaimingAgent, Clock, Failure, Next, Payload, Reason, ReasonCode, Stage, TaskStore,
    WaitEnds,
};
use serde::Serialize;
use std::time::Duration;

/// The checkpoint of a booking whose notices have not all left. By the next try the
/// slot may be another task's, and to decide again would tell another story under
/// the same keys. Written when a notice fails, so that a booking costs no write
/// more; a try that dies between has told at most one story, and the receivers
/// keep that one.
const BOOKED: &str = "booked";

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
        let unexplained = task.intent().filter(|intent| intent.effect != RELEASED);
        if let Some(intent) = unexplained.filter(|_| !self.explains(&decided)) {
            let text = format!(
                "whether \"{}\" happened is unknown: the call was not finished and the partner \
                 does not recognise a repeated one",
                intent.effect
            );
            return Err(Failure::Hold(Reason::new(ReasonCode::Ambiguous, text)));
        }
        let booked = task.done(BOOKED).map(serde_json::from_str::<Booking>).transpose();
        let booked = booked.map_err(|error| Failure::retry(format!("checkpoint: {error}")))?;
        let before = booked.is_some();
        let booking = match &decided.decision.action {
            _ if before => booked,
            Action::Hold if task.done(RELEASED).is_some() => {
                return conclude(decided.conclude(None, false));
            }
            Action::Hold => {
                if task.intent().is_none() {
                    task.intend(RELEASED, Duration::ZERO).await?;
                }
                let reason = Reason::new(ReasonCode::Policy, &decided.decision.reason);
                return Err(Failure::Hold(reason));
            }
            Action::Keep | Action::Notify => None,
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
        let known = Told::known(task.done(TOLD), &decided.decision)?;
        let (dispatch, customer) = self.tell(task, &decided, known).await;
        let told = Told { dispatch: told(&dispatch), customer: told(&customer) };
        let failure = match (dispatch, customer) {
            (Ok(notified), Ok(customer_told)) => {
                return conclude(Concluded {
                    customer_told,
                    ..decided.conclude(booking, notified)
                });
            }
            (Err(failure), _) | (_, Err(failure)) => failure,
        };
        let mut done = Vec::new();
        if let (Some(booking), false) = (&booking, before) {
            done.push((BOOKED, noted(booking)?));
        }
        if told != known {
            done.push((TOLD, noted(&told)?));
        }
        if !done.is_empty() {
            task.checkpoint_all(done).await?;
        }
        Err(failure)
    }
}

impl<P: Partners, L: Slots> Communication<P, L> {
    /// Whether the carrier itself tells what came of a call.
    fn explains(&self, decided: &Decided) -> bool {
        match &decided.decision.action {
            Action::Book(choice) | Action::Rebook(choice) | Action::Reroute(choice) => {
                self.partners.looks_up(&choice.carrier)
            }
            Action::Hold | Action::Keep | Action::Notify => false,
        }
    }

    /// Tells whoever has still to know, side by side, so that a desk that is down does
    /// not keep it from the customer. Where all goes well the commit that follows is
    /// the checkpoint: both recognise a repeated notice by its key. Says of each
    /// whether it was told.
    async fn tell<S: TaskStore, C: Clock>(
        &self,
        task: &Claimed<'_, S, C>,
        decided: &Decided,
        known: Told,
    ) -> (Result<bool, Failure>, Result<bool, Failure>) {
        let tell = async |audience, known: Option<bool>| match known {
            Some(told) => Ok(told),
            None => self.notify(task, decided, audience).await,
        };
        tokio::join!(
            tell(Audience::Dispatch, known.dispatch),
            tell(Audience::Customer, known.customer),
        )
    }

    async fn notify<S: TaskStore, C: Clock>(
        &self,
        task: &Claimed<'_, S, C>,
        decided: &Decided,
        audience: Audience,
    ) -> Result<bool, Failure> {
        let record = task.record();
        let notice = Notice {
            audience,
            key: audience.key(&record.id),
            shipment: record.shipment.clone(),
            task: record.id.clone(),
            action: decided.decision.action.kind(),
            text: decided.decision.reason.clone(),
        };
        match self.partners.notify(&notice).await {
            Ok(()) => Ok(true),
            Err(CallError::Refused { partner, problem }) => {
                // The booking stands; a notice that is refused must not undo it.
                tracing::warn!(partner, problem, "the notice was refused");
                Ok(false)
            }
            Err(
                error @ (CallError::Postponed { .. }
                | CallError::Throttled { .. }
                | CallError::NotSent { .. }
                | CallError::Ambiguous { .. }),
            ) => Err(repeat(&self.partners, &error)),
        }
    }
}

/// A call that may be repeated. A partner that is not to be called now, or that asked
/// to be called later, is waited for; everything else counts as a failure.
pub(crate) fn repeat<P: Partners>(partners: &P, error: &CallError) -> Failure {
    let reason = Reason::new(ReasonCode::Failed, error.to_string());
    match error {
        CallError::Postponed { after, known, .. } => {
            let ends = if *known { WaitEnds::AtMoment } else { WaitEnds::ByTime };
            Failure::Wait { reason, delay: *after, ends }
        }
        CallError::Throttled { after, .. } => Failure::Wait {
            reason,
            delay: after.unwrap_or(THROTTLED).max(THROTTLED),
            ends: WaitEnds::ByTime,
        },
        CallError::NotSent { .. } | CallError::Refused { .. } | CallError::Ambiguous { .. } => {
            let terms = Some(partners.terms(error.partner()).retry);
            Failure::Retry { reason, after: None, terms }
        }
    }
}

fn told(answer: &Result<bool, Failure>) -> Option<bool> {
    answer.as_ref().ok().copied()
}

fn noted<T: Serialize>(result: &T) -> Result<String, Failure> {
    serde_json::to_string(result).map_err(|error| Failure::retry(format!("checkpoint: {error}")))
}

fn conclude(concluded: Concluded) -> Result<Next, Failure> {
    Ok(Next::Stage { stage: Stage::State, payload: Payload::write(&concluded)? })
}
