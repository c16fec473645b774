//! What an agent did of late, from the line that each of its invocations logs.

use crate::cloud::logs::Invocation;
use crate::counts::float;
use flotilla_task::Timestamp;
use std::time::Duration;

/// Sums over a window of time.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Recent {
    /// Invocations that ended.
    pub invocations: u64,
    /// Records they received.
    pub records: u64,
    /// Records a second.
    pub per_second: f64,
    /// The slowest way of a record from being sent to being done, in milliseconds.
    pub slowest_ms: Option<u64>,
    /// Records that were not done: they went back to the queue.
    pub failures: u64,
}

impl Recent {
    /// Sums up the invocations that ended within `window` before `at`.
    #[must_use]
    pub fn of(all: &[Invocation], at: Timestamp, window: Duration) -> Self {
        let window_ms = u64::try_from(window.as_millis()).unwrap_or(u64::MAX).max(1);
        let from = at.as_millis().saturating_sub(window_ms);
        let mut recent = Self::default();
        for one in all.iter().filter(|one| one.ended_at_ms > from) {
            recent.invocations += 1;
            recent.records += one.records;
            recent.failures += failures(one);
            recent.slowest_ms = recent.slowest_ms.max(Some(latency_ms(one)));
        }
        recent.per_second = float(recent.records) * 1000.0 / float(window_ms);
        recent
    }
}

/// What of an invocation counts as failed.
#[must_use]
pub const fn failures(one: &Invocation) -> u64 {
    one.returned
}

/// How long the slowest record of an invocation took, from being sent to being done.
#[must_use]
pub const fn latency_ms(one: &Invocation) -> u64 {
    one.oldest_ms.saturating_add(one.took_ms)
}

/// The slowest record of each of `bars` equal parts of the window before `at`, the
/// oldest first; none where nothing ended.
#[must_use]
pub fn slowest_over_time(
    all: &[Invocation],
    at: Timestamp,
    window: Duration,
    bars: usize,
) -> Vec<Option<u64>> {
    let window_ms = u64::try_from(window.as_millis()).unwrap_or(u64::MAX);
    let mut slowest = vec![None; bars];
    for one in all {
        let age = at.as_millis().saturating_sub(one.ended_at_ms);
        let back = age.saturating_mul(bars as u64) / window_ms.max(1);
        let place = usize::try_from(back).ok().and_then(|back| bars.checked_sub(back + 1));
        if let Some(bar) = place.and_then(|place| slowest.get_mut(place)) {
            *bar = (*bar).max(Some(latency_ms(one)));
        }
    }
    slowest
}

/// An invocation for tests.
#[cfg(test)]
pub(crate) fn invocation(ended_at_ms: u64, records: u64, oldest_ms: u64) -> Invocation {
    let line = format!(
        r#"{{"message":"invocation","Records":{records},"QueueWait":[{oldest_ms}],"HandlerTime":20,"Returned":1}}"#
    );
    Invocation::read(flotilla_task::Stage::Decision, ended_at_ms, &line).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    #[test]
    fn only_the_window_counts() {
        let all = [
            invocation(989_999, 100, 9_000),
            invocation(991_000, 10, 300),
            invocation(999_000, 5, 80),
        ];
        let recent = Recent::of(&all, NOW, Duration::from_secs(10));
        assert_eq!((recent.invocations, recent.records, recent.failures), (2, 15, 2));
        assert!((recent.per_second - 1.5).abs() < 1e-9, "{recent:?}");
        assert_eq!(recent.slowest_ms, Some(320));
        assert_eq!(Recent::of(&[], NOW, Duration::ZERO), Recent::default());
    }

    #[test]
    fn bars_stand_in_the_order_of_time() {
        let all = [invocation(980_001, 1, 100), invocation(999_999, 1, 200), invocation(1, 1, 9)];
        let bars = slowest_over_time(&all, NOW, Duration::from_secs(20), 4);
        assert_eq!(bars, [Some(120), None, None, Some(220)]);
        // A clock that is ahead of this one.
        let ahead = slowest_over_time(&[invocation(2_000_000, 1, 5)], NOW, Duration::MAX, 2);
        assert_eq!(ahead, [None, Some(25)]);
    }
}
