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
    /// Heaviest parcel.
    pub limit_g: u64,
    /// What it offers.
    pub services: &'static [Service],
}

/// One service of a carrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// `economy`, `standard` or `express`.
    pub name: &'static str,
    /// Door to door.
    pub hours: i64,
    /// Price of an empty parcel.
    pub base_cents: u64,
    /// Price of each kilogram begun.
    pub cents_per_kg: u64,
}

const fn service(name: &'static str, hours: i64, base_cents: u64, cents_per_kg: u64) -> Service {
    Service { name, hours, base_cents, cents_per_kg }
}

/// Every carrier of this world.
pub const CARRIERS: [Carrier; 3] = [
    Carrier {
        id: "swift",
        prefix: "SW",
        honours_keys: true,
        limit_g: 1_000_000,
        services: &[service("express", 22, 3000, 110), service("standard", 30, 2200, 90)],
    },
    Carrier {
        id: "steady",
        prefix: "ST",
        honours_keys: true,
        limit_g: 5_000_000,
        services: &[
            service("express", 33, 1800, 80),
            service("standard", 50, 1200, 55),
            service("economy", 70, 1000, 45),
        ],
    },
    Carrier {
        id: "tortoise",
        prefix: "TO",
        honours_keys: false,
        limit_g: 30_000_000,
        services: &[service("standard", 60, 950, 45), service("economy", 78, 760, 35)],
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
        if self.service(order).is_none() {
            let offered: Vec<_> = self.services.iter().map(|service| service.name).collect();
            let why = format!("{} offers {}", self.id, offered.join(", "));
            return Err(Problem::refused("service", &why));
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
        let Some(service) = self.service(order) else { return 0 };
        let lane: u64 = order.origin.bytes().chain(order.destination.bytes()).map(u64::from).sum();
        let plain = service.base_cents + service.cents_per_kg * order.weight_g.div_ceil(1000);
        plain * (100 + lane % 10) / 100
    }

    /// When it means to deliver, where the caller said when to pick up.
    pub(crate) fn eta(&self, order: &Order) -> Option<Timestamp> {
        let hours = SignedDuration::from_hours(self.service(order)?.hours);
        order.pickup_after?.checked_add(hours).ok()
    }

    fn service(&self, order: &Order) -> Option<&'static Service> {
        self.services.iter().find(|service| service.name == order.service)
    }
}
