//! The circuit breaker's states, and every way from one to another.
//!
//! ```text
//!            too many failures            the time is over: one environment
//!   closed --------------------> open ------------------------------------> probing
//!     ^                           ^  ^             its probes fail              |
//!     | the last step             |  +------------------------------------------+
//!     |                           | too many failures                           | succeed
//!   closing 50 % <- 25 % <- closing 10 % <--------------------------------------+
//! ```
//!
//! The state is shared and versioned, and written only when it changes: what leads
//! to a change is counted by each environment for itself. Only the environment that
//! wins the write to `probing` calls a partner that was sick; when it dies, its
//! right lapses and another's turn comes. Clocks say when a state is over, so one
//! that is ahead probes early and does no other harm.

use super::terms::BreakerTerms;
use super::window::Window;
use flotilla_task::Timestamp;
use std::time::Duration;

/// How much of the traffic passes at each step of closing, in percent.
pub const STEPS: [u32; 3] = [10, 25, 50];

/// A partner's breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Breaker {
    /// Everything passes.
    #[default]
    Closed,
    /// Nothing does.
    Open {
        /// Until then.
        until: Timestamp,
        /// How often it has opened since it was last closed.
        times: u32,
    },
    /// One environment tries.
    Probing {
        /// Its right to do so lapses then.
        until: Timestamp,
        /// As when it was open.
        times: u32,
    },
    /// A part passes.
    Closing {
        /// Which part: the index in [`STEPS`].
        step: u8,
        /// As when it was open.
        times: u32,
    },
}

/// A breaker as it was read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// Grows with each change; zero where none was ever written.
    pub version: u64,
    /// The state.
    pub breaker: Breaker,
    /// Until when a person has paused the partner; see [`pause`](super::pause).
    pub paused_until: Option<Timestamp>,
}

/// What this environment has done since it learned of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Whether the probing is this environment's.
    pub mine: bool,
    /// Calls that wanted to pass.
    pub asked: u32,
    /// Calls that passed.
    pub passed: u32,
    /// Calls under way.
    pub under_way: u32,
    /// Calls that succeeded.
    pub succeeded: u32,
    /// Calls that failed.
    pub failed: u32,
}

/// Whether a call may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Pass,
    /// Not for that long, by what is known now.
    Wait(Duration),
    /// If this environment wins the write of this state.
    IfMine(Breaker),
}

/// How soon a call that is not let through while the breaker closes asks again.
const NEXT_LOOK: Duration = Duration::from_secs(1);

impl Breaker {
    /// Whether a call may be made now. `tally` counts this call as asked already,
    /// and not as passed. `lease` is how long a probing environment may take.
    #[must_use]
    pub fn admits(
        &self,
        tally: &Tally,
        terms: &BreakerTerms,
        lease: Duration,
        now: Timestamp,
    ) -> Verdict {
        let probing = |times| Verdict::IfMine(Self::Probing { until: now.plus(lease), times });
        match *self {
            Self::Closed => Verdict::Pass,
            Self::Probing { .. } if tally.mine => {
                let probes = tally.under_way + tally.succeeded + tally.failed;
                if probes < terms.probes { Verdict::Pass } else { Verdict::Wait(NEXT_LOOK) }
            }
            Self::Open { until, times } | Self::Probing { until, times } => {
                if until <= now {
                    probing(times)
                } else {
                    Verdict::Wait(now.until(until))
                }
            }
            Self::Closing { step, .. } => {
                // The first always passes, or a fleet with little to do would
                // never find out.
                let percent = STEPS.get(usize::from(step)).copied().unwrap_or(100);
                let due = tally.asked.saturating_mul(percent) / 100;
                if tally.passed <= due { Verdict::Pass } else { Verdict::Wait(NEXT_LOOK) }
            }
        }
    }

    /// What follows from what this environment has counted, if anything does.
    #[must_use]
    pub fn next(
        &self,
        tally: &Tally,
        window: &Window,
        terms: &BreakerTerms,
        now: Timestamp,
    ) -> Option<Self> {
        let open = |times: u32| {
            let times = times.saturating_add(1);
            Some(Self::Open { until: now.plus(terms.open_for(times)), times })
        };
        match *self {
            Self::Closed => window.trips(terms, now).then(|| open(0)).flatten(),
            Self::Probing { times, .. } if tally.mine && tally.failed > 0 => open(times),
            Self::Probing { times, .. } if tally.mine && tally.succeeded >= terms.probes => {
                Some(Self::Closing { step: 0, times })
            }
            Self::Closing { step, times } => {
                let calls = tally.succeeded + tally.failed;
                let sick = tally.failed * 100 >= calls * terms.percent;
                if calls < terms.probes {
                    None
                } else if sick {
                    open(times)
                } else if usize::from(step) + 1 < STEPS.len() {
                    Some(Self::Closing { step: step + 1, times })
                } else {
                    Some(Self::Closed)
                }
            }
            // Answers to calls that were made before it opened change nothing.
            Self::Open { .. } | Self::Probing { .. } => None,
        }
    }

    /// The state's name, for records and logs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open { .. } => "open",
            Self::Probing { .. } => "probing",
            Self::Closing { .. } => "closing",
        }
    }
}

#[cfg(test)]
mod tests;
