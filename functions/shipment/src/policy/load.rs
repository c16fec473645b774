//! From the file to a policy that is complete and without contradiction.

mod carriers;
mod rules;
#[cfg(test)]
mod tests;

use super::learning::{MOST_WEEKS, weights};
use super::section::{Section, Setting, Source};
use super::{Estimates, Learning, Level, Levels, Policy, PolicyError, Rescue};
use crate::quantity::Currency;
use std::collections::BTreeMap;

pub(super) fn policy(text: &str, file: &str) -> Result<Policy, PolicyError> {
    let source = Source { text, file };
    let table = source.table()?;
    let root = Section::root(source, &table);
    root.only(&[
        "name",
        "version",
        "currency",
        "rates",
        "service_level",
        "rescue",
        "estimates",
        "quotes",
        "learning",
        "rules",
        "carrier",
        "hub",
    ])?;
    let version = root.required("version")?;
    let currency = currency(&root.required("currency")?)?;
    let rates = rates(&root, currency)?;
    let carriers = carriers::carriers(&root, currency, &rates)?;
    let policy = Policy {
        name: root.required("name")?.name()?,
        version: u32::try_from(version.positive()?)
            .map_err(|_| version.error("expected a number below 4294967296"))?,
        currency,
        rates,
        levels: levels(&root.section("service_level")?)?,
        rescue: rescue(&root.section("rescue")?)?,
        estimates: estimates(&root.section("estimates")?)?,
        learning: learning(&root.section("learning")?)?,
        unknown_distance_km: unknown_distance(&root.section("quotes")?)?,
        rules: rules::rules(&root.section("rules")?)?,
        unbookable: rules::unbookable(&root.section("rules")?)?,
        hubs: carriers::hubs(&root, &carriers)?,
        carriers,
    };
    rules::may_rescue(&root, &policy)?;
    Ok(policy)
}

fn currency(setting: &Setting<'_>) -> Result<Currency, PolicyError> {
    setting.text()?.parse::<Currency>().map_err(|error| setting.error(&error.to_string()))
}

fn rates(root: &Section<'_>, own: Currency) -> Result<BTreeMap<Currency, i64>, PolicyError> {
    let mut rates = BTreeMap::new();
    if root.optional("rates").is_none() {
        return Ok(rates);
    }
    for (name, setting) in root.section("rates")?.all() {
        let other: Currency = name.parse().map_err(|_| {
            setting.error("unknown, expected a currency code of three capital letters")
        })?;
        if other == own {
            return Err(setting.error("contradicts `currency`: this is the policy's own"));
        }
        let rate = setting.scaled(6)?;
        if rate == 0 {
            return Err(setting.error("must be more than 0, got 0"));
        }
        rates.insert(other, rate);
    }
    Ok(rates)
}

fn levels(section: &Section<'_>) -> Result<Levels, PolicyError> {
    section.only(&["economy", "standard", "express"])?;
    Ok(Levels {
        economy: level(&section.section("economy")?)?,
        standard: level(&section.section("standard")?)?,
        express: level(&section.section("express")?)?,
    })
}

fn level(section: &Section<'_>) -> Result<Level, PolicyError> {
    section.only(&["safety_slack_hours", "spread_factor", "late_penalty"])?;
    Ok(Level {
        safety_slack_minutes: section.required("safety_slack_hours")?.hours()?,
        spread_factor_percent: section.required("spread_factor")?.scaled(2)?,
        late_penalty_cents: section.required("late_penalty")?.cents()?,
    })
}

fn rescue(section: &Section<'_>) -> Result<Rescue, PolicyError> {
    section.only(&[
        "limit",
        "limit_per_hour_gained",
        "share_of_value_percent",
        "hysteresis_hours",
        "most_bookings",
        "unknown_delay_hours",
    ])?;
    Ok(Rescue {
        limit_cents: section.required("limit")?.cents()?,
        limit_per_hour_gained_cents: section.required("limit_per_hour_gained")?.cents()?,
        share_of_value_percent: section.required("share_of_value_percent")?.whole()?,
        hysteresis_minutes: section.required("hysteresis_hours")?.hours()?,
        most_bookings: section.required("most_bookings")?.positive()?.unsigned_abs(),
        unknown_delay_minutes: section.required("unknown_delay_hours")?.hours()?,
    })
}

fn estimates(section: &Section<'_>) -> Result<Estimates, PolicyError> {
    section.only(&["onward_fixed_hours", "onward_km_per_day"])?;
    Ok(Estimates {
        onward_fixed_minutes: section.required("onward_fixed_hours")?.hours()?,
        onward_km_per_day: section.required("onward_km_per_day")?.positive()?,
    })
}

fn unknown_distance(section: &Section<'_>) -> Result<u32, PolicyError> {
    section.only(&["unknown_distance_km"])?;
    let km = section.required("unknown_distance_km")?;
    u32::try_from(km.positive()?)
        .ok()
        .filter(|km| *km <= 20_016)
        .ok_or_else(|| km.error("expected at most 20016, half the earth's girth"))
}

fn learning(section: &Section<'_>) -> Result<Learning, PolicyError> {
    section.only(&[
        "prior_weight",
        "prior_spread_percent",
        "prior_on_time_percent",
        "half_life_weeks",
        "weeks",
        "least_percent",
        "most_percent",
        "explore_percent",
        "explore_extra_cost",
    ])?;
    let least = section.required("least_percent")?;
    let most = section.required("most_percent")?;
    let half_life = section.required("half_life_weeks")?.up_to(MOST_WEEKS)?;
    let weeks = section.required("weeks")?.up_to(MOST_WEEKS)?;
    let learning = Learning {
        prior_weight: section.required("prior_weight")?.positive()?,
        prior_spread_percent: section.required("prior_spread_percent")?.share(0)?,
        prior_on_time_percent: section.required("prior_on_time_percent")?.share(0)?,
        least_percent: least.positive()?,
        most_percent: most.positive()?,
        explore_per_10_000: section.required("explore_percent")?.share(2)?.unsigned_abs(),
        explore_extra_cents: section.required("explore_extra_cost")?.cents()?,
        weights: weights(half_life, weeks),
    };
    if learning.least_percent > 100 {
        return Err(least.error("must be at most 100, or an ordinary time would be refused"));
    }
    if learning.most_percent < 100 {
        return Err(most.error("must be at least 100, or an ordinary time would be refused"));
    }
    Ok(learning)
}
