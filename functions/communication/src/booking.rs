//! Booking with a carrier, through the slot.
//!
//! ```text
//! keys honoured:  reserve the slot -> cancel what is replaced -> book -> settle the slot
//! keys ignored:   reserve -> cancel -> note the intent -> book -> checkpoint -> settle
//! ```
//!
//! A crash at any arrow is continued: the slot and the checkpoint say how far it
//! came, and a booking made again under the same key is the same booking. Where
//! a carrier ignores keys, a crash between intent and checkpoint is ambiguous: the
//! carrier is asked where it tells (`look_up.rs`), and else a person decides.

use crate::agent::repeat;
use crate::look_up::{FIRST, explained, unexplained};
use flotilla_crashpoint::{Point, reach};
use flotilla_shipment::decision::Choice;
use flotilla_shipment::effect::{BOOK, Made};
use flotilla_shipment::payload::{Decided, Normalised};
use flotilla_shipment::ports::{BookingRequest, CallError, Partners, Slots};
use flotilla_shipment::slot::{Booking, Generation, MAIN_LEG, Reserved, Slot, booking_key};
use flotilla_task::{Claimed, Clock, Failure, Reason, ReasonCode, ShipmentId, TaskStore, WaitEnds};
use std::time::Duration;

/// The checkpoint of a carrier's refusal: the generation that was refused.
const REFUSED: &str = "refused";
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
        let made: Made = serde_json::from_str(made).map_err(|error| unreadable(&error))?;
        return settle(slots, task, made.generation, made.booking).await;
    }
    if let Some(ended) = task.intent().filter(|intent| intent.effect == BOOK).map(|it| it.until) {
        // The slot has been this task's since before the intent.
        let generation = decided.decision.decided_on.next();
        let request = request(decided, choice, &shipment, generation);
        let booking = explained(partners, task, &request, ended).await?;
        note(task, generation, &booking).await?;
        return settle(slots, task, generation, booking).await;
    }
    // Before the slot is reserved, so that a task which waits for a partner leaves the
    // slot to others; and first the one that is to cancel, so that a task which waits
    // for it uses up nothing of the other's rate.
    let live = decided.known.slot.live.as_ref().filter(|old| old.carrier != choice.carrier);
    let mut theirs = match live {
        Some(old) => Some(admit(partners, &old.carrier).await?),
        None => None,
    };
    let mut pass = admit(partners, &choice.carrier).await?;
    let mut reserved = slots.reserve(&shipment, &id, decided.decision.decided_on).await?;
    if let Reserved::Busy(owner) = &reserved {
        if task.is_at_work(owner).await? {
            let text = format!("the booking slot is being filled by task {owner}");
            let reason = Reason::new(ReasonCode::Failed, text);
            return Err(Failure::Wait { reason, delay: SLOT_BUSY, ends: WaitEnds::ByAnotherTask });
        }
        // It may have settled the slot between the two looks.
        reserved = slots.reserve(&shipment, &id, decided.decision.decided_on).await?;
    }
    let (generation, replaces, repeated) = match reserved {
        Reserved::Mine { generation, replaces, repeated } => (generation, replaces, repeated),
        Reserved::AlreadyBooked(booking) => return Ok(Booked::Live(booking)),
        Reserved::Lost(slot) => return again(decided, &slot, None),
        Reserved::Busy(owner) => {
            let text = format!(
                "the booking slot is reserved by task {owner}, which waits for a person or has ended"
            );
            return Err(Failure::Hold(Reason::new(ReasonCode::Ambiguous, text)));
        }
    };
    reach(Point::Reserved);
    let carrier = choice.carrier.clone();
    if task.done(REFUSED) == Some(generation.0.to_string().as_str()) {
        let slot = slots.free(&shipment, &id, generation).await?;
        return again(decided, &slot, Some(carrier));
    }
    if let Some(old) = replaces {
        let passes = (&mut pass, theirs.as_mut());
        cancel(partners, &old, &carrier, passes).await?;
        tracing::info!(carrier = old.carrier, reference = old.reference, "cancelled");
        reach(Point::Cancelled);
    }
    let request = request(decided, choice, &shipment, generation);
    match call(partners, task, &request, &mut pass).await? {
        Ok(booking) => {
            reach(Point::Answered);
            // Where keys are honoured the settled slot is the checkpoint. Elsewhere
            // the intent must be cleared, under the task's own fence.
            if !partners.honours_keys(&carrier) {
                note(task, generation, &booking).await?;
            }
            settle(slots, task, generation, booking).await
        }
        Err(refusal) if repeated => {
            // An earlier attempt may have sent the same call, whose answer is
            // still out: the refusal does not say that nothing is booked.
            let text = format!("{refusal}, but an earlier try may have booked");
            Err(Failure::Hold(Reason::new(ReasonCode::Ambiguous, text)))
        }
        Err(refusal) => {
            tracing::info!(carrier, %refusal, "the carrier refused");
            // Fenced, so that a zombie does not free its successor's reservation.
            task.checkpoint(REFUSED, generation.0.to_string()).await?;
            reach(Point::Refused);
            let slot = slots.free(&shipment, &id, generation).await?;
            again(decided, &slot, Some(carrier))
        }
    }
}

fn request(
    decided: &Decided,
    choice: &Choice,
    shipment: &ShipmentId,
    generation: Generation,
) -> BookingRequest {
    BookingRequest {
        key: booking_key(shipment, MAIN_LEG, generation),
        shipment: shipment.clone(),
        generation,
        carrier: choice.carrier.clone(),
        service: choice.service.clone(),
        via: choice.via.clone(),
        origin: decided.known.facts.origin.clone(),
        destination: decided.known.facts.destination.clone(),
        weight_g: decided.known.facts.weight_g,
    }
}

/// Notes that the booking was made, which clears the intent.
async fn note<S: TaskStore, C: Clock>(
    task: &mut Claimed<'_, S, C>,
    generation: Generation,
    booking: &Booking,
) -> Result<(), Failure> {
    let made = Made { generation, booking: booking.clone() };
    let json = serde_json::to_string(&made).map_err(|error| unreadable(&error))?;
    task.checkpoint(BOOK, json).await?;
    reach(Point::Noted);
    Ok(())
}

/// Notes in the slot that the booking is live. Where the slot is not this
/// reservation's any more, somebody interfered, and a person has to look.
async fn settle<L: Slots, S: TaskStore, C: Clock>(
    slots: &L,
    task: &Claimed<'_, S, C>,
    generation: Generation,
    booking: Booking,
) -> Result<Booked, Failure> {
    let record = task.record();
    if slots.settle(&record.shipment, &record.id, generation, &booking).await? {
        reach(Point::Settled);
        let (carrier, reference) = (&booking.carrier, &booking.reference);
        tracing::info!(carrier, reference, generation = generation.0, "booked");
        return Ok(Booked::Live(booking));
    }
    let text = format!(
        "{} booked {}, but the booking slot has moved on: one of the two must be cancelled",
        booking.carrier, booking.reference
    );
    Err(Failure::Hold(Reason::new(ReasonCode::Ambiguous, text)))
}

fn unreadable(error: &serde_json::Error) -> Failure {
    Failure::retry(format!("checkpoint {BOOK}: {error}"))
}

/// Makes the call. The inner error is the carrier's refusal; everything else
/// that is not a booking ends the attempt.
async fn call<P: Partners, S: TaskStore, C: Clock>(
    partners: &P,
    task: &mut Claimed<'_, S, C>,
    request: &BookingRequest,
    pass: &mut P::Pass,
) -> Result<Result<Booking, CallError>, Failure> {
    let repeatable = partners.honours_keys(&request.carrier);
    let terms = partners.terms(&request.carrier);
    if !repeatable {
        task.intend(BOOK, terms.time_limit).await?;
        reach(Point::Intended);
    }
    match partners.book(request, pass).await {
        Ok(booking) => Ok(Ok(booking)),
        Err(error @ CallError::Refused { .. }) => Ok(Err(error)),
        Err(CallError::Ambiguous { partner, problem })
            if !repeatable && partners.looks_up(&partner) =>
        {
            tracing::warn!(partner, problem, "it will be looked up whether it has booked");
            Err(unexplained(&partner, terms.time_limit + FIRST))
        }
        Err(error @ CallError::Ambiguous { .. }) if !repeatable => {
            Err(Failure::Hold(Reason::new(ReasonCode::Ambiguous, error.to_string())))
        }
        Err(error @ CallError::Ambiguous { .. }) => Err(repeat(partners, &error)),
        Err(
            error @ (CallError::Postponed { .. }
            | CallError::NotSent { .. }
            | CallError::Throttled { .. }),
        ) => {
            if !repeatable {
                task.clear_intent().await?;
            }
            Err(repeat(partners, &error))
        }
    }
}

async fn admit<P: Partners>(partners: &P, carrier: &str) -> Result<P::Pass, Failure> {
    partners.admit(carrier).await.map_err(|error| repeat(partners, &error))
}

/// Cancels what is replaced, at the carrier that made it. The passes are the new
/// carrier's, and the old one's where that is another.
async fn cancel<P: Partners>(
    partners: &P,
    old: &Booking,
    carrier: &str,
    (pass, theirs): (&mut P::Pass, Option<&mut P::Pass>),
) -> Result<(), Failure> {
    let cancelled = match theirs {
        _ if old.carrier == carrier => partners.cancel(old, pass).await,
        Some(theirs) => partners.cancel(old, theirs).await,
        // What the slot replaces is what the decision saw, so this is for a decision
        // of a release that did not keep it.
        None => partners.cancel(old, &mut admit(partners, &old.carrier).await?).await,
    };
    cancelled.map_err(|error| cancelling(partners, &error))
}

/// A cancellation is repeated freely: it names the booking by its reference.
fn cancelling<P: Partners>(partners: &P, error: &CallError) -> Failure {
    match error {
        CallError::Postponed { .. }
        | CallError::Throttled { .. }
        | CallError::NotSent { .. }
        | CallError::Ambiguous { .. } => repeat(partners, error),
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
