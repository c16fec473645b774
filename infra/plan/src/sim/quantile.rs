//! Latencies by weight: a histogram in steps of two per cent, so that a quantile is at
//! most one per cent off.

use serde::{Deserialize, Serialize};

/// A step between two buckets.
const STEP: f64 = 1.02;
/// Everything shorter is counted as this, in seconds.
const SHORTEST: f64 = 1e-4;

/// Weights by latency.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Spectrum {
    buckets: Vec<f64>,
    total: f64,
    longest: f64,
}

/// What half, all but a twentieth and all but a hundredth stay below, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    /// Half.
    pub p50: f64,
    /// All but a twentieth.
    pub p95: f64,
    /// All but a hundredth.
    pub p99: f64,
    /// The longest.
    pub longest: f64,
}

impl Spectrum {
    /// Adds so much of a latency.
    pub fn add(&mut self, seconds: f64, weight: f64) {
        let steps = (seconds.max(SHORTEST) / SHORTEST).ln() / STEP.ln();
        let place = steps as usize;
        if self.buckets.len() <= place {
            self.buckets.resize(place + 1, 0.0);
        }
        if let Some(bucket) = self.buckets.get_mut(place) {
            *bucket += weight;
        }
        self.total += weight;
        self.longest = self.longest.max(seconds);
    }

    /// The latency that a share stays below.
    #[must_use]
    pub fn quantile(&self, share: f64) -> f64 {
        let wanted = self.total * share;
        let mut sum = 0.0;
        for (place, weight) in self.buckets.iter().enumerate() {
            sum += weight;
            if sum >= wanted && *weight > 0.0 {
                return (SHORTEST * STEP.powf(place as f64 + 0.5)).min(self.longest);
            }
        }
        self.longest
    }

    /// The usual ones; none of nothing.
    #[must_use]
    pub fn quantiles(&self) -> Option<Quantiles> {
        (self.total > 0.0).then(|| Quantiles {
            p50: self.quantile(0.5),
            p95: self.quantile(0.95),
            p99: self.quantile(0.99),
            longest: self.longest,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_at_most_a_hundredth_off() {
        let mut all = Spectrum::default();
        for ms in 1..=10_000 {
            all.add(f64::from(ms) / 1e3, 2.0);
        }
        let found = all.quantiles().unwrap();
        for (found, expected) in [(found.p50, 5.0), (found.p95, 9.5), (found.p99, 9.9)] {
            assert!((found / expected - 1.0f64).abs() < 0.011, "{found} {expected}");
        }
        assert_eq!(found.longest, 10.0);
        assert_eq!(Spectrum::default().quantiles(), None);
    }
}
