//! What calls of partners came to, partner by partner.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The state of a partner whose breaker lets everything pass.
pub(crate) const CLOSED: &str = "closed";

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Called {
    /// The partner answered in time, whatever it said.
    Answered,
    /// It asked for less.
    Throttled,
    /// No answer, a useless one, one that came too late, or a call that was cut off.
    Failed,
}

/// One partner's calls in an invocation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PartnerTally {
    /// How long each call took that was made.
    pub took: Vec<Duration>,
    /// Those of them that failed.
    pub failures: u64,
    /// Those that the partner answered with a request for less.
    pub throttled: u64,
    /// Calls that were not made, because the partner is left alone for now.
    pub postponed: u64,
    /// Its breaker's state as this environment last knew it, or `paused`; empty where
    /// it did not look.
    pub state: &'static str,
}

impl PartnerTally {
    /// Whether it may not be called as usual.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.state.is_empty() && self.state != CLOSED
    }
}

/// The calls of an invocation. Partners are few: they stand in a file.
#[derive(Debug, Default)]
pub struct Calls(Mutex<BTreeMap<String, PartnerTally>>);

impl Calls {
    /// A call was made and has ended.
    pub fn ended(&self, partner: &str, took: Duration, how: Called) {
        self.with(partner, |tally| {
            tally.took.push(took);
            match how {
                Called::Answered => {}
                Called::Throttled => tally.throttled += 1,
                Called::Failed => tally.failures += 1,
            }
        });
    }

    /// A call was not made.
    pub fn postponed(&self, partner: &str) {
        self.with(partner, |tally| tally.postponed += 1);
    }

    /// What state a partner is in.
    pub fn state(&self, partner: &str, state: &'static str) {
        self.with(partner, |tally| tally.state = state);
    }

    fn with(&self, partner: &str, change: impl FnOnce(&mut PartnerTally)) {
        let mut tallies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match tallies.get_mut(partner) {
            Some(tally) => change(tally),
            None => change(tallies.entry(partner.to_owned()).or_default()),
        }
    }

    pub(super) fn take(&self) -> BTreeMap<String, PartnerTally> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
