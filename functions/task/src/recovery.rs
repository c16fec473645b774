//! What recovery does about an open task that may have lost its message.
//!
//! Pure, so that the model checks the decision that the scan carries out.

use crate::{
    Action, AgentPause, AttemptId, Fence, Reason, ReasonCode, Status, TaskRecord, Timestamp,
};
use std::time::Duration;

/// The stored message is sent again so often, then the task fails.
pub const MAX_RESENDS: u32 = 3;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// Nothing: it is not stuck.
    Leave,
    /// Send the stored message: this very scan has written, and its send did not
    /// come to pass.
    Send,
    /// Write; where the task is pending after it, send the stored message.
    Write(Action),
}

/// What the scan `by` does about a record. A task that was not written for
/// `idle` is stuck, because no backlog explains it; but a `pause` of the agent that
/// it stands at does, and the time that it took does not count.
#[must_use]
pub fn remedy(
    record: &TaskRecord,
    by: &AttemptId,
    idle: Duration,
    pause: Option<&AgentPause>,
    now: Timestamp,
) -> Remedy {
    if record.writer == *by {
        return Remedy::Send;
    }
    if !is_stuck(record, idle, pause, now) {
        return Remedy::Leave;
    }
    let fence = Fence::of(record);
    if record.resends < MAX_RESENDS {
        return Remedy::Write(Action::Resend { fence });
    }
    let text = format!("no progress after its message was sent {MAX_RESENDS} more times");
    Remedy::Write(Action::Fail { fence, reason: Reason::new(ReasonCode::Unrecovered, text) })
}

fn is_stuck(
    record: &TaskRecord,
    idle: Duration,
    pause: Option<&AgentPause>,
    now: Timestamp,
) -> bool {
    let since = AgentPause::idle_since(pause, record.updated_at);
    let is_idle = since.is_some_and(|since| since.plus(idle) <= now);
    match record.status {
        Status::Pending => is_idle,
        Status::Running { lease_until } => is_idle && lease_until <= now,
        Status::Held { .. } | Status::Completed | Status::Failed | Status::Cancelled => false,
    }
}
