//! How to decide: a versioned file that a logistics person edits.
//!
//! A policy that parses is complete and without contradiction, so deciding has
//! no error left to meet.

mod load;

use crate::event::{Milestone, ServiceLevel};
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
    /// The currency of all its money.
    pub currency: Currency,
    /// Millionths of the policy's currency for one unit of another.
    rates: BTreeMap<Currency, i64>,
    slack: Slack,
    /// When a delay breaks a promise.
    pub rescue: Rescue,
    /// How quotes are made.
    pub quotes: Quotes,
    rules: BTreeMap<Milestone, Rule>,
    unbookable: Unbookable,
    /// The carriers, in the file's order.
    pub carriers: Vec<Carrier>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Slack {
    economy: i64,
    standard: i64,
    express: i64,
}

/// What a rescue may cost and must gain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rescue {
    /// The most that a rescue may cost.
    pub limit_cents: i64,
    /// The most that it may cost in percent of the goods' value.
    pub share_of_value_percent: i64,
    /// The least that a faster service must gain.
    pub hysteresis_minutes: i64,
    /// How long a delay of unknown length is taken to last.
    pub unknown_delay_minutes: i64,
}

/// How an option's time is worked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quotes {
    /// Taken when a place is unknown.
    pub unknown_distance_km: u32,
    /// Outcomes on a lane after which they count.
    pub learn_after: u64,
    /// Least that a learned time may be, in percent of the quoted one.
    pub learned_least_percent: i64,
    /// Most that it may be.
    pub learned_most_percent: i64,
}

/// What to do when an event comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// Nothing.
    Keep,
    /// Tell the dispatch desk.
    Notify,
    /// Wait for a person, if the goods are worth it; else notify.
    Hold {
        /// The least value in cents, when the rule has one.
        from_value_cents: Option<i64>,
    },
    /// Find a faster service when the slack is below so many minutes.
    Rebook {
        /// The slack that is enough.
        when_slack_below_minutes: i64,
    },
}

/// What to do with an order that no carrier takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unbookable {
    /// Wait for a person.
    Hold,
    /// Tell the dispatch desk.
    Notify,
}

/// A carrier and its rate card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carrier {
    /// Its id, which is also its address at the partners.
    pub id: String,
    /// Its name, for words.
    pub name: String,
    /// What it offers.
    pub services: Vec<Service>,
}

/// A line of a rate card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Price of any shipment.
    pub base_cents: i64,
    /// Price of a kilogram.
    pub per_kg_cents: i64,
    /// Price of 100 km.
    pub per_100km_cents: i64,
    /// Time that passes whatever the distance.
    pub fixed_minutes: i64,
    /// Distance covered in a day.
    pub km_per_day: i64,
}

impl Service {
    /// The price in cents, half a cent rounded up.
    #[must_use]
    pub fn cost_cents(&self, weight_g: u64, km: u32) -> i64 {
        // In thousandths of a cent per gram and 100 km: everything is whole.
        let fine = i128::from(self.base_cents) * 100_000
            + i128::from(self.per_kg_cents) * i128::from(weight_g) * 100
            + i128::from(self.per_100km_cents) * i128::from(km) * 1000;
        i64::try_from((fine + 50_000) / 100_000).unwrap_or(i64::MAX)
    }

    /// The quoted time in minutes, rounded up.
    #[must_use]
    pub fn minutes(&self, km: u32) -> i64 {
        let on_the_road = i64::from(km) * 1440;
        let speed = self.km_per_day.max(1);
        self.fixed_minutes.saturating_add((on_the_road + speed - 1) / speed)
    }
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
        // Never met: a policy without a rule for every milestone does not load.
        self.rules.get(&milestone).unwrap_or(&Rule::Hold { from_value_cents: None })
    }

    /// What to do with an order that no carrier takes.
    #[must_use]
    pub const fn unbookable(&self) -> Unbookable {
        self.unbookable
    }

    /// How many minutes before the promise an option is safe.
    #[must_use]
    pub const fn safety_slack_minutes(&self, level: ServiceLevel) -> i64 {
        match level {
            ServiceLevel::Economy => self.slack.economy,
            ServiceLevel::Standard => self.slack.standard,
            ServiceLevel::Express => self.slack.express,
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

    /// A service in words: `Swift express`.
    #[must_use]
    pub fn words(&self, carrier: &str, service: &str) -> String {
        let known = self.carriers.iter().find(|known| known.id == carrier);
        format!("{} {service}", known.map_or(carrier, |known| &known.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn service(base: i64, per_kg: i64, per_100km: i64) -> Service {
        Service {
            name: "s".into(),
            base_cents: base,
            per_kg_cents: per_kg,
            per_100km_cents: per_100km,
            fixed_minutes: 60,
            km_per_day: 500,
        }
    }

    #[test]
    fn the_bundled_policy_knows_the_three_carriers() {
        let policy = Policy::bundled().unwrap();
        let ids: Vec<_> = policy.carriers.iter().map(|carrier| carrier.id.as_str()).collect();
        assert_eq!(ids, ["swift", "steady", "tortoise"]);
        assert_eq!(policy.label(), "default@1");
        assert_eq!(policy.words("swift", "express"), "Swift express");
        assert_eq!(policy.words("gone", "slow"), "gone slow");
        let quick = policy.service("swift", "express").unwrap();
        let slow = policy.service("tortoise", "economy").unwrap();
        assert!(quick.minutes(600) < slow.minutes(600));
        assert!(quick.cost_cents(2400, 600) > slow.cost_cents(2400, 600));
        assert_eq!(policy.service("swift", "economy"), None);
    }

    #[test]
    fn prices_round_half_a_cent_up_and_times_round_up() {
        assert_eq!(
            service(100, 55, 70).cost_cents(1500, 250),
            100 + 83 + 175,
            "82.5 cents a weight"
        );
        assert_eq!(service(0, 1, 0).cost_cents(500, 0), 1, "half a cent");
        assert_eq!(service(0, 1, 0).cost_cents(499, 0), 0);
        assert_eq!(service(0, 0, 1).cost_cents(0, 50), 1);
        assert_eq!(service(0, 0, 0).minutes(1), 60 + 3, "2.88 minutes");
        assert_eq!(service(0, 0, 0).minutes(500), 60 + 1440);
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

    proptest! {
        #[test]
        fn more_weight_or_distance_never_costs_or_takes_less(
            base in 0_i64..10_000, per_kg in 0_i64..1000, per_100km in 0_i64..1000,
            g in 0_u64..1_000_000, more_g in 0_u64..1000, km in 0_u32..20_000, more_km in 0_u32..1000,
        ) {
            let service = service(base, per_kg, per_100km);
            prop_assert!(service.cost_cents(g, km) >= base);
            prop_assert!(service.cost_cents(g + more_g, km + more_km) >= service.cost_cents(g, km));
            prop_assert!(service.minutes(km + more_km) >= service.minutes(km));
        }
    }
}
