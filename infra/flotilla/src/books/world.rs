//! The third book: the partners' ledger, as `GET /ledger` answers it.

use serde::Deserialize;
use std::collections::BTreeMap;

/// Everything the partners were really asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct WorldBook {
    /// Every booking ever made, cancelled ones included.
    pub bookings: Vec<Booking>,
    /// Every notice the dispatch desk got.
    pub notices: Vec<Notice>,
    /// Every notice the shop got, for its customers.
    #[serde(default)]
    pub customer_events: Vec<Notice>,
    /// Answers by partner and status.
    #[serde(default)]
    pub calls: BTreeMap<String, BTreeMap<String, u64>>,
}

/// A booking that a carrier really made.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Booking {
    /// Who made it.
    pub carrier: String,
    /// The carrier's name for it.
    pub reference: String,
    /// The idempotency key it came with.
    pub key: String,
    /// For which shipment.
    pub shipment: String,
    /// Over which hub, if any.
    #[serde(default)]
    pub via: Option<String>,
    /// For which leg of it.
    pub leg: String,
    /// Which generation of the booking slot asked for it.
    pub generation: u64,
    /// By which service.
    pub service: String,
    /// `live` or `cancelled`.
    pub status: String,
    /// When it was made.
    pub booked_at: jiff::Timestamp,
    /// When it was cancelled.
    #[serde(default)]
    pub cancelled_at: Option<jiff::Timestamp>,
    /// What it costs, when the ledger says so.
    #[serde(default)]
    pub cost_cents: Option<u64>,
    /// How many requests ended in it.
    pub requests: u64,
}

impl Booking {
    /// Whether it stands.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.status == "live"
    }
}

/// A notice that the dispatch desk or the shop really got.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Notice {
    /// The idempotency key it came with.
    pub key: String,
    /// About which shipment.
    pub shipment: String,
    /// From which task.
    pub task: String,
    /// How many requests carried it.
    pub requests: u64,
}
