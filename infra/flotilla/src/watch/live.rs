//! What the parts of a run tell each other while it lasts.

use crate::cloud::queues::Depth;
use crate::cloud::table::Standing;
use crate::generate::Plan;
use flotilla_task::{Stage, StatusKind};
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

/// The state of a run. One thread runs all parts, so a cell suffices.
#[derive(Debug, Default)]
pub(crate) struct Live {
    /// Messages that SQS took.
    pub(crate) sent: usize,
    /// Messages there are.
    pub(crate) to_send: usize,
    /// Whether the last one is sent.
    pub(crate) all_sent: bool,
    /// Function processes really killed.
    pub(crate) kills: u32,
    /// Function processes to kill.
    pub(crate) kills_wanted: u32,
    /// Depth of each stage's queue.
    pub(crate) depths: BTreeMap<Stage, Depth>,
    /// Messages in each stage's dead-letter queue.
    pub(crate) dead: BTreeMap<Stage, u64>,
    /// Tasks by stage and status, at the last count.
    pub(crate) standing: Standing,
    /// Each message that SQS took, by its place in the plan, with the time of its
    /// answer in milliseconds since 1970.
    pub(crate) taken: Vec<(usize, u64)>,
    /// Every look at the queues.
    pub(crate) looks: Vec<Look>,
    /// Since when no task is open, after the last message was sent.
    pub(crate) settled_at_ms: Option<u64>,
    /// Whether the watch has ended.
    pub(crate) over: bool,
}

/// How deep the queues were at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Look {
    /// In milliseconds since 1970.
    pub(crate) at_ms: u64,
    /// Depth of each stage's queue.
    pub(crate) depths: BTreeMap<Stage, Depth>,
}

impl Live {
    pub(crate) fn new(plan: &Plan, kills_wanted: u32) -> Self {
        Self { to_send: plan.messages.len(), kills_wanted, ..Self::default() }
    }

    /// Tasks in a status, at one stage or at all.
    pub(crate) fn tasks(&self, at: Option<Stage>, status: StatusKind) -> u64 {
        let here = |(stage, kind): &(Stage, StatusKind)| {
            *kind == status && at.is_none_or(|at| at == *stage)
        };
        self.standing.iter().filter(|(place, _)| here(place)).map(|(_, count)| count).sum()
    }

    /// Tasks that somebody has to work on. Held ones wait for a person.
    pub(crate) fn unfinished(&self) -> u64 {
        self.tasks(None, StatusKind::Pending) + self.tasks(None, StatusKind::Running)
    }

    /// Messages in all queues that are not dead-letter queues.
    pub(crate) fn queued(&self) -> u64 {
        self.depths.values().map(Depth::all).sum()
    }
}

/// This machine's clock, in milliseconds since 1970.
#[must_use]
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
