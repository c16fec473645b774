//! The table: the shipped transition function, the protections that a control
//! takes away around it, and what a write must never do.

use crate::bounds::{Bounds, Without};
use crate::world::{Broken, World, Write};
use flotilla_task::{
    Action, AttemptId, Command, Fence, Outcome, Refusal, Status, StatusKind, TaskRecord, Timestamp,
    Transition, transition,
};
use std::sync::Arc;

/// A clock that says every lease still holds.
pub(crate) const EARLY: Timestamp = Timestamp::from_millis(1_000);
/// When every lease ends, and the time limit of every call that is not slow.
pub(crate) const LEASE_END: Timestamp = Timestamp::from_millis(2_000);
/// A clock that says every lease has lapsed.
pub(crate) const LATE: Timestamp = Timestamp::from_millis(3_000);

/// Carries a write out and judges it.
pub(crate) fn apply(bounds: &Bounds, world: &mut World, write: &Write) -> Outcome {
    let command = write.command.as_ref();
    let before = world.record.clone();
    let after = match unprotected(bounds.without, before.as_deref(), command) {
        Some(after) => Transition::Applied(after),
        None => transition(before.as_deref(), command),
    };
    match after {
        Transition::Applied(after) => {
            if before.as_deref() != Some(&after) {
                judge(world, before.as_deref(), &after, write);
                world.record = Some(Arc::new(after.clone()));
            }
            Outcome::Applied(after)
        }
        Transition::Refused(refusal) => {
            Outcome::Refused { refusal, record: before.as_deref().cloned() }
        }
    }
}

/// What the write does to the record where a protection is missing: it is made
/// on the version that the writer believes in, not on the one that stands.
fn unprotected(
    without: Without,
    record: Option<&TaskRecord>,
    command: &Command,
) -> Option<TaskRecord> {
    let (Some(record), Action::Commit { fence, .. }) = (record, &command.action) else {
        return None;
    };
    let here = record.stage == fence.stage && record.status.kind() == fence.status;
    let believed = if without == Without::EpochInCommit && here {
        TaskRecord { epoch: fence.epoch, ..record.clone() }
    } else if without == Without::ConditionOnCommit
        // Its own clock says that its lease holds, so it takes the task for its own.
        || (without == Without::FenceBesideLease && fence.stage.claims() && command.now < LEASE_END)
    {
        believed(record, fence, &command.by)
    } else {
        return None;
    };
    match transition(Some(&believed), command) {
        Transition::Applied(after) => Some(TaskRecord { epoch: record.epoch.next(), ..after }),
        Transition::Refused(_) => None,
    }
}

fn believed(record: &TaskRecord, fence: &Fence, by: &AttemptId) -> TaskRecord {
    let status = if fence.status == StatusKind::Running {
        Status::Running { lease_until: LEASE_END }
    } else {
        Status::Pending
    };
    let (stage, epoch, writer) = (fence.stage, fence.epoch, by.clone());
    TaskRecord { stage, status, epoch, writer, ..record.clone() }
}

/// Notes what the write has broken.
fn judge(world: &mut World, before: Option<&TaskRecord>, after: &TaskRecord, write: &Write) {
    let Some(before) = before else { return };
    let kind = before.status.kind();
    if matches!(kind, StatusKind::Completed | StatusKind::Cancelled) {
        world.mark(Broken::EndedChanged);
    }
    if after.epoch != before.epoch.next() {
        world.mark(Broken::FencedWriteVisible);
    }
    if let Some(fence) = fence_of_worker(&write.command.action) {
        // Who runs a task is who wrote it last; who works from a message has the
        // version that the message was stored with.
        let owns = if fence.status == StatusKind::Running {
            kind == StatusKind::Running && before.writer == write.command.by
        } else {
            kind == StatusKind::Pending && before.epoch == fence.epoch
        };
        if !owns {
            world.mark(Broken::FencedWriteVisible);
        }
    }
    if let Action::Commit { .. } = &write.command.action {
        let visit = 1 << write.visit.min(31);
        if world.memory.committed & visit != 0 {
            world.mark(Broken::CommittedTwice);
        }
        world.memory.committed |= visit;
    }
    if kind == StatusKind::Failed {
        world.memory.lettered = false;
    }
}

/// The fence of a write that only the owner may make.
fn fence_of_worker(action: &Action) -> Option<&Fence> {
    match action {
        Action::Checkpoint { fence, .. }
        | Action::Commit { fence, .. }
        | Action::Release { fence, .. }
        | Action::Yield { fence } => Some(fence),
        // An agent, an operator and recovery all may.
        Action::Fail { .. } | Action::Hold { .. } => None,
        Action::Create(_)
        | Action::Claim { .. }
        | Action::Cancel { .. }
        | Action::Resume { .. }
        | Action::Resend { .. } => None,
    }
}

/// Whether a refusal means that someone else owns the task.
pub(crate) const fn is_fenced(refusal: Refusal) -> bool {
    match refusal {
        Refusal::Fenced => true,
        Refusal::Absent
        | Refusal::Exists
        | Refusal::Busy { .. }
        | Refusal::Forbidden
        | Refusal::TooEarly { .. }
        | Refusal::NeedsAnswer => false,
    }
}
