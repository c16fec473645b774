//! A storm: while it lasts, processes are killed one after the other and calls
//! between the functions and the cloud go wrong.

use crate::cloud::logs::Invocations;
use crate::error::Error;
use crate::partners::Partners;
use crate::wire::{Seen, Wire};
use serde::Serialize;
use std::time::Duration;

/// How bad it gets.
#[derive(Debug, Clone)]
pub struct Storm {
    /// The proxy that makes calls go wrong.
    pub wire: Wire,
    /// How long it lasts, from the first message on.
    pub lasts: Duration,
    /// Whether it is to show every kind of survival, for which a short one does not
    /// suffice.
    pub shows_all: bool,
}

/// The carriers of the stand-in world take their time, so that a kill often hits a
/// call under way, and its task is taken over.
pub(super) async fn slow_down(partners: &Partners) -> Result<(), Error> {
    for carrier in ["swift", "steady", "tortoise"] {
        partners.slow_down(carrier, 200, 900).await?;
    }
    Ok(())
}

/// What a storm did, and what the fleet did about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// Function processes killed.
    pub kills: u32,
    /// Tasks at the end that nobody had finished and nobody waits for.
    pub stuck: u64,
    /// What the wire saw.
    #[serde(flatten)]
    pub seen: Seen,
    /// Stored messages that were sent again, as far as the functions lived to say.
    pub resent: u64,
    /// Records that were replays of work already done, as far as they lived to say.
    pub replayed: u64,
    /// Whether all of it was to happen: see [`Storm::shows_all`].
    pub shows_all: bool,
}

impl Damage {
    /// Puts together what was counted in three places.
    #[must_use]
    pub fn new(
        storm: &Storm,
        (kills, stuck): (u32, u64),
        seen: Seen,
        counted: Option<&Invocations>,
    ) -> Self {
        let (resent, replayed) = counted.map_or((0, 0), |sum| (sum.resent, sum.replayed));
        Self { kills, stuck, seen, resent, replayed, shows_all: storm.shows_all }
    }

    /// What was to happen and did not once, so that the run shows nothing about it.
    #[must_use]
    pub fn unseen(&self) -> Vec<&'static str> {
        if !self.shows_all {
            return Vec::new();
        }
        let counts = [
            (u64::from(self.kills), "kills"),
            (self.seen.takeovers, "takeovers"),
            (self.seen.fenced, "fenced writes"),
            (self.resent, "resends"),
        ];
        counts.iter().filter(|(count, _)| *count == 0).map(|(_, what)| *what).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_storm_that_missed_something_says_what() {
        let wire = Wire::new("http://127.0.0.1:1").unwrap();
        let storm = Storm { wire, lasts: Duration::ZERO, shows_all: true };
        let seen = Seen { takeovers: 1, ..Seen::default() };
        let damage = Damage::new(&storm, (3, 0), seen.clone(), None);
        assert_eq!(damage.unseen(), ["fenced writes", "resends"]);
        let counted = Invocations { resent: 2, ..Invocations::default() };
        let seen = Seen { fenced: 1, ..seen };
        assert_eq!(Damage::new(&storm, (3, 0), seen, Some(&counted)).unseen(), [""; 0]);
        assert_eq!(Damage { shows_all: false, ..damage }.unseen(), [""; 0], "a short one");
    }
}
