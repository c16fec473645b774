//! The ledger: what the partners were really asked to do, and did.

use crate::carriers::Carrier;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a booking asks for. Two requests with the same key must agree in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Order {
    pub(crate) shipment: String,
    pub(crate) leg: String,
    pub(crate) generation: u64,
    pub(crate) service: String,
    pub(crate) origin: String,
    pub(crate) destination: String,
    /// The hub it is to be routed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) via: Option<String>,
    pub(crate) weight_g: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pickup_after: Option<Timestamp>,
}

/// Whether a booking stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The carrier will carry.
    Live,
    /// Somebody cancelled it.
    Cancelled,
}

/// One booking a carrier really made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Booking {
    /// Who made it.
    pub carrier: &'static str,
    /// The carrier's own name for it.
    pub reference: String,
    /// The idempotency key it came with; empty when there was none.
    pub key: String,
    #[serde(flatten)]
    pub(crate) order: Order,
    /// Whether it stands.
    pub status: Status,
    /// When it was made.
    pub booked_at: Timestamp,
    /// When it was cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancelled_at: Option<Timestamp>,
    /// When the carrier means to deliver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eta: Option<Timestamp>,
    /// What it costs.
    pub cost_cents: u64,
    /// How many requests ended in this booking, replays included.
    pub requests: u64,
}

/// What a notice says. Two requests with the same key must agree in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Message {
    pub(crate) shipment: String,
    pub(crate) task: String,
    pub(crate) text: String,
    pub(crate) action: String,
}

/// One notice that the dispatch desk or the shop really got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// The idempotency key it came with.
    pub key: String,
    #[serde(flatten)]
    pub(crate) message: Message,
    /// How many requests carried it, replays included.
    pub requests: u64,
}

/// A request that came with a key seen before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Made<T> {
    New(T),
    Replayed(T),
    /// The key came before with another body; nothing was done.
    Conflict,
}

/// Everything that was really done.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Ledger {
    bookings: Vec<Booking>,
    notices: Vec<Notice>,
    customer_events: Vec<Notice>,
    /// Answers by partner and status; `closed` counts connections cut.
    calls: BTreeMap<&'static str, BTreeMap<String, u64>>,
}

impl Ledger {
    /// Every booking ever made, in order.
    #[must_use]
    pub fn bookings(&self) -> &[Booking] {
        &self.bookings
    }

    pub(crate) fn book(&mut self, carrier: &Carrier, key: &str, order: Order) -> Made<Booking> {
        if carrier.honours_keys
            && let Some(first) =
                self.bookings.iter_mut().find(|b| b.carrier == carrier.id && b.key == key)
        {
            if first.order != order {
                return Made::Conflict;
            }
            first.requests += 1;
            return Made::Replayed(first.clone());
        }
        let number = 1 + self.bookings.iter().filter(|b| b.carrier == carrier.id).count();
        let booking = Booking {
            carrier: carrier.id,
            reference: format!("{}-{number:06}", carrier.prefix),
            key: key.to_owned(),
            status: Status::Live,
            booked_at: Timestamp::now(),
            cancelled_at: None,
            eta: carrier.eta(&order),
            cost_cents: carrier.cost_cents(&order),
            requests: 1,
            order,
        };
        self.bookings.push(booking.clone());
        Made::New(booking)
    }

    /// Cancels, and returns the status it found; `None` when there is no such booking.
    pub(crate) fn cancel(&mut self, carrier: &Carrier, reference: &str) -> Option<Status> {
        let booking = self
            .bookings
            .iter_mut()
            .find(|b| b.carrier == carrier.id && b.reference == reference)?;
        let found = booking.status;
        if found == Status::Live {
            booking.status = Status::Cancelled;
            booking.cancelled_at = Some(Timestamp::now());
        }
        Some(found)
    }

    pub(crate) fn with_key(&self, carrier: &Carrier, key: &str) -> Vec<Booking> {
        let mine = |b: &&Booking| b.carrier == carrier.id && b.key == key;
        self.bookings.iter().filter(mine).cloned().collect()
    }

    /// Tells the dispatch desk.
    pub(crate) fn notify(&mut self, key: &str, message: Message) -> Made<Notice> {
        deliver(&mut self.notices, key, message)
    }

    /// Tells the shop.
    pub(crate) fn tell_customer(&mut self, key: &str, message: Message) -> Made<Notice> {
        deliver(&mut self.customer_events, key, message)
    }

    pub(crate) fn count(&mut self, partner: &'static str, answer: &str) {
        *self.calls.entry(partner).or_default().entry(answer.to_owned()).or_default() += 1;
    }
}

/// Once per key.
fn deliver(notices: &mut Vec<Notice>, key: &str, message: Message) -> Made<Notice> {
    if let Some(first) = notices.iter_mut().find(|notice| notice.key == key) {
        if first.message != message {
            return Made::Conflict;
        }
        first.requests += 1;
        return Made::Replayed(first.clone());
    }
    let notice = Notice { key: key.to_owned(), message, requests: 1 };
    notices.push(notice.clone());
    Made::New(notice)
}
