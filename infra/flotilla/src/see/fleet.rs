//! What the fleet is doing at one moment, gathered without scanning the table.
//!
//! ```text
//! given    which sources and partners there are
//! gather   asks the cloud
//! recent   what agents counted of late            (pure)
//! policy   whether the newest document counts     (pure)
//! needs    what needs a person, and what helps    (pure)
//! words    sentences for people                   (pure)
//! json     the same for programs                  (pure)
//! ```

pub mod gather;
pub mod given;
pub mod json;
pub mod needs;
pub mod policy;
pub mod recent;
pub mod words;

use crate::cloud::attention::Newest;
use crate::cloud::logs::Invocation;
use crate::cloud::partners::PartnerState;
use crate::cloud::queues::Depth;
use flotilla_task::{AgentPause, Source, Stage, Timestamp};
use policy::Policy;
use recent::Recent;

/// The fleet at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// When it was looked at.
    pub at: Timestamp,
    /// Each agent, in the order in which a task meets them.
    pub agents: Vec<Agent>,
    /// Each partner.
    pub partners: Vec<PartnerState>,
    /// Whether the newest policy document counts.
    pub policy: Policy,
    /// Tasks that failed, until they expire or go on.
    pub failed: Counted,
    /// Tasks that wait for a person.
    pub held: Counted,
    /// Events that wait until somebody says which shipment they belong to.
    pub parked: Counted,
    /// The sources that could not be pulled.
    pub sources: Vec<Failing>,
    /// What could not be found out, and why.
    pub unknown: Vec<String>,
}

/// An agent at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Agent {
    /// Which.
    pub stage: Stage,
    /// What is in its queue.
    pub depth: Depth,
    /// What is in its dead-letter queue.
    pub dead_letters: u64,
    /// Whether its queue is polled, or about to be.
    pub polls: bool,
    /// What Lambda says of that: `Enabled`, `Disabled`, or on the way.
    pub mapping: String,
    /// Environments it may use at once, where that is limited.
    pub maximum: Option<u32>,
    /// The note of its pause, or of its last one.
    pub pause: Option<AgentPause>,
    /// What it did of late; none where its log cannot be read.
    pub recent: Option<Recent>,
    /// The invocations behind that, the oldest first.
    pub invocations: Vec<Invocation>,
}

/// A number that was counted up to a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counted {
    /// So many were seen.
    pub count: u64,
    /// Whether there are more.
    pub more: bool,
}

/// A source that could not be pulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    /// Its name.
    pub source: Source,
    /// Why the last pull failed.
    pub problem: String,
    /// When that was.
    pub at: Timestamp,
    /// So many pulls in a row.
    pub failures: u32,
}

impl Agent {
    /// What it has to do, once it can.
    #[must_use]
    pub const fn waiting(&self) -> u64 {
        self.depth.visible + self.depth.delayed
    }

    /// What its note says that is not over: it is paused, or comes back step by step.
    #[must_use]
    pub fn noted(&self) -> Option<&AgentPause> {
        self.pause.as_ref().filter(|note| !note.is_over || note.climbs())
    }
}

impl From<&Newest> for Counted {
    fn from(newest: &Newest) -> Self {
        Self { count: newest.entries.len() as u64, more: newest.more }
    }
}

/// A fleet in good order, for tests.
#[cfg(test)]
pub(crate) fn calm(at: Timestamp) -> Snapshot {
    let agent = |stage| Agent {
        stage,
        depth: Depth::default(),
        dead_letters: 0,
        polls: true,
        mapping: "Enabled".to_owned(),
        maximum: Some(10),
        pause: None,
        recent: Some(Recent::default()),
        invocations: Vec::new(),
    };
    let partner = |name: &str| PartnerState {
        partner: name.to_owned(),
        breaker: flotilla_shipment::partner::Breaker::Closed,
        pause: None,
    };
    Snapshot {
        at,
        agents: Stage::ALL.map(agent).into(),
        partners: ["steady", "swift"].map(partner).into(),
        policy: Policy::Counts,
        failed: Counted::default(),
        held: Counted::default(),
        parked: Counted::default(),
        sources: Vec::new(),
        unknown: Vec::new(),
    }
}
