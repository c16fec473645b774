//! What a worker learns from the outcome of its write. The shipped functions say
//! what that means for its message.

use crate::agent;
use crate::bounds::{Bounds, Without};
use crate::store::{EARLY, is_fenced};
use crate::world::{Cause, Phase, Purpose, Worker, World};
use flotilla_task::{Delivery, Found, Outcome, Settled, StatusKind, TaskRecord, settle};
use std::sync::Arc;

/// Takes the answer to a write.
pub(crate) fn learn(
    bounds: &Bounds,
    world: &mut World,
    worker: &mut Worker,
    purpose: Purpose,
    outcome: Outcome,
    adopted: bool,
) {
    let applied = if adopted { Cause::Adopted } else { Cause::Other };
    match outcome {
        Outcome::Refused { refusal, .. } => {
            let owned = purpose != Purpose::Claim && worker.body.queue().claims();
            let cause = if owned && is_fenced(refusal) { Cause::Fenced } else { Cause::Other };
            match purpose {
                Purpose::Mend => settle_as(worker, Settled::Acknowledge, cause),
                Purpose::Create if bounds.without == Without::LookAfterRefusedCreate => {
                    settle_as(worker, Settled::Acknowledge, cause);
                }
                Purpose::Create
                | Purpose::Claim
                | Purpose::Commit
                | Purpose::Checkpoint { .. }
                | Purpose::End { .. } => look(bounds, world, worker, cause),
            }
        }
        Outcome::Applied(record) => match purpose {
            Purpose::Claim => {
                worker.visit = record.hops;
                let step = agent::first_step(bounds, &record);
                worker.phase = Phase::Owning { record: Arc::new(record), step };
            }
            Purpose::Checkpoint { then, .. } => {
                worker.phase = Phase::Owning { record: Arc::new(record), step: then };
            }
            Purpose::Commit if worker.ahead => {
                settle_as(worker, Settled::Acknowledge, applied);
            }
            Purpose::Create | Purpose::Commit | Purpose::Mend => {
                settle_as(worker, settle::committed(&record), applied);
            }
            Purpose::End { pause } => {
                let settled = settle::ended(&record, pause, delivery(bounds, worker));
                settle_as(worker, settled, applied);
            }
        },
    }
}

/// Looks at the record after a refusal.
pub(crate) fn look(bounds: &Bounds, world: &World, worker: &mut Worker, cause: Cause) {
    let at = worker.body.queue();
    let record: Option<&TaskRecord> = world.record.as_deref();
    let (found, settled) = settle::refused(at, record, EARLY, delivery(bounds, worker));
    let cause = if cause == Cause::Other && found == Found::Unsent { Cause::Resent } else { cause };
    let running = world.kind() == Some(StatusKind::Running);
    let skips = (bounds.without == Without::ResendOnReplay && found == Found::Unsent)
        || (bounds.without == Without::GivingBackWhenBusy && found == Found::Busy && running);
    let settled = if skips { Settled::Acknowledge } else { settled };
    settle_as(worker, settled, cause);
}

pub(crate) fn settle_as(worker: &mut Worker, settled: Settled, cause: Cause) {
    worker.phase = Phase::Settling { settled, sent: false, cause };
}

/// Its delivery, as far as the decisions depend on it.
pub(crate) fn delivery(bounds: &Bounds, worker: &Worker) -> Delivery {
    Delivery {
        receives: worker.receives,
        max_receives: bounds.max_receives.unwrap_or(u32::MAX),
        retry_budget: bounds.retry_budget,
        is_fifo: false,
    }
}
