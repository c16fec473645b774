//! A partner's terms as they stand in the file: each may be left out.

use flotilla_shipment::partner::{Rate, Terms};
use serde::Deserialize;
use serde::de::Error as _;
use std::time::Duration;

/// Longer than any call or window makes sense: an hour.
const LONGEST_MS: u64 = 3_600_000;

/// `[terms]`: what is not said is as it is for everyone.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TermsFile {
    time_limit_ms: Option<Whole<1, 60_000>>,
    concurrency: Option<Whole<1, 1000>>,
    #[serde(default)]
    retry: Retry,
    rate: Option<RateFile>,
    #[serde(default)]
    breaker: BreakerFile,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Retry {
    base_ms: Option<Whole<1, LONGEST_MS>>,
    limit_ms: Option<Whole<1, LONGEST_MS>>,
    budget: Option<Whole<1, 1000>>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct RateFile {
    per_second: PerSecond,
    burst: Whole<1, 100_000>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct BreakerFile {
    failures: Option<Whole<1, 200>>,
    percent: Option<Whole<1, 100>>,
    window_ms: Option<Whole<1, LONGEST_MS>>,
    slow_percent: Option<Whole<1, 100>>,
    open_ms: Option<Whole<1, LONGEST_MS>>,
    open_limit_ms: Option<Whole<1, LONGEST_MS>>,
    probes: Option<Whole<1, 100>>,
}

/// A whole number within bounds.
#[derive(Debug, Clone, Copy)]
struct Whole<const LO: u64, const HI: u64>(u64);

impl<'de, const LO: u64, const HI: u64> Deserialize<'de> for Whole<LO, HI> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let number = i64::deserialize(from)?;
        let fits = u64::try_from(number).ok().filter(|number| (LO..=HI).contains(number));
        fits.map(Self).ok_or_else(|| {
            D::Error::custom(format!("expected a whole number from {LO} to {HI}, got {number}"))
        })
    }
}

/// A positive number of calls.
#[derive(Debug, Clone, Copy)]
struct PerSecond(f64);

impl<'de> Deserialize<'de> for PerSecond {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(from)?;
        let fits = (0.001..=100_000.0).contains(&number).then_some(Self(number));
        fits.ok_or_else(|| {
            D::Error::custom(format!("per_second: expected 0.001 to 100000, got {number}"))
        })
    }
}

impl TermsFile {
    /// These terms, and where they say nothing, those.
    pub(super) fn over(self, base: Terms) -> Terms {
        let mut terms = base;
        time(&mut terms.time_limit, self.time_limit_ms);
        count(&mut terms.concurrency, self.concurrency);
        time(&mut terms.retry.backoff.base, self.retry.base_ms);
        time(&mut terms.retry.backoff.limit, self.retry.limit_ms);
        if let Some(budget) = self.retry.budget {
            count(terms.retry.budget.insert(0), Some(budget));
        }
        if let Some(rate) = self.rate {
            let mut burst = 0;
            count(&mut burst, Some(rate.burst));
            terms.rate = Some(Rate { per_second: rate.per_second.0, burst });
        }
        count(&mut terms.breaker.failures, self.breaker.failures);
        count(&mut terms.breaker.percent, self.breaker.percent);
        time(&mut terms.breaker.window, self.breaker.window_ms);
        count(&mut terms.breaker.slow_percent, self.breaker.slow_percent);
        time(&mut terms.breaker.open_for, self.breaker.open_ms);
        time(&mut terms.breaker.open_limit, self.breaker.open_limit_ms);
        count(&mut terms.breaker.probes, self.breaker.probes);
        terms
    }
}

fn time<const LO: u64, const HI: u64>(at: &mut Duration, said: Option<Whole<LO, HI>>) {
    if let Some(Whole(millis)) = said {
        *at = Duration::from_millis(millis);
    }
}

fn count<const LO: u64, const HI: u64>(at: &mut u32, said: Option<Whole<LO, HI>>) {
    if let Some(Whole(number)) = said {
        *at = u32::try_from(number).unwrap_or(u32::MAX);
    }
}
