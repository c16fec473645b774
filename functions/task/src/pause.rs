//! A person's pause of an agent, as it is noted in the table.
//!
//! ```text
//! (no note) -> paused -> resumed, at a part of its maximum -> resumed
//!                ^________________|___________________________|
//! ```
//!
//! What polls the agent's queue is switched outside of the protocol, by the command
//! `flotilla`. The note says why it is off, since when, and what it is to be brought
//! back to, so that a command that died is taken up by the next. Recovery reads it:
//! a task whose agent does not work is not stuck.

use crate::{Stage, Timestamp};
use std::collections::BTreeMap;

/// The note of one agent's pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgentPause {
    /// Grows with each change; 1 at first.
    pub version: u64,
    /// Whether it was resumed.
    pub is_over: bool,
    /// Since when it is paused, or resumed.
    pub at: Timestamp,
    /// While it is resumed step by step: environments that it may use at once in the
    /// end. Until then its queue's mapping has less.
    pub maximum: Option<u32>,
}

/// The notes that there are.
pub type Pauses = BTreeMap<Stage, AgentPause>;

impl AgentPause {
    /// The agent is paused. One that is paused stays so since then, and one that was
    /// resumed in part has still to be brought back to its maximum.
    #[must_use]
    pub fn begun(before: Option<&Self>, now: Timestamp) -> Self {
        let at = before.filter(|note| !note.is_over).map_or(now, |note| note.at);
        let maximum = before.and_then(|note| note.maximum);
        Self { version: next(before), is_over: false, at, maximum }
    }

    /// The agent is resumed. `maximum` where that goes step by step.
    #[must_use]
    pub fn ended(before: Option<&Self>, maximum: Option<u32>, now: Timestamp) -> Self {
        let at = before.filter(|note| note.is_over).map_or(now, |note| note.at);
        Self { version: next(before), is_over: true, at, maximum }
    }

    /// Whether it is resumed step by step and not there yet.
    #[must_use]
    pub const fn climbs(&self) -> bool {
        self.is_over && self.maximum.is_some()
    }

    /// Since when a task of that agent could have gone on; none while it cannot.
    /// After the pause its message may stand at the end of all that piled up.
    #[must_use]
    pub fn idle_since(note: Option<&Self>, updated_at: Timestamp) -> Option<Timestamp> {
        match note {
            None => Some(updated_at),
            Some(note) => note.is_over.then(|| updated_at.max(note.at)),
        }
    }
}

fn next(before: Option<&AgentPause>) -> u64 {
    before.map_or(0, |note| note.version).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(second: u64) -> Timestamp {
        Timestamp::from_millis(second * 1000)
    }

    #[test]
    fn a_pause_that_is_made_twice_began_once_and_keeps_what_to_go_back_to() {
        let paused = AgentPause::begun(None, at(10));
        assert_eq!(paused, AgentPause { version: 1, is_over: false, at: at(10), maximum: None });
        let again = AgentPause::begun(Some(&paused), at(20));
        assert_eq!(again, AgentPause { version: 2, ..paused });
        let climbing = AgentPause::ended(Some(&again), Some(20), at(30));
        assert!(climbing.climbs() && climbing.at == at(30));
        let paused = AgentPause::begun(Some(&climbing), at(40));
        assert_eq!((paused.maximum, paused.at, paused.climbs()), (Some(20), at(40), false));
        let there = AgentPause::ended(Some(&climbing), None, at(50));
        assert_eq!((there.at, there.climbs()), (at(30), false), "it was resumed then");
    }

    #[test]
    fn nothing_is_idle_while_its_agent_is_paused() {
        let paused = AgentPause::begun(None, at(10));
        let over = AgentPause::ended(Some(&paused), None, at(90));
        assert_eq!(AgentPause::idle_since(None, at(5)), Some(at(5)));
        assert_eq!(AgentPause::idle_since(Some(&paused), at(5)), None);
        assert_eq!(AgentPause::idle_since(Some(&over), at(5)), Some(at(90)));
        assert_eq!(AgentPause::idle_since(Some(&over), at(95)), Some(at(95)));
    }
}
