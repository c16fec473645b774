//! What the agents need from outside, as ports: narrow, so that each agent's
//! permissions can be, too.

mod calls;

pub use calls::{CallError, Partners};

use crate::identifier::Identifier;
use crate::inbound::Contact;
use crate::lane::{LaneStats, Outcome};
use crate::load::Load;
use crate::memory::{Memory, Ordered, ShipmentState, Stamped};
use crate::payload::Concluded;
use crate::places::Place;
use crate::policy::Policy;
use crate::slot::{Booking, Generation, Reserved, Slot};
use crate::week::Week;
use flotilla_task::{EventId, ShipmentId, Source, StoreError, TaskId, Timestamp};
use std::future::Future;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// An event that waits, or is kept for what may be learned later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// Where it came from.
    pub source: Source,
    /// Its id there.
    pub event: EventId,
    /// The whole message, to be read again when its order is there.
    pub body: String,
    /// Since when.
    pub parked_at: Timestamp,
}

/// Whose an identifier is, after trying to register it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registered {
    /// The shipment's, now or before.
    Mine,
    /// Another shipment's.
    Of(ShipmentId),
}

/// The identifier index and whom to deliver to: ingestion's; state registers
/// what carriers call their bookings.
pub trait Index: Send + Sync {
    /// Which shipment an identifier names.
    fn owner(
        &self,
        identifier: &Identifier,
    ) -> impl Future<Output = Result<Option<ShipmentId>, StoreError>> + Send;

    /// Registers an identifier for a shipment. Idempotent.
    fn register(
        &self,
        identifier: &Identifier,
        shipment: &ShipmentId,
    ) -> impl Future<Output = Result<Registered, StoreError>> + Send;

    /// Keeps whom to deliver to, in the shipment's record and nowhere else. The
    /// newest order's word counts.
    fn keep_contact(
        &self,
        shipment: &ShipmentId,
        ordered_at: jiff::Timestamp,
        contact: &Contact,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Events that came before anybody said whose their loads are, and events of loads
/// that hold others.
pub trait Parking: Send + Sync {
    /// Keeps an event until its load is known. Idempotent.
    fn park(
        &self,
        load: &Identifier,
        parked: &Parked,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The events that wait for a load.
    fn parked(
        &self,
        load: &Identifier,
    ) -> impl Future<Output = Result<Vec<Parked>, StoreError>> + Send;

    /// Forgets a parked event, once its message has left again or is in hand.
    fn unpark(
        &self,
        load: &Identifier,
        parked: &Parked,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Keeps an event of a load that holds others, beside its tasks: what is
    /// learned later of its contents may concern more shipments. Idempotent.
    fn keep(
        &self,
        load: &Identifier,
        event: &Parked,
        at: jiff::Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The events kept of a load that happened at that moment or later.
    fn kept(
        &self,
        load: &Identifier,
        since: jiff::Timestamp,
    ) -> impl Future<Output = Result<Vec<Parked>, StoreError>> + Send;

    /// Some of those that wait since before that moment, the longest first.
    fn overdue(
        &self,
        before: Timestamp,
    ) -> impl Future<Output = Result<Vec<(Identifier, Parked)>, StoreError>> + Send;
}

/// Which load is in which: learned and looked up by ingestion.
pub trait Loads: Send + Sync {
    /// What is known of a load, in one consistent read.
    fn load(&self, load: &Identifier) -> impl Future<Output = Result<Load, StoreError>> + Send;

    /// Learns that a load was put into another. The newest moment counts. Says
    /// whether that was news, and says it again to the same message.
    fn pack(
        &self,
        parent: &Identifier,
        child: &Identifier,
        at: jiff::Timestamp,
        message: &str,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Learns that a load, or with `None` everything, was taken out. The newest
    /// moment counts. Idempotent.
    fn unpack(
        &self,
        parent: &Identifier,
        child: Option<&Identifier>,
        at: jiff::Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// What the fleet remembers of a shipment: processing reads it.
pub trait Recall: Send + Sync {
    /// The shipment and its booking slot, in one consistent read.
    fn recall(
        &self,
        shipment: &ShipmentId,
    ) -> impl Future<Output = Result<Option<Memory>, StoreError>> + Send;
}

/// What processing writes: an order is known as soon as it makes sense, so that
/// the shipment's other events need not wait until it is booked.
pub trait Orders: Send + Sync {
    /// Keeps what an order says; the newest one wins. Idempotent.
    fn keep_order(
        &self,
        shipment: &ShipmentId,
        order: &Stamped<Ordered>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// What the fleet has learned about carriers on a lane: decision reads it.
pub trait Lanes: Send + Sync {
    /// The statistics of every carrier's service on the lane in these weeks.
    fn lane(
        &self,
        origin: &Place,
        destination: &Place,
        weeks: RangeInclusive<Week>,
    ) -> impl Future<Output = Result<Vec<LaneStats>, StoreError>> + Send;
}

/// The policy that counts now: decision asks for it with every message.
pub trait Policies: Send + Sync {
    /// The policy.
    fn policy(&self) -> impl Future<Output = Arc<Policy>> + Send;
}

/// The booking slot: communication's.
pub trait Slots: Send + Sync {
    /// Tries to get the right to book. See [`Slot::reserve`].
    fn reserve(
        &self,
        shipment: &ShipmentId,
        task: &TaskId,
        decided_on: Generation,
    ) -> impl Future<Output = Result<Reserved, StoreError>> + Send;

    /// Notes the booking that was made. False when the slot is not this
    /// reservation's any more.
    fn settle(
        &self,
        shipment: &ShipmentId,
        task: &TaskId,
        generation: Generation,
        booking: &Booking,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Gives the right to book back: the carrier refused. Returns the slot as it
    /// is then; a booking that was to be replaced is cancelled already.
    fn free(
        &self,
        shipment: &ShipmentId,
        task: &TaskId,
        generation: Generation,
    ) -> impl Future<Output = Result<Slot, StoreError>> + Send;
}

/// What state writes.
pub trait Remember: Send + Sync {
    /// Folds a concluded event into the shipment's record; the newest event wins
    /// in whatever order they arrive. Returns the state as it is then.
    fn remember(
        &self,
        shipment: &ShipmentId,
        task: &TaskId,
        concluded: &Concluded,
    ) -> impl Future<Output = Result<ShipmentState, StoreError>> + Send;

    /// Adds to the decision log. Idempotent.
    fn log(
        &self,
        shipment: &ShipmentId,
        task: &TaskId,
        concluded: &Concluded,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Counts the outcome of a booking in its lane's statistics, exactly once
    /// per booking. False when it was counted before.
    fn count(
        &self,
        shipment: &ShipmentId,
        outcome: &Outcome,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// What the fleet knows of a shipment, for those who ask.
pub trait Answers: Send + Sync {
    /// State, slot and the newest decisions as one JSON document, without
    /// personal data; `"known": false` when there is nothing.
    fn known(
        &self,
        shipment: &ShipmentId,
    ) -> impl Future<Output = Result<serde_json::Value, StoreError>> + Send;
}

/// A booking to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingRequest {
    /// The same for every try at the same booking.
    pub key: String,
    /// The shipment.
    pub shipment: ShipmentId,
    /// The generation of the slot that it fills.
    pub generation: Generation,
    /// The carrier's id.
    pub carrier: String,
    /// Its service.
    pub service: String,
    /// The hub to go over, if any.
    pub via: Option<Place>,
    /// From where.
    pub origin: Place,
    /// To where.
    pub destination: Place,
    /// How heavy.
    pub weight_g: u64,
}

/// Who is told what was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The dispatch desk.
    Dispatch,
    /// The shop, which knows its customer by the shipment and passes it on.
    Customer,
}

impl Audience {
    /// The partner's name.
    #[must_use]
    pub const fn partner(self) -> &'static str {
        match self {
            Self::Dispatch => "dispatch",
            Self::Customer => "customer",
        }
    }

    /// The key of a task's notice: one for each audience, the same at every try.
    #[must_use]
    pub fn key(self, task: &TaskId) -> String {
        match self {
            Self::Dispatch => format!("{task}/notice"),
            Self::Customer => format!("{task}/customer"),
        }
    }
}

/// A notice. There is no personal data in it, whoever it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Whom it is for.
    pub audience: Audience,
    /// The same for every try at the same notice.
    pub key: String,
    /// The shipment.
    pub shipment: ShipmentId,
    /// The task.
    pub task: TaskId,
    /// What was decided: `book`, `rebook`, `reroute`, `notify`.
    pub action: &'static str,
    /// Why, in words.
    pub text: String,
}
