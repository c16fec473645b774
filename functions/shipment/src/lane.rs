//! What the fleet has learned about a carrier's service on a lane.

use crate::places::Place;
use crate::slot::Generation;
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
    /// How long the goods were under way.
    pub minutes: u64,
    /// Whether the customer had them by the promise.
    pub on_time: bool,
    /// What the booking cost.
    pub cost_cents: i64,
}

impl Outcome {
    /// The lane's name: `NLRTM>DEBER`.
    #[must_use]
    pub fn lane(&self) -> String {
        lane(&self.origin, &self.destination)
    }
}

/// A lane's name: `NLRTM>DEBER`. No form of a place has a `>`, so it is unique.
#[must_use]
pub fn lane(origin: &Place, destination: &Place) -> String {
    format!("{origin}>{destination}")
}

/// Sums over the outcomes of one carrier's service on one lane. Sums, so that a
/// database can add to them without reading; means are made when deciding.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LaneStats {
    /// The carrier.
    pub carrier: String,
    /// Its service.
    pub service: String,
    /// Outcomes counted.
    pub count: u64,
    /// Of these, by the promise.
    pub on_time: u64,
    /// Sum of the minutes under way.
    pub minutes: u64,
    /// Sum of their squares, for the spread.
    pub minutes_sq: u64,
    /// Sum of what was paid.
    pub cost_cents: i64,
}

impl LaneStats {
    /// Nothing learned yet.
    #[must_use]
    pub fn empty(carrier: &str, service: &str) -> Self {
        Self { carrier: carrier.to_owned(), service: service.to_owned(), ..Self::default() }
    }

    /// Adds one outcome.
    pub fn add(&mut self, outcome: &Outcome) {
        self.count = self.count.saturating_add(1);
        self.on_time = self.on_time.saturating_add(u64::from(outcome.on_time));
        self.minutes = self.minutes.saturating_add(outcome.minutes);
        self.minutes_sq = self.minutes_sq.saturating_add(outcome.minutes.saturating_pow(2));
        self.cost_cents = self.cost_cents.saturating_add(outcome.cost_cents);
    }

    /// Mean minutes under way, rounded down; `None` before the first outcome.
    #[must_use]
    pub const fn mean_minutes(&self) -> Option<u64> {
        self.minutes.checked_div(self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_mean() {
        let mut stats = LaneStats::empty("steady", "standard");
        assert_eq!(stats.mean_minutes(), None);
        let mut outcome = Outcome {
            origin: "NLRTM".parse().unwrap(),
            destination: "DEBER".parse().unwrap(),
            carrier: "steady".into(),
            service: "standard".into(),
            generation: Generation(1),
            minutes: 100,
            on_time: true,
            cost_cents: 900,
        };
        stats.add(&outcome);
        outcome.minutes = 301;
        outcome.on_time = false;
        stats.add(&outcome);
        assert_eq!((stats.count, stats.on_time, stats.minutes), (2, 1, 401));
        assert_eq!((stats.minutes_sq, stats.cost_cents), (100_601, 1800));
        assert_eq!(stats.mean_minutes(), Some(200));
        assert_eq!(outcome.lane(), "NLRTM>DEBER");
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
