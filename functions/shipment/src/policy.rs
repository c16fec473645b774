//! How to decide: a versioned file that a logistics person edits.
//!
//! A policy that parses is complete and without contradiction, so deciding has
//! no error left to meet.

mod carrier;
mod learning;
mod load;
mod rule;

pub use carrier::{Carrier, Hub, Line, Service, on_the_way};
pub use learning::{FULL_WEIGHT, Learning, MOST_WEEKS};
pub use rule::{Act, Rule, TellCustomer, Unbookable};

use crate::event::{Milestone, ServiceLevel};
use crate::places::Place;
use crate::quantity::{Currency, Money};
use crate::toml_section as section;
pub use crate::toml_section::TomlError as PolicyError;
use std::collections::BTreeMap;

/// The policy that is built in.
const BUNDLED: &str = include_str!("../data/policy.toml");
const BUNDLED_NAME: &str = "policy.toml";

/// How to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// Its version, raised with every change.
    pub version: u32,
    /// The currency of its limits.
    pub currency: Currency,
    /// Millionths of the policy's currency for one unit of another.
    rates: BTreeMap<Currency, i64>,
    levels: Levels,
    /// When a delay breaks a promise.
    pub rescue: Rescue,
    /// What an estimate for a place on the way means.
    pub estimates: Estimates,
    /// How what was learned counts.
    pub learning: Learning,
    /// Taken when a place is unknown.
    pub unknown_distance_km: u32,
    rules: BTreeMap<Milestone, Rule>,
    unbookable: Unbookable,
    /// The carriers, in the file's order.
    pub carriers: Vec<Carrier>,
    /// The hubs, in the file's order.
    pub hubs: Vec<Hub>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Levels {
    economy: Level,
    standard: Level,
    express: Level,
}

/// What the customer paid for, in figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// How many minutes before the promise an option should arrive.
    pub safety_slack_minutes: i64,
    /// How much of its spread it should have to spare on top of that.
    pub spread_factor_percent: i64,
    /// What a broken promise costs, in cents.
    pub late_penalty_cents: i64,
}

/// What a rescue may cost and must gain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rescue {
    /// The most that a rescue may cost.
    pub limit_cents: i64,
    /// The most that an hour may cost by which the goods arrive earlier.
    pub limit_per_hour_gained_cents: i64,
    /// The most that it may cost in percent of the goods' value.
    pub share_of_value_percent: i64,
    /// The least that another booking must gain.
    pub hysteresis_minutes: i64,
    /// After so many bookings of a shipment none is replaced any more.
    pub most_bookings: u64,
    /// How long a delay of unknown length is taken to last.
    pub unknown_delay_minutes: i64,
}

/// What an estimate for a place on the way means for the destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimates {
    /// Time that passes whatever the distance.
    pub onward_fixed_minutes: i64,
    /// Distance covered in a day when nothing is booked.
    pub onward_km_per_day: i64,
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// [`PolicyError`] names the file, line and field of the first syntax error,
    /// missing, negative, unknown or contradictory value.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, PolicyError> {
        load::policy(text, file_name)
    }

    /// The policy that is built in.
    ///
    /// # Errors
    /// Only if the file in the source tree was broken; a test reads it.
    pub fn bundled() -> Result<Self, PolicyError> {
        Self::parse(BUNDLED, BUNDLED_NAME)
    }

    /// Its name in decisions: `default@1`.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// The rule for a milestone.
    #[must_use]
    pub fn rule(&self, milestone: Milestone) -> &Rule {
        // A policy without a rule for every milestone does not load.
        const NEVER_MET: &Rule =
            &Rule { act: Act::Hold { from_value_cents: None }, customer: TellCustomer::Never };
        self.rules.get(&milestone).unwrap_or(NEVER_MET)
    }

    /// What to do with an order that no carrier takes.
    #[must_use]
    pub const fn unbookable(&self) -> Unbookable {
        self.unbookable
    }

    /// What a service level means.
    #[must_use]
    pub const fn level(&self, level: ServiceLevel) -> &Level {
        match level {
            ServiceLevel::Economy => &self.levels.economy,
            ServiceLevel::Standard => &self.levels.standard,
            ServiceLevel::Express => &self.levels.express,
        }
    }

    /// An amount in cents of the policy's currency, half a cent rounded up;
    /// `None` when the policy has no rate for its currency.
    #[must_use]
    pub fn in_currency(&self, money: Money) -> Option<i64> {
        if money.currency == self.currency {
            return Some(money.cents);
        }
        let rate = self.rates.get(&money.currency)?;
        let fine = i128::from(money.cents) * i128::from(*rate);
        i64::try_from((fine + 500_000).div_euclid(1_000_000)).ok()
    }

    /// Cents of the policy's currency as money.
    #[must_use]
    pub const fn money(&self, cents: i64) -> Money {
        Money { cents, currency: self.currency }
    }

    /// A carrier's service.
    #[must_use]
    pub fn service(&self, carrier: &str, service: &str) -> Option<&Service> {
        let carrier = self.carriers.iter().find(|known| known.id == carrier)?;
        carrier.services.iter().find(|known| known.name == service)
    }

    /// The hub at a place.
    #[must_use]
    pub fn hub(&self, place: &Place) -> Option<&Hub> {
        self.hubs.iter().find(|hub| hub.place == *place)
    }

    /// A service in words: `Swift express over Leipzig`.
    #[must_use]
    pub fn words(&self, carrier: &str, service: &str, via: Option<&Place>) -> String {
        let known = self.carriers.iter().find(|known| known.id == carrier);
        let name = known.map_or(carrier, |known| &known.name);
        match via {
            None => format!("{name} {service}"),
            Some(place) => {
                let hub = self.hub(place).map_or_else(|| place.to_string(), |hub| hub.name.clone());
                format!("{name} {service} over {hub}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::places::Places;

    #[test]
    fn the_bundled_policy_knows_the_three_carriers() {
        let policy = Policy::bundled().unwrap();
        let ids: Vec<_> = policy.carriers.iter().map(|carrier| carrier.id.as_str()).collect();
        assert_eq!(ids, ["swift", "steady", "tortoise"]);
        assert_eq!(policy.label(), "default@2");
        assert_eq!(policy.words("swift", "express", None), "Swift express");
        assert_eq!(policy.words("gone", "slow", None), "gone slow");
        let quick = policy.service("swift", "express").unwrap();
        let slow = policy.service("tortoise", "economy").unwrap();
        assert!(quick.minutes(600) < slow.minutes(600));
        assert!(quick.cost_cents(2400, 600) > slow.cost_cents(2400, 600));
        assert_eq!(policy.service("swift", "economy"), None);
    }

    #[test]
    fn the_bundled_hubs_are_known_places() {
        let policy = Policy::bundled().unwrap();
        let places = Places::bundled().unwrap();
        for hub in &policy.hubs {
            assert!(places.get(&hub.place).is_some(), "{}", hub.place);
            let over = policy.words("swift", "express", Some(&hub.place));
            assert_eq!(over, format!("Swift express over {}", hub.name));
        }
        assert_eq!(policy.hubs.len(), 3);
    }

    #[test]
    fn other_currencies_are_converted_exactly_or_not_at_all() {
        let policy = Policy::bundled().unwrap();
        let cents = |money: &str| policy.in_currency(money.parse().unwrap());
        assert_eq!(cents("10.00 EUR"), Some(1000));
        assert_eq!(cents("10.00 GBP"), Some(1170));
        assert_eq!(cents("0.05 DKK"), Some(1), "0.67 cents");
        assert_eq!(cents("10.00 XXX"), None);
        assert_eq!(policy.money(1234).to_string(), "12.34 EUR");
    }
}
