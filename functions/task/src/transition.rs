//! The one function that changes a task.
//!
//! ```text
//!              create                 claim (agents with outside effects)
//!   (nothing) --------> pending <---------------------------> running
//!                        |  ^ ^      release, resend            | |
//!      commit: next stage|  | |                    checkpoint <-+ | commit
//!                        +--+ |                                   v
//!                             | resume            next stage, pending, or completed
//!        held, failed --------+
//!   running --yield--> pending (nothing failed, it only has to wait)
//!   pending, running --hold--> held     pending, running --fail--> failed
//!   pending, running, held --cancel--> cancelled
//! ```
//!
//! Every write but create and claim names stage, status and epoch of the version
//! it was made for, and raises the epoch. A command that has been applied
//! already, by the same attempt, is answered as applied: that is how a write
//! whose answer was lost is repeated safely.

use crate::{
    Action, Answer, Checkpoints, Command, Epoch, Fence, Intent, NewTask, Next, Payload, Reason,
    Stage, Status, StatusKind, TaskRecord, Timestamp,
};

/// What a command does to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transition {
    /// The record after the write.
    Applied(TaskRecord),
    /// The write must not happen.
    Refused(Refusal),
}

/// Why a write was refused. What it means for the message is
/// [`replay`](crate::replay())'s business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such task.
    Absent,
    /// The task was created before: perhaps a duplicate, perhaps a crash before the send.
    Exists,
    /// Another attempt holds a live lease.
    Busy {
        /// When it lapses.
        until: Timestamp,
    },
    /// The task is not the version the writer held: someone with a newer epoch owns it.
    Fenced,
    /// The protocol has no such write from there.
    Forbidden,
    /// A call may still be under way; a person's answer counts from then on.
    TooEarly {
        /// From when on.
        after: Timestamp,
    },
    /// Whether a call happened is unknown: the command needs an answer.
    NeedsAnswer,
}

use Transition::{Applied, Refused};

/// Applies a command to the record as it stands. Pure: the in-memory store runs
/// it, the DynamoDB conditions are written from it, the model checks it.
#[must_use]
pub fn transition(record: Option<&TaskRecord>, command: &Command) -> Transition {
    match (record, &command.action) {
        (None, Action::Create(new)) => Applied(created(command, new)),
        (None, _) => Refused(Refusal::Absent),
        (Some(_), action) if !action.is_legal() => Refused(Refusal::Forbidden),
        (Some(record), _) if applied_already(record, command) => Applied(record.clone()),
        (Some(_), Action::Create(_)) => Refused(Refusal::Exists),
        (Some(record), Action::Claim { stage, lease_until }) => {
            claim(record, command, *stage, *lease_until)
        }
        (Some(record), Action::Checkpoint { fence, checkpoints, intent }) => {
            fenced(record, fence, || {
                checkpoint(written(record, command), checkpoints, intent.as_ref())
            })
        }
        (Some(record), Action::Commit { fence, next }) => commit(record, command, fence, next),
        (Some(record), Action::Release { fence, reason }) => {
            fenced(record, fence, || release(written(record, command), reason))
        }
        (Some(record), Action::Yield { fence }) => fenced(record, fence, || TaskRecord {
            status: Status::Pending,
            ..written(record, command)
        }),
        (Some(record), Action::Fail { fence, reason }) => {
            fenced(record, fence, || ended(written(record, command), Status::Failed, reason))
        }
        (Some(record), Action::Hold { fence, reason }) => {
            fenced(record, fence, || hold(written(record, command), reason))
        }
        (Some(record), Action::Cancel { fence, reason }) => {
            fenced(record, fence, || cancel(written(record, command), reason))
        }
        (Some(record), Action::Resume { fence, answer }) => {
            resume(record, command, fence, answer.as_ref())
        }
        (Some(record), Action::Resend { fence }) => resend(record, command, fence),
    }
}

/// Whether this very attempt has made this very write. The writer's id is new
/// for each attempt and the epoch grows with each write; what the write leaves
/// behind tells it from another one that the same attempt tried there before.
fn applied_already(record: &TaskRecord, command: &Command) -> bool {
    if record.writer != command.by {
        return false;
    }
    let kind = record.status.kind();
    let leaves = |fence: &Fence, status: StatusKind| {
        record.epoch == fence.epoch.next() && record.stage == fence.stage && kind == status
    };
    match &command.action {
        Action::Create(_) => record.epoch == Epoch::INITIAL,
        Action::Claim { stage, .. } => record.stage == *stage && kind == StatusKind::Running,
        Action::Checkpoint { fence, checkpoints, intent } => {
            leaves(fence, StatusKind::Running)
                && record.checkpoints == *checkpoints
                && record.intent == *intent
        }
        Action::Commit { fence, next: Next::Stage { stage, payload } } => {
            record.epoch == fence.epoch.next()
                && record.stage == *stage
                && kind == StatusKind::Pending
                && record.payload == *payload
        }
        Action::Commit { fence, next: Next::Complete } => leaves(fence, StatusKind::Completed),
        Action::Release { fence, .. }
        | Action::Yield { fence }
        | Action::Resume { fence, .. }
        | Action::Resend { fence } => leaves(fence, StatusKind::Pending),
        Action::Fail { fence, .. } => leaves(fence, StatusKind::Failed),
        Action::Hold { fence, .. } => leaves(fence, StatusKind::Held),
        Action::Cancel { fence, .. } => leaves(fence, StatusKind::Cancelled),
    }
}

/// Applies a change only to the version the fence names.
fn fenced(record: &TaskRecord, fence: &Fence, change: impl FnOnce() -> TaskRecord) -> Transition {
    if !fence.admits(record) {
        return Refused(Refusal::Fenced);
    }
    Applied(change())
}

/// What every write does: raise the epoch, leave its author and its time.
fn written(record: &TaskRecord, command: &Command) -> TaskRecord {
    TaskRecord {
        epoch: record.epoch.next(),
        writer: command.by.clone(),
        updated_at: command.now,
        ..record.clone()
    }
}

fn created(command: &Command, new: &NewTask) -> TaskRecord {
    TaskRecord {
        id: command.task.clone(),
        shipment: new.shipment.clone(),
        tenant: new.tenant.clone(),
        source: new.source.clone(),
        event: new.event.clone(),
        stage: Stage::Processing,
        status: Status::Pending,
        epoch: Epoch::INITIAL,
        writer: command.by.clone(),
        attempts: 0,
        resends: 0,
        payload: new.payload.clone(),
        checkpoints: Checkpoints::new(),
        intent: None,
        reason: None,
        trace: new.trace.clone(),
        hops: 0,
        created_at: command.now,
        updated_at: command.now,
        ended_at: None,
    }
}

fn claim(
    record: &TaskRecord,
    command: &Command,
    stage: Stage,
    lease_until: Timestamp,
) -> Transition {
    if record.stage != stage {
        return Refused(Refusal::Fenced);
    }
    match record.status {
        Status::Running { lease_until: until } if until > command.now => {
            Refused(Refusal::Busy { until })
        }
        Status::Pending | Status::Running { .. } => Applied(TaskRecord {
            status: Status::Running { lease_until },
            ..written(record, command)
        }),
        Status::Held { .. } | Status::Completed | Status::Failed | Status::Cancelled => {
            Refused(Refusal::Forbidden)
        }
    }
}

fn checkpoint(
    record: TaskRecord,
    checkpoints: &Checkpoints,
    intent: Option<&Intent>,
) -> TaskRecord {
    TaskRecord { checkpoints: checkpoints.clone(), intent: intent.cloned(), ..record }
}

fn commit(record: &TaskRecord, command: &Command, fence: &Fence, next: &Next) -> Transition {
    fenced(record, fence, || {
        let done = TaskRecord {
            attempts: 0,
            resends: 0,
            checkpoints: Checkpoints::new(),
            intent: None,
            reason: None,
            ..written(record, command)
        };
        match next {
            Next::Stage { stage, payload } => TaskRecord {
                stage: *stage,
                status: Status::Pending,
                payload: payload.clone(),
                hops: done.hops.saturating_add(1),
                ..done
            },
            Next::Complete => TaskRecord {
                status: Status::Completed,
                payload: Payload::none(),
                ended_at: Some(command.now),
                ..done
            },
        }
    })
}

fn release(record: TaskRecord, reason: &Reason) -> TaskRecord {
    TaskRecord {
        status: Status::Pending,
        attempts: record.attempts.saturating_add(1),
        reason: Some(reason.clone()),
        ..record
    }
}

fn ended(record: TaskRecord, status: Status, reason: &Reason) -> TaskRecord {
    let ended_at = Some(record.updated_at);
    TaskRecord { status, reason: Some(reason.clone()), ended_at, ..record }
}

fn hold(record: TaskRecord, reason: &Reason) -> TaskRecord {
    let lease_until = match record.status {
        Status::Running { lease_until } => Some(lease_until),
        Status::Held { lease_until } => lease_until,
        Status::Pending | Status::Completed | Status::Failed | Status::Cancelled => None,
    };
    TaskRecord { status: Status::Held { lease_until }, reason: Some(reason.clone()), ..record }
}

/// A cancel stops what has not started. Where an attempt was at work or a call
/// unexplained, the record says that the call may still happen.
fn cancel(record: TaskRecord, reason: &Reason) -> TaskRecord {
    let under_way = record.status.kind() == StatusKind::Running || record.intent.is_some();
    let reason = if under_way {
        Reason::new(reason.code, format!("{} ({CALL_MAY_HAPPEN})", reason.text))
    } else {
        reason.clone()
    };
    ended(record, Status::Cancelled, &reason)
}

/// What a cancelled record says when a call was, or may have been, under way.
pub const CALL_MAY_HAPPEN: &str = "a call that was under way may still happen";

fn resume(
    record: &TaskRecord,
    command: &Command,
    fence: &Fence,
    answer: Option<&Answer>,
) -> Transition {
    let after = record.answer_after();
    if fence.admits(record) && after > command.now {
        return Refused(Refusal::TooEarly { after });
    }
    if fence.admits(record) && record.intent.is_some() && answer.is_none() {
        return Refused(Refusal::NeedsAnswer);
    }
    fenced(record, fence, || {
        let mut checkpoints = record.checkpoints.clone();
        if let (Some(intent), Some(Answer::Done { result })) = (&record.intent, answer) {
            checkpoints.insert(intent.effect.clone(), result.clone());
        }
        TaskRecord {
            status: Status::Pending,
            attempts: 0,
            resends: 0,
            checkpoints,
            intent: None,
            ended_at: None,
            ..written(record, command)
        }
    })
}

fn resend(record: &TaskRecord, command: &Command, fence: &Fence) -> Transition {
    if let (true, Status::Running { lease_until: until }) = (fence.admits(record), &record.status)
        && *until > command.now
    {
        return Refused(Refusal::Busy { until: *until });
    }
    fenced(record, fence, || TaskRecord {
        status: Status::Pending,
        resends: record.resends.saturating_add(1),
        ..written(record, command)
    })
}
