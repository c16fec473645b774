//! The five stages a task passes, and which hands to which.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One agent's part of a task's way. The names are also those of the queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Turns what comes from outside into tasks. No task is ever *at* this
    /// stage; it is where a create comes from.
    Ingestion,
    /// Validates, normalises and enriches.
    Processing,
    /// Applies the policy.
    Decision,
    /// Carries the decision out at partners.
    Communication,
    /// Remembers.
    State,
}

impl Stage {
    /// Every stage, in the order a task meets them.
    pub const ALL: [Self; 5] =
        [Self::Ingestion, Self::Processing, Self::Decision, Self::Communication, Self::State];

    /// Whether work at this stage has effects outside, so that it is claimed
    /// under a lease first. The others commit straight from pending: one write
    /// instead of two, and a duplicate wastes work without changing the result.
    #[must_use]
    pub const fn claims(self) -> bool {
        match self {
            Self::Communication => true,
            Self::Ingestion | Self::Processing | Self::Decision | Self::State => false,
        }
    }

    /// Whether a commit at this stage may move a task to `next`.
    /// Communication hands back to decision when another task changed the
    /// booking slot, or a carrier refused.
    #[must_use]
    pub const fn hands_to(self, next: Self) -> bool {
        match (self, next) {
            (Self::Ingestion, Self::Processing)
            | (Self::Processing, Self::Decision)
            | (Self::Decision | Self::Communication, Self::State)
            | (Self::Decision, Self::Communication)
            | (Self::Communication, Self::Decision) => true,
            (
                Self::Ingestion,
                Self::Ingestion | Self::Decision | Self::Communication | Self::State,
            )
            | (
                Self::Processing,
                Self::Ingestion | Self::Processing | Self::Communication | Self::State,
            )
            | (Self::Decision, Self::Ingestion | Self::Processing | Self::Decision)
            | (Self::Communication, Self::Ingestion | Self::Processing | Self::Communication)
            | (Self::State, _) => false,
        }
    }

    /// The name in messages, items, queues and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ingestion => "ingestion",
            Self::Processing => "processing",
            Self::Decision => "decision",
            Self::Communication => "communication",
            Self::State => "state",
        }
    }

    /// The stage of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == name)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
