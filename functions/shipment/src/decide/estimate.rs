//! What to expect of a carrier's service on a lane: the rate card's word and
//! what was learned, weighed against each other.
//!
//! The rate card counts as so many deliveries that came as quoted, with the
//! prior's spread; every real one counts by its age. So an estimate starts at
//! the quote, follows what is learned, and returns to the quote as that grows
//! old. Whole numbers only: a replay on any machine finds the same.

use crate::lane::LaneStats;
use crate::policy::{FULL_WEIGHT, Learning};
use crate::week::Week;

/// As quoted, in millionths.
const WHOLE: i128 = 1_000_000;

/// What to expect, against the quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Estimate {
    /// Millionths of the quoted time that are taken on average.
    pace: i128,
    /// How far times scatter around that, one standard deviation.
    spread: i128,
    /// Millionths of the quoted price that are billed on average.
    price: i128,
    /// Deliveries that were late, in percent.
    pub(super) late_percent: u8,
    /// How much was learned: deliveries, each counted by its age.
    pub(super) evidence: i128,
}

/// Sums over weeks, each by its weight.
#[derive(Debug, Clone, Copy, Default)]
struct Weighed {
    count: i128,
    late: i128,
    pace: i128,
    pace_sq: i128,
    cost: i128,
    quoted: i128,
}

impl Estimate {
    /// The rate card's word alone.
    pub(super) fn prior(learning: &Learning) -> Self {
        Self::from(learning, Weighed::default())
    }

    /// With what was learned up to a week.
    pub(super) fn learned<'a>(
        learning: &Learning,
        lanes: impl Iterator<Item = &'a LaneStats>,
        now: Week,
    ) -> Self {
        let weighed = lanes.fold(Weighed::default(), |all, lane| {
            let (weight, sums) = (learning.weight(lane.week, now), &lane.sums);
            let late = sums.count.saturating_sub(sums.on_time);
            Weighed {
                count: all.count + weight * i128::from(sums.count),
                late: all.late + weight * i128::from(late),
                pace: all.pace + weight * i128::from(sums.pace),
                pace_sq: all.pace_sq + weight * i128::from(sums.pace_sq),
                cost: all.cost + weight * i128::from(sums.cost_cents),
                quoted: all.quoted + weight * i128::from(sums.quoted_cents),
            }
        });
        Self::from(learning, weighed)
    }

    fn from(learning: &Learning, data: Weighed) -> Self {
        // Sums of pace are in thousandths of the quote, their squares likewise.
        let prior = i128::from(learning.prior_weight.max(1)) * FULL_WEIGHT;
        let prior_sq = 1_000_000 + i128::from(learning.prior_spread_percent * 10).pow(2);
        let all = prior + data.count;
        let mean = (prior * 1000 + data.pace) * 1000 / all;
        let mean_sq = (prior * prior_sq + data.pace_sq) * WHOLE / all;
        let priced = if data.quoted > 0 { data.cost.max(0) * WHOLE / data.quoted } else { WHOLE };
        let price = (prior * WHOLE + data.count * priced) / all;
        let late = prior * i128::from(100 - learning.prior_on_time_percent) + data.late * 100;
        let bounded = |part: i128| {
            let (least, most) = (learning.least_percent, learning.most_percent);
            part.clamp(i128::from(least) * WHOLE / 100, i128::from(most) * WHOLE / 100)
        };
        Self {
            pace: bounded(mean),
            spread: (mean_sq - mean * mean).max(0).isqrt(),
            price: bounded(price),
            late_percent: u8::try_from((late + all / 2) / all).unwrap_or(100),
            evidence: data.count,
        }
    }

    /// The minutes to expect for so many quoted, rounded up.
    pub(super) fn minutes(&self, quoted: i64) -> i64 {
        part(quoted, self.pace, WHOLE - 1)
    }

    /// Their spread in minutes, rounded up.
    pub(super) fn spread_minutes(&self, quoted: i64) -> i64 {
        part(quoted, self.spread, WHOLE - 1)
    }

    /// The cents to expect for so many quoted, half a cent rounded up.
    pub(super) fn cents(&self, quoted: i64) -> i64 {
        part(quoted, self.price, WHOLE / 2)
    }
}

fn part(of: i64, millionths: i128, rounding: i128) -> i64 {
    i64::try_from((i128::from(of) * millionths + rounding) / WHOLE).unwrap_or(i64::MAX)
}

/// How likely a time is exceeded that lies so many spreads above the mean, in
/// percent: the upper tail of the normal distribution at quarters of a spread.
const TAIL: [u8; 12] = [50, 40, 31, 23, 16, 11, 7, 4, 2, 1, 1, 0];

/// How likely it is that goods are late that have so many minutes to spare on
/// average, in percent; between two quarters of a spread the likelier.
pub(super) fn late_percent(spare: i64, spread: i64) -> u8 {
    let (spare, spread) = (i128::from(spare), i128::from(spread));
    if spread == 0 {
        return if spare < 0 { 100 } else { 0 };
    }
    let tail = |quarters: i128| {
        usize::try_from(quarters).ok().and_then(|at| TAIL.get(at)).copied().unwrap_or(0)
    };
    if spare >= 0 {
        tail(spare * 4 / spread)
    } else {
        100 - tail((-spare * 4 + spread - 1) / spread)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lane::Sums;
    use crate::samples::{lane, policy};
    use proptest::prelude::*;

    fn now() -> Week {
        "2026W48".parse().unwrap()
    }

    fn learned(lanes: &[LaneStats]) -> Estimate {
        Estimate::learned(&policy().learning, lanes.iter(), now())
    }

    #[test]
    fn without_data_the_rate_card_is_believed() {
        let prior = learned(&[]);
        assert_eq!(prior, Estimate::prior(&policy().learning));
        assert_eq!((prior.minutes(4000), prior.spread_minutes(4000)), (4000, 400));
        assert_eq!((prior.cents(781), prior.late_percent, prior.evidence), (781, 5, 0));
    }

    #[test]
    fn data_counts_by_its_number_and_halves_with_age() {
        // Ten deliveries of this week weigh as much as the prior.
        let fresh = learned(&[lane("t", "e", now(), 10, 1500)]);
        assert_eq!((fresh.minutes(1000), fresh.cents(1000)), (1250, 1250));
        // Three weeks later, half as much: (10 * 1 + 5 * 1.5) / 15.
        let old = learned(&[lane("t", "e", now().before(3), 10, 1500)]);
        assert!(old.minutes(1000).abs_diff(1167) <= 1, "{}", old.minutes(1000));
        assert_eq!(learned(&[lane("t", "e", now().before(12), 10, 1500)]), learned(&[]));
        // A replay does not know what came later.
        assert_eq!(learned(&[lane("t", "e", now().before(-1), 10, 1500)]), learned(&[]));
        let slow = learned(&[lane("t", "e", now(), 1_000_000, 9999)]);
        assert_eq!(slow.minutes(1000), 3000, "bounded");
    }

    #[test]
    fn the_spread_is_that_of_prior_and_data_together() {
        // Half at 1.0 scattered by 0.1, half at 1.5 exactly: sqrt(0.5 * 0.01 + 0.0625).
        let mixed = learned(&[lane("t", "e", now(), 10, 1500)]);
        assert_eq!(mixed.spread_minutes(10_000), 2599, "0.25981 of the quote");
        let steady = learned(&[lane("t", "e", now(), 1_000_000, 1500)]);
        assert!(steady.spread_minutes(10_000) < 30, "{}", steady.spread_minutes(10_000));
    }

    #[test]
    fn late_deliveries_are_learned() {
        let sums =
            Sums { count: 10, on_time: 5, pace: 10_000, pace_sq: 10_000_000, ..Sums::default() };
        let half = LaneStats { sums, ..lane("t", "e", now(), 1, 1) };
        assert_eq!(learned(&[half]).late_percent, 28, "(10 * 5% + 10 * 50%) / 20, rounded up");
    }

    #[test]
    fn the_tail_falls_from_certainty_to_nothing() {
        for (spare, percent) in
            [(-300, 100), (-100, 84), (-1, 60), (0, 50), (24, 50), (25, 40), (100, 16), (275, 0)]
        {
            assert_eq!(late_percent(spare, 100), percent, "{spare}");
        }
        assert_eq!((late_percent(0, 0), late_percent(-1, 0)), (0, 100));
    }

    proptest! {
        #[test]
        fn an_estimate_lies_between_prior_and_data(
            weeks in proptest::collection::vec((0_i64..16, 0_u64..5000, 500_u64..3000), 0..12),
            quoted in 1_i64..20_000,
        ) {
            let lanes: Vec<_> = weeks
                .iter()
                .map(|(age, count, pace)| lane("t", "e", now().before(*age), *count, *pace))
                .collect();
            let estimate = learned(&lanes);
            let paces = || weeks.iter().map(|(_, _, pace)| *pace).chain([1000]);
            let of = |pace: u64| i64::try_from(pace).unwrap() * quoted / 1000;
            let (least, most) = (of(paces().min().unwrap()), of(paces().max().unwrap()) + 1);
            prop_assert!((least..=most).contains(&estimate.minutes(quoted)));
            prop_assert!((least..=most).contains(&estimate.cents(quoted)));
            prop_assert!((0..=5).contains(&estimate.late_percent), "all were on time");
            // A spread is no more than the range of what it is the spread of, and the prior's.
            let prior = Estimate::prior(&policy().learning).spread_minutes(quoted);
            prop_assert!(estimate.spread_minutes(quoted) <= most - least + prior + 1);
        }

        #[test]
        fn the_order_of_weeks_does_not_matter(
            (some, shuffled) in proptest::collection::vec((0_i64..16, 0_u64..50, 500_u64..3000), 0..8)
                .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        ) {
            let of = |weeks: &[(i64, u64, u64)]| {
                let lanes = weeks.iter().map(|(age, n, pace)| lane("t", "e", now().before(*age), *n, *pace));
                learned(&lanes.collect::<Vec<_>>())
            };
            prop_assert_eq!(of(&some), of(&shuffled));
        }

        #[test]
        fn more_to_spare_is_never_likelier_late(spare in -5000_i64..5000, more in 0_i64..5000, spread in 0_i64..3000) {
            prop_assert!(late_percent(spare + more, spread) <= late_percent(spare, spread));
        }
    }
}
