//! The terms on which a partner is called: data, with their defaults in one place.

use super::Rate;
use flotilla_task::backoff::{Backoff, RetryTerms};
use std::time::Duration;

/// How one partner is called.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// No call takes longer.
    pub time_limit: Duration,
    /// When a call that failed is tried again, and how often.
    pub retry: RetryTerms,
    /// How many calls all environments together may make, where that is limited.
    pub rate: Option<Rate>,
    /// Calls under way at the same time, in each environment: the bulkhead.
    pub concurrency: u32,
    /// When it is left alone.
    pub breaker: BreakerTerms,
}

/// When a partner is taken for sick, and how it is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerTerms {
    /// It opens when so many calls have failed within the window...
    pub failures: u32,
    /// ... and they are at least this share of the calls, in percent.
    pub percent: u32,
    /// How far back failures count.
    pub window: Duration,
    /// An answer that takes longer than this share of the time limit, in percent,
    /// is as good as none.
    pub slow_percent: u32,
    /// How long it stays open the first time; twice as long each time after.
    pub open_for: Duration,
    /// It stays open no longer.
    pub open_limit: Duration,
    /// So many calls must succeed, one environment's, before it begins to close, and
    /// as many at each step of closing.
    pub probes: u32,
}

impl Terms {
    /// A partner of which the file says no more than where it is.
    pub const DEFAULT: Self = Self {
        time_limit: Duration::from_secs(2),
        retry: RetryTerms {
            backoff: Backoff { base: Duration::from_secs(1), limit: Duration::from_secs(300) },
            budget: None,
        },
        rate: None,
        concurrency: 10,
        breaker: BreakerTerms {
            failures: 5,
            percent: 50,
            window: Duration::from_secs(30),
            slow_percent: 80,
            open_for: Duration::from_secs(10),
            open_limit: Duration::from_secs(300),
            probes: 2,
        },
    };

    /// An answer that takes as long as this is as good as none.
    #[must_use]
    pub fn slow(&self) -> Duration {
        self.time_limit * self.breaker.slow_percent / 100
    }
}

impl BreakerTerms {
    /// How long it stays open when it opens for the `times`-th time in a row.
    #[must_use]
    pub fn open_for(&self, times: u32) -> Duration {
        Backoff { base: self.open_for, limit: self.open_limit }.delay(times, 1.0)
    }
}
