//! What the parts of a running demo tell each other.

use crate::cloud::queues::Depth;
use crate::cloud::table::Standing;
use crate::generate::Plan;
use flotilla_task::{Stage, StatusKind};
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

/// The state of a running demo. One thread runs all parts, so a cell suffices.
#[derive(Debug, Default)]
pub(super) struct Live {
    /// Messages that SQS took.
    pub(super) sent: usize,
    /// Messages there are.
    pub(super) to_send: usize,
    /// Whether the last one is sent.
    pub(super) all_sent: bool,
    /// Function processes really killed.
    pub(super) kills: u32,
    /// Function processes to kill.
    pub(super) kills_wanted: u32,
    /// Depth of each stage's queue.
    pub(super) depths: BTreeMap<Stage, Depth>,
    /// Messages in each stage's dead-letter queue.
    pub(super) dead: BTreeMap<Stage, u64>,
    /// Tasks by stage and status, at the last count.
    pub(super) standing: Standing,
    /// Whether the watch has ended.
    pub(super) over: bool,
}

impl Live {
    pub(super) fn new(plan: &Plan, kills_wanted: u32) -> Self {
        Self { to_send: plan.messages.len(), kills_wanted, ..Self::default() }
    }

    /// Tasks in a status, at one stage or at all.
    pub(super) fn tasks(&self, at: Option<Stage>, status: StatusKind) -> u64 {
        let here = |(stage, kind): &(Stage, StatusKind)| {
            *kind == status && at.is_none_or(|at| at == *stage)
        };
        self.standing.iter().filter(|(place, _)| here(place)).map(|(_, count)| count).sum()
    }

    /// Tasks that somebody has to work on. Held ones wait for a person.
    pub(super) fn unfinished(&self) -> u64 {
        self.tasks(None, StatusKind::Pending) + self.tasks(None, StatusKind::Running)
    }

    /// Messages in all queues that are not dead-letter queues.
    pub(super) fn queued(&self) -> u64 {
        self.depths.values().map(|d| d.visible + d.in_flight + d.delayed).sum()
    }
}

/// This machine's clock, in milliseconds since 1970.
#[must_use]
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
