//! Limits that hold messages up.

use serde::{Deserialize, Serialize};

/// A limit of the platform or of the deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Pollers are still being added.
    PollerRamp,
    /// `MaximumConcurrency`, or the most pollers that there may be.
    PollersMost,
    /// What provisioned pollers can fetch: polls and bytes a second.
    PollerThroughput,
    /// Message groups of a FIFO queue that are active.
    Groups,
    /// Environments of the account.
    Account,
    /// How fast a function gets new environments.
    FunctionScaling,
    /// Write units a second of the table.
    TableWrites,
    /// Read units a second of the table.
    TableReads,
    /// Write units a second of one partition key.
    HotKey,
    /// Calls a second that a partner allows.
    PartnerRate,
    /// Calls at a time that a partner allows.
    PartnerAtOnce,
    /// A partner that does not answer.
    PartnerOutage,
    /// The local cloud's one core.
    Server,
}

impl Limit {
    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::PollerRamp => "pollers are still being added",
            Self::PollersMost => "the most batches at once that its pollers may have",
            Self::PollerThroughput => "what its provisioned pollers can fetch",
            Self::Groups => "active message groups of its FIFO queue",
            Self::Account => "environments of the account",
            Self::FunctionScaling => "new environments of a function in 10 seconds",
            Self::TableWrites => "write units of the table",
            Self::TableReads => "read units of the table",
            Self::HotKey => "write units of the hottest partition key",
            Self::PartnerRate => "calls a second that the partner allows",
            Self::PartnerAtOnce => "calls at a time that the partner allows",
            Self::PartnerOutage => "a partner that does not answer",
            Self::Server => "the local cloud's processor",
        }
    }
}

/// A limit that held messages up for a while.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bound {
    /// Which.
    pub limit: Limit,
    /// At which stage messages waited first because of it.
    pub stage: String,
    /// Since when, in seconds.
    pub first: f64,
    /// For how many seconds in all.
    pub seconds: f64,
}
