//! Booking with a carrier, through the slot.
//!
//! ```text
//! keys honoured:  reserve the slot -> cancel what is replaced -> book -> settle the slot
//! keys ignored:   reserve -> cancel -> note the intent -> book -> checkpoint -> settle
//! ```
//!
//! A crash at any arrow is continued: the slot and the checkpoint say how far it
//! came, and a booking made again under the same key is the same booking. Where
//! a carrier ignores keys, a crash between intent and checkpoint is ambiguous,
//! and a person decides.

use crate::agent::retry;
use flotilla_shipment::decision::Choice;
use flotilla_shipment::payload::{Decided, Normalised};
use flotilla_shipment::ports::{BookingRequest, CallError, Partners, Slots};
use flotilla_shipment::slot::{Booking, Generation, MAIN_LEG, Reserved, Slot, booking_key};
use flotilla_task::{Claimed, Clock, Failure, Reason, ReasonCode, TaskId, TaskStore};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The booking's checkpoint and intent.
const BOOK: &str = "book";
/// A task is decided again so often; then a person looks at it.
const MAX_ROUNDS: u32 = 6;
/// How soon to look again at a slot that another task is filling.
const SLOT_BUSY: Duration = Duration::from_secs(3);

/// How a booking ended.
pub(crate) enum Booked {
    /// It is live.
    Live(Booking),
    /// The slot has moved on, or the carrier refused.
    DecideAgain(Box<Normalised>),
}

/// The checkpoint's result. A person who answers for an ambiguous call writes
/// the same.
#[derive(Serialize, Deserialize)]
struct Made {
    generation: Generation,
    booking: Booking,
}

pub(crate) async fn book<P: Partners, L: Slots, S: TaskStore, C: Clock>(
    partners: &P,
    slots: &L,
    task: &mut Claimed<'_, S, C>,
    decided: &Decided,
    choice: &Choice,
) -> Result<Booked, Failure> {
    let shipment = task.record().shipment.clone();
    let id = task.record().id.clone();
    if let Some(made) = task.done(BOOK) {
        let made: Made = serde_json::from_str(made)
            .map_err(|error| Failure::retry(format!("checkpoint {BOOK}: {error}")))?;
        slots.settle(&shipment, &id, made.generation, &made.booking).await?;
        return Ok(Booked::Live(made.booking));
    }
    let reserved = slots.reserve(&shipment, &id, decided.decision.decided_on).await?;
    let (generation, replaces) = match reserved {
        Reserved::Mine { generation, replaces } => (generation, replaces),
        Reserved::AlreadyBooked(booking) => return Ok(Booked::Live(booking)),
        Reserved::Busy(owner) => return Err(busy(task, &owner).await?),
        Reserved::Lost(slot) => return again(decided, &slot, None),
    };
    if let Some(old) = replaces {
        partners.cancel(&old).await.map_err(|error| cancelling(&error))?;
    }
    let request = BookingRequest {
        key: booking_key(&shipment, MAIN_LEG, generation),
        shipment: shipment.clone(),
        generation,
        carrier: choice.carrier.clone(),
        service: choice.service.clone(),
        origin: decided.known.facts.origin.clone(),
        destination: decided.known.facts.destination.clone(),
        weight_g: decided.known.facts.weight_g,
    };
    match call(partners, task, &request).await? {
        Ok(booking) => {
            // Where keys are honoured the settled slot is the checkpoint. Elsewhere
            // the intent must be cleared, under the task's own fence.
            if !partners.honours_keys(&choice.carrier) {
                let made = Made { generation, booking: booking.clone() };
                let json = serde_json::to_string(&made)
                    .map_err(|error| Failure::retry(format!("checkpoint {BOOK}: {error}")))?;
                task.checkpoint(BOOK, json).await?;
            }
            if !slots.settle(&shipment, &id, generation, &booking).await? {
                tracing::error!(%shipment, task = %id, "the slot was not this booking's any more");
            }
            Ok(Booked::Live(booking))
        }
        Err(refusal) => {
            tracing::info!(%shipment, task = %id, %refusal, "the carrier refused");
            let slot = slots.free(&shipment, &id, generation).await?;
            again(decided, &slot, Some(choice.carrier.clone()))
        }
    }
}

/// Makes the call. The inner error is the carrier's refusal; everything else
/// that is not a booking ends the attempt.
async fn call<P: Partners, S: TaskStore, C: Clock>(
    partners: &P,
    task: &mut Claimed<'_, S, C>,
    request: &BookingRequest,
) -> Result<Result<Booking, CallError>, Failure> {
    let repeatable = partners.honours_keys(&request.carrier);
    if !repeatable {
        task.intend(BOOK, partners.time_limit()).await?;
    }
    match partners.book(request).await {
        Ok(booking) => Ok(Ok(booking)),
        Err(error @ CallError::Refused { .. }) => Ok(Err(error)),
        Err(error @ CallError::Ambiguous { .. }) if !repeatable => {
            Err(Failure::Hold(Reason::new(ReasonCode::Ambiguous, error.to_string())))
        }
        Err(error @ CallError::Ambiguous { .. }) => Err(retry(&error, None)),
        Err(error @ (CallError::NotSent { .. } | CallError::Throttled { .. })) => {
            if !repeatable {
                task.clear_intent().await?;
            }
            let after = match &error {
                CallError::Throttled { after, .. } => *after,
                CallError::NotSent { .. }
                | CallError::Refused { .. }
                | CallError::Ambiguous { .. } => None,
            };
            Err(retry(&error, after))
        }
    }
}

/// Another task is filling the slot: wait for it, unless it cannot go on itself.
async fn busy<S: TaskStore, C: Clock>(
    task: &Claimed<'_, S, C>,
    owner: &TaskId,
) -> Result<Failure, Failure> {
    let text = format!("the booking slot is being filled by task {owner}");
    if task.is_at_work(owner).await? {
        let reason = Reason::new(ReasonCode::Failed, text);
        return Ok(Failure::Wait { reason, delay: SLOT_BUSY });
    }
    let text = format!("{text}, which waits for a person or has ended");
    Ok(Failure::Hold(Reason::new(ReasonCode::Ambiguous, text)))
}

/// A cancellation is repeated freely: it names the booking by its reference.
fn cancelling(error: &CallError) -> Failure {
    match error {
        CallError::Throttled { after, .. } => retry(error, *after),
        CallError::NotSent { .. } | CallError::Ambiguous { .. } => retry(error, None),
        CallError::Refused { .. } => {
            Failure::Hold(Reason::new(ReasonCode::Failed, error.to_string()))
        }
    }
}

fn again(decided: &Decided, slot: &Slot, refused: Option<String>) -> Result<Booked, Failure> {
    if decided.rounds >= MAX_ROUNDS {
        let text = format!("decided again {MAX_ROUNDS} times without a booking");
        return Err(Failure::Hold(Reason::new(ReasonCode::Failed, text)));
    }
    Ok(Booked::DecideAgain(Box::new(decided.clone().decide_again(slot, refused))))
}
