//! The end of a worker's invocation: what must leave leaves, then its message is
//! acknowledged or given back.

use crate::bounds::{Bounds, Without};
use crate::outside::comes_back;
use crate::the_task::next_stage;
use crate::worker::commit;
use crate::world::{Body, Broken, Cause, Phase, Worker, World};
use flotilla_task::{Action, Next, Settled, StageMessage, StatusKind, TaskRecord};
use std::sync::Arc;
use std::time::Duration;

/// Sends what follows from its message; where SQS does not take it, the message
/// goes back.
pub(crate) fn send(world: &mut World, worker: &mut Worker, taken: bool) {
    let Phase::Settling { settled, sent, cause } = &mut worker.phase else { return };
    if !taken {
        world.left.unsent -= 1;
        (*settled, *cause) = (Settled::GiveBack { delay: Duration::ZERO }, Cause::Other);
        return;
    }
    *sent = true;
    match settled {
        Settled::Send { message, .. } | Settled::StepBack(message) => {
            let message = Arc::new(message.clone());
            judge(world, &message);
            world.put(Body::Stage(message));
        }
        Settled::DeadLetter(_) => world.memory.lettered |= world.kind() == Some(StatusKind::Failed),
        Settled::Acknowledge | Settled::GiveBack { .. } => {}
    }
}

/// Acknowledges the message or gives it back. A worker whose message was delivered
/// again since deletes it all the same: SQS leaves open what an old receipt does.
pub(crate) fn finish(bounds: &Bounds, world: &mut World, worker: &Worker) {
    let Phase::Settling { settled, .. } = &worker.phase else { return };
    match settled {
        Settled::GiveBack { .. } if worker.lapsed => {}
        Settled::GiveBack { .. } => comes_back(bounds, world, worker.message),
        Settled::Acknowledge
        | Settled::Send { .. }
        | Settled::StepBack(_)
        | Settled::DeadLetter(_) => {
            world.messages.retain(|message| message.id != worker.message);
        }
    }
}

/// Where a protection is missing: sends its own result, or acknowledges, before
/// it has committed.
pub(crate) fn ahead(bounds: &Bounds, world: &mut World, worker: &mut Worker) {
    worker.ahead = true;
    if bounds.without == Without::CommitBeforeAcknowledge {
        world.messages.retain(|message| message.id != worker.message);
        return;
    }
    let next = next_stage(bounds, worker.body.queue());
    let Action::Commit { fence, next: Next::Stage { stage, payload } } = commit(worker, next)
    else {
        return;
    };
    let Some(record) = world.record.clone() else { return };
    let (epoch, hops) = (fence.epoch.next(), worker.visit + 1);
    let would_be = TaskRecord { stage, payload, epoch, hops, ..record.as_ref().clone() };
    let message = Arc::new(StageMessage::stored_in(&would_be));
    judge(world, &message);
    world.put(Body::Stage(message));
}

/// A message says what some version of the record had stored for it. Epochs only
/// grow, so one of an older epoch was judged when that version stood.
fn judge(world: &mut World, message: &StageMessage) {
    let stored = world.record.as_ref().is_some_and(|record| {
        message.epoch < record.epoch || *message == StageMessage::stored_in(record)
    });
    if !stored {
        world.mark(Broken::UnstoredSent);
    }
}
