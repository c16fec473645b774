//! What the fleet has learned about a carrier's service on a lane.
//!
//! Only sums are kept, so that a database can add to them without reading, in
//! any order; and each week has its own, so that old ones can count less. Means
//! and spreads are made when deciding (`decide::estimate`).
//!
//! Times and prices are kept against what the rate card said of the very same
//! booking. The bookings of a lane are of different weights, some start halfway
//! and some go over a hub: their hours and euros cannot be averaged, but "a
//! tenth longer than quoted" can, and it is what the next quote needs.

use crate::decision::Quoted;
use crate::places::Place;
use crate::slot::Generation;
use crate::week::Week;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How one booking ended. State counts it once per booking generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// From where.
    pub origin: Place,
    /// To where.
    pub destination: Place,
    /// The carrier that was booked.
    pub carrier: String,
    /// Its service.
    pub service: String,
    /// Which booking of the shipment.
    pub generation: Generation,
    /// When the customer had the goods.
    pub delivered: Timestamp,
    /// How long that took.
    pub minutes: u64,
    /// What the rate card said when it was booked.
    pub quoted: Quoted,
    /// Whether the carrier kept the promise, or its own date if that was later.
    pub on_time: bool,
    /// What the booking cost, in cents of the rate card's currency.
    pub cost_cents: i64,
}

impl Outcome {
    /// The lane's name: `NLRTM>DEBER`.
    #[must_use]
    pub fn lane(&self) -> String {
        lane(&self.origin, &self.destination)
    }

    /// The week it is counted in.
    #[must_use]
    pub fn week(&self) -> Week {
        Week::of(self.delivered)
    }
}

/// A lane's name: `NLRTM>DEBER`. No form of a place has a `>`, so it is unique.
#[must_use]
pub fn lane(origin: &Place, destination: &Place) -> String {
    format!("{origin}>{destination}")
}

/// So much of [`Sums::pace`] is a time exactly as quoted.
pub const AS_QUOTED: u64 = 1000;
/// The slowest pace that is counted: ten times the quote. What took longer was
/// lost and found, which says nothing about the next booking.
const SLOWEST: u64 = 10 * AS_QUOTED;

/// Sums over the outcomes of one carrier's service on one lane in one week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneStats {
    /// The carrier.
    pub carrier: String,
    /// Its service.
    pub service: String,
    /// The week of the deliveries.
    pub week: Week,
    /// The sums.
    pub sums: Sums,
}

/// What is added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sums {
    /// Outcomes counted.
    pub count: u64,
    /// Of these, on time.
    pub on_time: u64,
    /// Minutes from booking to delivery, for people who look.
    pub minutes: u64,
    /// Minutes taken for 1000 quoted.
    pub pace: u64,
    /// Squares of these, for the spread.
    pub pace_sq: u64,
    /// What was paid, in cents of the rate card's currency.
    pub cost_cents: i64,
    /// What the rate card said, likewise.
    pub quoted_cents: i64,
}

impl Sums {
    /// What one outcome adds.
    #[must_use]
    pub fn of(outcome: &Outcome) -> Self {
        let quoted = outcome.quoted.minutes.max(1).unsigned_abs();
        let pace = outcome.minutes.saturating_mul(AS_QUOTED) / quoted;
        let pace = pace.clamp(1, SLOWEST);
        Self {
            count: 1,
            on_time: u64::from(outcome.on_time),
            minutes: outcome.minutes,
            pace,
            pace_sq: pace * pace,
            cost_cents: outcome.cost_cents,
            quoted_cents: outcome.quoted.cents,
        }
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            count: self.count.saturating_add(other.count),
            on_time: self.on_time.saturating_add(other.on_time),
            minutes: self.minutes.saturating_add(other.minutes),
            pace: self.pace.saturating_add(other.pace),
            pace_sq: self.pace_sq.saturating_add(other.pace_sq),
            cost_cents: self.cost_cents.saturating_add(other.cost_cents),
            quoted_cents: self.quoted_cents.saturating_add(other.quoted_cents),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(minutes: u64, on_time: bool) -> Outcome {
        Outcome {
            origin: "NLRTM".parse().unwrap(),
            destination: "DEBER".parse().unwrap(),
            carrier: "steady".into(),
            service: "standard".into(),
            generation: Generation(1),
            delivered: "2026-11-29T08:00:00Z".parse().unwrap(),
            minutes,
            quoted: Quoted { minutes: 200, cents: 1000 },
            on_time,
            cost_cents: 900,
        }
    }

    #[test]
    fn an_outcome_is_counted_against_its_own_quote() {
        let both = Sums::of(&outcome(100, true)).plus(Sums::of(&outcome(301, false)));
        assert_eq!((both.count, both.on_time, both.minutes), (2, 1, 401));
        assert_eq!((both.pace, both.pace_sq), (500 + 1505, 250_000 + 2_265_025));
        assert_eq!((both.cost_cents, both.quoted_cents), (1800, 2000));
        assert_eq!(outcome(1, true).lane(), "NLRTM>DEBER");
        assert_eq!(outcome(1, true).week().to_string(), "2026W48");
    }

    #[test]
    fn what_was_lost_and_found_does_not_drown_the_rest() {
        assert_eq!(Sums::of(&outcome(2000, false)).pace, 10_000);
        assert_eq!(Sums::of(&outcome(u64::MAX, false)).pace, 10_000);
        assert_eq!(Sums::of(&outcome(0, true)).pace, 1);
    }

    #[test]
    fn lanes_of_negative_coordinates_are_told_apart() {
        let of = |origin: &str, destination: &str| {
            lane(&origin.parse().unwrap(), &destination.parse().unwrap())
        };
        assert_eq!(of("geo:-1.5,-2", "geo:-3,-4"), "geo:-1.50,-2.00>geo:-3.00,-4.00");
        assert_ne!(of("geo:1,2", "geo:-3,4"), of("geo:1,-2", "geo:3,4"));
    }
}
