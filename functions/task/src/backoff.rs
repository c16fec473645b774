//! How long to wait before a retry: exponential with full jitter.
//!
//! Full jitter spreads retries evenly over the window, which empties a partner's
//! queue soonest (Exponential Backoff and Jitter, AWS Architecture Blog).

use std::time::Duration;

/// Grows from `base` by doubling, up to `limit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The window of the first retry.
    pub base: Duration,
    /// The largest window.
    pub limit: Duration,
}

/// How a failure is tried again, where that is not as everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryTerms {
    /// The windows from which the delays are drawn.
    pub backoff: Backoff,
    /// Failures at the stage before the task fails; `None`: as everywhere.
    pub budget: Option<u32>,
}

impl Backoff {
    /// The delay before the retry after `failures` failures. `jitter` is a
    /// uniform random number in `0.0..1.0`; it is an argument so that this stays
    /// pure. Never less than a tenth of the window, so that a retry is a retry later.
    #[must_use]
    pub fn delay(&self, failures: u32, jitter: f64) -> Duration {
        let doublings = failures.saturating_sub(1).min(20);
        let window = self.base.saturating_mul(1 << doublings).min(self.limit);
        window.mul_f64(jitter.clamp(0.1, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BACKOFF: Backoff =
        Backoff { base: Duration::from_secs(1), limit: Duration::from_secs(60) };

    #[test]
    fn the_window_doubles_up_to_the_limit() {
        let windows: Vec<_> = (1..9).map(|n| BACKOFF.delay(n, 1.0).as_secs()).collect();
        assert_eq!(windows, [1, 2, 4, 8, 16, 32, 60, 60]);
    }

    proptest! {
        #[test]
        fn a_delay_is_never_zero_and_never_above_the_limit(n in any::<u32>(), jitter in 0.0..1.0) {
            let delay = BACKOFF.delay(n, jitter);
            prop_assert!(delay >= BACKOFF.base / 10 && delay <= BACKOFF.limit);
        }
    }
}
