//! A task's record: everything the fleet knows about one event's way.

use crate::{
    AttemptId, Epoch, EventId, Failure, Reason, ReasonCode, ShipmentId, Source, Stage, TaskId,
    Tenant, Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of records and messages this release writes. It reads this one
/// and older ones; a newer one is left to a newer release.
pub const SCHEMA_VERSION: u32 = 1;

/// What a stage needs to do its work, as JSON text. The protocol never looks inside.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Payload(String);

impl Payload {
    /// Wraps JSON text.
    #[must_use]
    pub const fn from_json(json: String) -> Self {
        Self(json)
    }

    /// The JSON text.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.0
    }

    /// Reads it as what a stage expects.
    ///
    /// # Errors
    /// A permanent [`Failure`] that names the field: the stage before wrote it,
    /// so reading it again does not help.
    pub fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_str(&self.0).map_err(|error| unreadable("payload", &error))
    }

    /// Writes what the next stage expects.
    ///
    /// # Errors
    /// A permanent [`Failure`] when it cannot be written as JSON.
    pub fn write(value: &impl Serialize) -> Result<Self, Failure> {
        serde_json::to_string(value).map(Self).map_err(|error| unreadable("result", &error))
    }

    /// What an ended task carries: nothing.
    #[must_use]
    pub fn none() -> Self {
        Self("null".to_owned())
    }
}

fn unreadable(what: &str, error: &serde_json::Error) -> Failure {
    Failure::Permanent(Reason::new(ReasonCode::InvalidField, format!("{what}: {error}")))
}

/// Results of outside effects that are already done, by the effect's name.
/// Whoever continues the task reads them instead of repeating the call.
pub type Checkpoints = BTreeMap<String, String>;

/// The note, written before a call to a partner that does not honour
/// idempotency keys, that the call is about to be made.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Intent {
    /// The effect that may have happened.
    pub effect: String,
    /// When the call can no longer be under way.
    pub until: Timestamp,
}

/// Where a task stands at its stage.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Status {
    /// Waits for its stage's message to be worked on.
    Pending,
    /// An attempt (the record's writer) works on it under a lease.
    Running {
        /// When another attempt may try to take it over.
        lease_until: Timestamp,
    },
    /// Waits for a person.
    Held {
        /// The lease that stood when it was held: its owner may still be calling.
        lease_until: Option<Timestamp>,
    },
    /// Went all its way.
    Completed,
    /// Stopped for good at its stage, with a reason; an operator may retry it.
    Failed,
    /// Stopped by an operator.
    Cancelled,
}

/// A [`Status`] without its data: what a condition names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusKind {
    /// See [`Status::Pending`].
    Pending,
    /// See [`Status::Running`].
    Running,
    /// See [`Status::Held`].
    Held,
    /// See [`Status::Completed`].
    Completed,
    /// See [`Status::Failed`].
    Failed,
    /// See [`Status::Cancelled`].
    Cancelled,
}

impl StatusKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Pending, Self::Running, Self::Held, Self::Completed, Self::Failed, Self::Cancelled];

    /// The name in items and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Held => "held",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether the task still has work to do or a person to wait for.
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self {
            Self::Pending | Self::Running | Self::Held => true,
            Self::Completed | Self::Failed | Self::Cancelled => false,
        }
    }
}

impl Status {
    /// The kind of this status.
    #[must_use]
    pub const fn kind(&self) -> StatusKind {
        match self {
            Self::Pending => StatusKind::Pending,
            Self::Running { .. } => StatusKind::Running,
            Self::Held { .. } => StatusKind::Held,
            Self::Completed => StatusKind::Completed,
            Self::Failed => StatusKind::Failed,
            Self::Cancelled => StatusKind::Cancelled,
        }
    }
}

/// One task. A typical one stays under 1 KiB, so that every conditional write
/// costs one write unit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TaskRecord {
    /// Derived from source, event and shipment.
    pub id: TaskId,
    /// The shipment it is about.
    pub shipment: ShipmentId,
    /// Whose traffic it is.
    pub tenant: Option<Tenant>,
    /// Where the event came from.
    pub source: Source,
    /// The event's id there.
    pub event: EventId,
    /// The stage it is at.
    pub stage: Stage,
    /// Where it stands at that stage.
    pub status: Status,
    /// The fencing token; every write raises it.
    pub epoch: Epoch,
    /// The attempt that wrote last; while running, the owner of the lease.
    pub writer: AttemptId,
    /// Failures at this stage so far.
    pub attempts: u32,
    /// How often recovery sent the stored message at this stage.
    pub resends: u32,
    /// The message for the stage that is pending: the outbox of the stage before.
    pub payload: Payload,
    /// Outside effects already done at this stage.
    pub checkpoints: Checkpoints,
    /// A call that may have been made to a partner without idempotency keys.
    pub intent: Option<Intent>,
    /// Why it failed, is held, or last went back.
    pub reason: Option<Reason>,
    /// W3C trace parent, carried from message to message.
    pub trace: Option<String>,
    /// How often it was handed on; stops runaway loops.
    pub hops: u32,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

impl TaskRecord {
    /// When a person's answer may take effect: not before the lease and the
    /// call's own time limit have passed, because the call may still be under way.
    #[must_use]
    pub fn answer_after(&self) -> Timestamp {
        let lease = match self.status {
            Status::Held { lease_until } => lease_until,
            Status::Running { lease_until } => Some(lease_until),
            Status::Pending | Status::Completed | Status::Failed | Status::Cancelled => None,
        };
        let call = self.intent.as_ref().map(|intent| intent.until);
        lease.max(call).unwrap_or_default()
    }
}
