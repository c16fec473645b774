//! A person's pause of a partner: part of what the environments share.
//!
//! It stands beside the breaker and changes nothing about it, so that a partner that
//! was sick before the pause is probed after it, and one that was well is called as
//! before. A task that waits for it looks again every now and then, since a person
//! may take the pause back at any moment, and nobody sends word.

use super::{Breaker, Seen};
use flotilla_task::Timestamp;
use std::time::Duration;

/// Until somebody resumes it: 9999-01-01, which no calendar here is late for.
pub const UNTIL_RESUMED: Timestamp = Timestamp::from_millis(253_370_764_800_000);

/// A task looks again after so long at least, and half as long again at most, when
/// those who wait together are spread. So a pause that is taken back is over for all
/// of them within 45 seconds, and the 5 for which a breaker that was read is
/// believed. Each look is a claim and a yield: two write units for each waiting task.
pub const LOOK: Duration = Duration::from_secs(30);

impl Seen {
    /// Until when a person has paused the partner, if that is still to come.
    #[must_use]
    pub fn pause(&self, now: Timestamp) -> Option<Timestamp> {
        self.paused_until.filter(|until| *until > now)
    }

    /// The breaker after a person has taken the pause back. Where it is open it may
    /// be probed at once, for that person knows more than it does; it is never closed
    /// without a probe.
    #[must_use]
    pub fn resumed(&self, now: Timestamp) -> Breaker {
        match self.breaker {
            Breaker::Open { until, times } => Breaker::Open { until: until.min(now), times },
            other @ (Breaker::Closed | Breaker::Probing { .. } | Breaker::Closing { .. }) => other,
        }
    }
}

/// How long a call waits at least that came upon a pause until then.
#[must_use]
pub fn wait(until: Timestamp, now: Timestamp) -> Duration {
    now.until(until).min(LOOK)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn later(seconds: u64) -> Timestamp {
        NOW.plus(Duration::from_secs(seconds))
    }

    #[test]
    fn a_pause_lasts_until_its_moment_and_is_waited_for_in_pieces() {
        let paused = |until| Seen { version: 1, paused_until: Some(until), ..Seen::default() };
        assert_eq!(Seen::default().pause(NOW), None);
        assert_eq!(paused(later(90)).pause(NOW), Some(later(90)));
        assert_eq!(paused(later(90)).pause(later(90)), None);
        assert_eq!(wait(later(90), NOW), LOOK);
        assert_eq!(wait(later(90), later(80)), Duration::from_secs(10));
        assert_eq!(wait(UNTIL_RESUMED, NOW), LOOK);
        assert_eq!(jiff::Timestamp::from(UNTIL_RESUMED).to_string(), "9999-01-01T00:00:00Z");
    }

    #[test]
    fn after_a_pause_an_open_breaker_may_be_probed_at_once_and_nothing_closes_by_itself() {
        let resumed = |breaker| Seen { version: 1, breaker, paused_until: None }.resumed(NOW);
        let open = |until| Breaker::Open { until, times: 3 };
        assert_eq!(resumed(open(later(300))), open(NOW));
        let over = Timestamp::from_millis(5);
        assert_eq!(resumed(open(over)), open(over), "its time was over already");
        for other in [
            Breaker::Closed,
            Breaker::Probing { until: later(6), times: 2 },
            Breaker::Closing { step: 1, times: 2 },
        ] {
            assert_eq!(resumed(other), other);
        }
    }
}
