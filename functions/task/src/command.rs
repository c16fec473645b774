//! The writes that may change a task.

use crate::{
    AttemptId, Checkpoints, Epoch, EventId, Intent, Payload, Reason, ShipmentId, Source, Stage,
    StatusKind, TaskId, TaskRecord, Tenant, Timestamp,
};

/// One write: who, when, and what.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Command {
    /// The task to change.
    pub task: TaskId,
    /// The attempt that writes. It is stored, so that a write whose answer was
    /// lost is recognised when it is repeated.
    pub by: AttemptId,
    /// The writer's clock.
    pub now: Timestamp,
    /// What to do.
    pub action: Action,
}

/// What a fenced write names in its condition. A task that stands anywhere else
/// belongs to someone else now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fence {
    /// The stage the writer believes in.
    pub stage: Stage,
    /// The status the writer believes in.
    pub status: StatusKind,
    /// The epoch the writer read.
    pub epoch: Epoch,
}

impl Fence {
    /// The fence for a write to this very version of a record.
    #[must_use]
    pub const fn of(record: &TaskRecord) -> Self {
        Self { stage: record.stage, status: record.status.kind(), epoch: record.epoch }
    }

    /// The fence of an agent that works from a message, without a claim.
    #[must_use]
    pub const fn pending(stage: Stage, epoch: Epoch) -> Self {
        Self { stage, status: StatusKind::Pending, epoch }
    }

    /// Whether the record is the version that the fence names.
    #[must_use]
    pub fn admits(&self, record: &TaskRecord) -> bool {
        *self == Self::of(record)
    }
}

/// What to do to a task.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Action {
    /// Ingestion makes a task, pending at processing.
    Create(NewTask),
    /// An agent with outside effects takes the task under a lease: from
    /// pending, or from running with a lapsed lease.
    Claim {
        /// The agent's stage.
        stage: Stage,
        /// The invocation's own deadline plus a margin.
        lease_until: Timestamp,
    },
    /// The owner notes an outside effect, done or about to be.
    Checkpoint {
        /// The version it holds; running.
        fence: Fence,
        /// All checkpoints, the new one included.
        checkpoints: Checkpoints,
        /// The call about to be made, or none.
        intent: Option<Intent>,
    },
    /// The one write that ends a stage.
    Commit {
        /// The version it holds: running after a claim, else pending.
        fence: Fence,
        /// Where the task goes.
        next: Next,
    },
    /// A retryable failure: back to pending at the same stage, one failure counted.
    Release {
        /// The version it holds; running or pending.
        fence: Fence,
        /// What went wrong.
        reason: Reason,
    },
    /// A claimed task that cannot go on yet: back to pending, no failure counted,
    /// so that the next try need not wait for the lease.
    Yield {
        /// The version it holds; running.
        fence: Fence,
    },
    /// A permanent failure.
    Fail {
        /// The version it holds; running or pending.
        fence: Fence,
        /// What went wrong.
        reason: Reason,
    },
    /// A person is needed: an agent's ambiguous call, or an operator's wish.
    Hold {
        /// The version it holds; running or pending.
        fence: Fence,
        /// Why.
        reason: Reason,
    },
    /// An operator stops the task: running, pending or held.
    Cancel {
        /// The version the operator saw.
        fence: Fence,
        /// Why.
        reason: Reason,
    },
    /// An operator lets a held or failed task go on where it stopped.
    Resume {
        /// The version the operator saw; held or failed.
        fence: Fence,
        /// What became of the call the intent is about, when there is one.
        answer: Option<Answer>,
    },
    /// Recovery sends the stored message again: pending, or running with a lapsed lease.
    Resend {
        /// The version recovery saw.
        fence: Fence,
    },
}

impl Action {
    /// Whether the protocol has such a write at all: only agents with outside
    /// effects claim, a stage commits from where its agent works and along the
    /// stages' order, and each write starts from certain statuses.
    #[must_use]
    pub fn is_legal(&self) -> bool {
        use StatusKind::{Failed, Held, Pending, Running};
        let from = |fence: &Fence, allowed: &[StatusKind]| allowed.contains(&fence.status);
        match self {
            Self::Create(_) => true,
            Self::Claim { stage, .. } => stage.claims(),
            Self::Checkpoint { fence, .. } | Self::Yield { fence } => from(fence, &[Running]),
            Self::Commit { fence, next } => next.is_legal_from(fence),
            Self::Release { fence, .. }
            | Self::Fail { fence, .. }
            | Self::Hold { fence, .. }
            | Self::Resend { fence } => from(fence, &[Pending, Running]),
            Self::Cancel { fence, .. } => from(fence, &[Pending, Running, Held]),
            Self::Resume { fence, .. } => from(fence, &[Held, Failed]),
        }
    }
}

/// What a create stores.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NewTask {
    /// The shipment it is about.
    pub shipment: ShipmentId,
    /// Whose traffic it is.
    pub tenant: Option<Tenant>,
    /// Where the event came from.
    pub source: Source,
    /// The event's id there.
    pub event: EventId,
    /// What processing needs.
    pub payload: Payload,
    /// W3C trace parent.
    pub trace: Option<String>,
}

/// Where a commit moves a task.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Next {
    /// To another stage, with the message for it.
    Stage {
        /// The next stage.
        stage: Stage,
        /// Its message, stored in the record: the outbox.
        payload: Payload,
    },
    /// To its end.
    Complete,
}

impl Next {
    /// Whether a commit under this fence may go there: an agent that claims
    /// commits what runs, another what is pending, and only along the stages' order.
    #[must_use]
    fn is_legal_from(&self, fence: &Fence) -> bool {
        let from = if fence.stage.claims() { StatusKind::Running } else { StatusKind::Pending };
        let way = match self {
            Self::Stage { stage, .. } => fence.stage.hands_to(*stage),
            Self::Complete => fence.stage == Stage::State,
        };
        way && fence.status == from
    }
}

/// A person's word on a call that may or may not have happened.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Answer {
    /// It did not happen: make it.
    NotDone,
    /// It happened, with this result.
    Done {
        /// The checkpoint's result, as the partner would have answered.
        result: String,
    },
}
