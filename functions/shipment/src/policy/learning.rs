//! How what was learned counts: the prior, the decay back to it, and how much is
//! tried out.

use crate::week::Week;
use std::ops::RangeInclusive;

/// The weight of a delivery of this week; older ones weigh a part of it.
pub const FULL_WEIGHT: i128 = 1_000_000;

/// The longest that a delivery can count, in weeks. What is learned is stored a
/// little longer than this.
pub const MOST_WEEKS: i64 = 52;

/// How what was learned counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learning {
    /// As how many deliveries the rate card's word counts.
    pub prior_weight: i64,
    /// The spread of times before anything is learned, in percent of the quoted.
    pub prior_spread_percent: i64,
    /// The share on time before anything is learned.
    pub prior_on_time_percent: i64,
    /// Least that a learned time or price may be, in percent of the quoted one.
    pub least_percent: i64,
    /// Most that it may be.
    pub most_percent: i64,
    /// Of 10,000 new orders, how many try something out.
    pub explore_per_10_000: u64,
    /// What that may cost on top, in cents.
    pub explore_extra_cents: i64,
    /// The weight of a delivery of this week, of last week...
    pub(super) weights: Vec<i128>,
}

/// What a delivery weighs this week, a week later, and so on.
pub(super) fn weights(half_life_weeks: i64, weeks: i64) -> Vec<i128> {
    let step = step(half_life_weeks);
    let older = |weight: &i128| Some(*weight * step / FINE);
    let weights = std::iter::successors(Some(FULL_WEIGHT), older);
    weights.take(usize::try_from(weeks).unwrap_or(usize::MAX)).collect()
}

impl Learning {
    /// What a delivery of that week weighs for a decision of this one, of
    /// [`FULL_WEIGHT`]. Nothing when it is too old, or of a later week: the same
    /// case decided again later is to be decided alike.
    #[must_use]
    pub fn weight(&self, of: Week, now: Week) -> i128 {
        let age = usize::try_from(now.since(of)).ok();
        age.and_then(|age| self.weights.get(age)).copied().unwrap_or(0)
    }

    /// The weeks that count for a decision of this one.
    #[must_use]
    pub fn weeks(&self, now: Week) -> RangeInclusive<Week> {
        let most = i64::try_from(self.weights.len()).unwrap_or(i64::MAX);
        now.before(most.saturating_sub(1).max(0))..=now
    }
}

/// One in the arithmetic of the decay.
const FINE: i128 = 1_000_000_000_000;

/// What remains after a week: the greatest part that, taken so many times, leaves
/// no more than half. In whole numbers, so that every machine decides alike.
fn step(half_life_weeks: i64) -> i128 {
    let after = |part: i128| (0..half_life_weeks).fold(FINE, |left, _| left * part / FINE);
    let (mut least, mut most) = (0, FINE);
    while most - least > 1 {
        let middle = least.midpoint(most);
        if after(middle) <= FINE / 2 { least = middle } else { most = middle }
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;
    use proptest::prelude::*;

    #[test]
    fn weights_halve_with_the_half_life_and_end_with_the_weeks() {
        let learning = Policy::bundled().unwrap().learning;
        let now: Week = "2026W48".parse().unwrap();
        let weight = |age| learning.weight(now.before(age), now);
        // 0.5^(1/3) is 0.793700...
        assert_eq!((weight(0), weight(1)), (1_000_000, 793_700));
        for (age, expected) in [(3, 500_000_i128), (6, 250_000), (9, 125_000)] {
            assert!((weight(age) - expected).abs() <= 5, "{age}: {}", weight(age));
        }
        assert!(weight(11) > 0);
        assert_eq!((weight(12), weight(-1)), (0, 0), "too old, and not yet");
        assert_eq!(learning.weeks(now), now.before(11)..=now);
    }

    proptest! {
        #[test]
        fn any_half_life_halves(half_life in 1_i64..=52) {
            let after = (0..half_life).fold(FINE, |left, _| left * step(half_life) / FINE);
            prop_assert!((FINE / 2 - 200..=FINE / 2).contains(&after), "{after}");
        }
    }
}
