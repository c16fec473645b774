//! The carriers: how fast, how dear, what they take.
//!
//! Their prices are near the rate cards of the decision's policy and not equal
//! to them: what a booking really cost is something the fleet has to learn.

use crate::ledger::Order;
use crate::problem::Problem;
use jiff::{SignedDuration, Timestamp};

/// A carrier's lasting qualities. Its mood is apart, in [`crate::Moods`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carrier {
    /// Its name in URLs and ledgers.
    pub id: &'static str,
    /// What its references start with.
    pub prefix: &'static str,
    /// Whether a repeated idempotency key finds the first booking again.
    pub honours_keys: bool,
    /// Door to door by the standard service.
    pub hours: i64,
    /// Price of an empty standard parcel.
    pub base_cents: u64,
    /// Price of each kilogram begun.
    pub cents_per_kg: u64,
    /// Heaviest parcel.
    pub limit_g: u64,
}

/// Every carrier of this world.
pub const CARRIERS: [Carrier; 3] = [
    Carrier {
        id: "swift",
        prefix: "SW",
        honours_keys: true,
        hours: 36,
        base_cents: 1900,
        cents_per_kg: 140,
        limit_g: 1_000_000,
    },
    Carrier {
        id: "steady",
        prefix: "ST",
        honours_keys: true,
        hours: 48,
        base_cents: 1100,
        cents_per_kg: 80,
        limit_g: 5_000_000,
    },
    Carrier {
        id: "tortoise",
        prefix: "TO",
        honours_keys: false,
        hours: 56,
        base_cents: 950,
        cents_per_kg: 35,
        limit_g: 30_000_000,
    },
];

impl Carrier {
    pub(crate) fn find(id: &str) -> Result<&'static Self, Problem> {
        CARRIERS.iter().find(|carrier| carrier.id == id).ok_or_else(|| {
            let known: Vec<_> = CARRIERS.iter().map(|carrier| carrier.id).collect();
            Problem::unknown(&format!("no such carrier; there are {}", known.join(", ")))
        })
    }

    /// Refuses what this carrier does not carry.
    pub(crate) fn accept(&self, order: &Order) -> Result<(), Problem> {
        if self.pace(&order.service).is_none() {
            return Err(Problem::refused("service", "expected economy, standard or express"));
        }
        if order.weight_g == 0 || order.weight_g > self.limit_g {
            let why = format!("{} carries 1 to {} g", self.id, self.limit_g);
            return Err(Problem::refused("weight_g", &why));
        }
        if order.origin == order.destination {
            return Err(Problem::refused("destination", "it is the origin; nothing to carry"));
        }
        Ok(())
    }

    /// What it costs, with a surcharge of up to 9 % that depends on the lane.
    pub(crate) fn cost_cents(&self, order: &Order) -> u64 {
        let (_, price_percent) = self.pace(&order.service).unwrap_or((100, 100));
        let lane: u64 = order.origin.bytes().chain(order.destination.bytes()).map(u64::from).sum();
        let plain = self.base_cents + self.cents_per_kg * order.weight_g.div_ceil(1000);
        plain * price_percent * (100 + lane % 10) / 10_000
    }

    /// When it means to deliver, where the caller said when to pick up.
    pub(crate) fn eta(&self, order: &Order) -> Option<Timestamp> {
        let (time_percent, _) = self.pace(&order.service)?;
        let minutes = self.hours * 60 * time_percent / 100;
        order.pickup_after?.checked_add(SignedDuration::from_mins(minutes)).ok()
    }

    /// Percent of the standard time and price that a service takes.
    fn pace(&self, service: &str) -> Option<(i64, u64)> {
        match service {
            "economy" => Some((150, 80)),
            "standard" => Some((100, 100)),
            "express" => Some((60, 170)),
            _ => None,
        }
    }
}
