//! What this environment has seen of a partner lately.

use super::terms::BreakerTerms;
use flotilla_task::Timestamp;
use std::collections::VecDeque;

/// No more calls than these are remembered; the oldest are forgotten first.
const MOST: usize = 200;

/// Calls and how they ended, the newest last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Window(VecDeque<(Timestamp, bool)>);

impl Window {
    /// Notes that a call ended.
    pub fn note(&mut self, at: Timestamp, failed: bool) {
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back((at, failed));
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether the partner is to be taken for sick.
    #[must_use]
    pub fn trips(&self, terms: &BreakerTerms, now: Timestamp) -> bool {
        let recent = self.0.iter().filter(|(at, _)| at.plus(terms.window) > now);
        let (calls, failures) = recent.fold((0_u32, 0_u32), |(calls, failures), (_, failed)| {
            (calls + 1, failures + u32::from(*failed))
        });
        failures >= terms.failures && failures * 100 >= calls * terms.percent
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::partner::Terms;
    use std::time::Duration;

    const TERMS: BreakerTerms = Terms::DEFAULT.breaker;
    const START: Timestamp = Timestamp::from_millis(1_000_000);

    fn of(calls: &[(u64, bool)]) -> Window {
        let mut window = Window::default();
        for (second, failed) in calls {
            window.note(START.plus(Duration::from_secs(*second)), *failed);
        }
        window
    }

    #[test]
    fn enough_failures_of_enough_calls_trip_it() {
        let failures = |count: u64| (0..count).map(|at| (at, true)).collect::<Vec<_>>();
        let now = START.plus(Duration::from_secs(10));
        assert!(!of(&failures(4)).trips(&TERMS, now), "a few prove nothing");
        assert!(of(&failures(5)).trips(&TERMS, now));
        let mut mixed = failures(5);
        mixed.extend((0..6).map(|at| (at, false)));
        assert!(!of(&mixed).trips(&TERMS, now), "most calls succeed");
        mixed.push((6, true));
        assert!(of(&mixed).trips(&TERMS, now), "half of them fail");
    }

    #[test]
    fn what_is_long_ago_does_not_count() {
        let window = of(&[(0, true), (1, true), (2, true), (3, true), (20, true)]);
        assert!(window.trips(&TERMS, START.plus(Duration::from_secs(29))));
        assert!(!window.trips(&TERMS, START.plus(Duration::from_secs(31))));
    }

    #[test]
    fn it_forgets_the_oldest_first() {
        let mut window = Window::default();
        for at in 0..1000 {
            window.note(START, at < 500);
        }
        assert_eq!(window.0.len(), MOST);
        assert!(!window.trips(&TERMS, START));
    }
}
