//! A worker's steps, as the runtime takes them: what it writes, and where it
//! goes on after it.

use crate::agent;
use crate::bounds::{Bounds, Partner, Without};
use crate::flush;
use crate::learn::{delivery, learn, look, settle_as};
use crate::moves::{Does, Fate, Move};
use crate::store::{EARLY, LATE, LEASE_END, apply};
use crate::the_task::{new_task, next_stage, outcome_of, task};
use crate::world::{Body, Broken, Cause, Phase, Purpose, Step, Trouble, Worker, World, Write};
use flotilla_task::transition::CALL_MAY_HAPPEN;
use flotilla_task::{
    Action, AttemptId, Checkpoints, Command, Ending, Failure, Fence, Intent, Reason, Remedy,
    Settled, Stage, StatusKind, TaskRecord, Timestamp, remedy, settle,
};
use std::sync::Arc;
use std::time::Duration;

/// To recovery every open task seems stuck, the ones at work included: that is
/// more than any clock could do to it.
const FAR: Timestamp = Timestamp::from_millis(1_000_000);

/// Takes one step of one worker. The worker is taken out of the world meanwhile.
pub(crate) fn step(bounds: &Bounds, world: &mut World, at: usize, step: Move) {
    let mut worker = world.workers.remove(at);
    let stays = match step {
        Move::Write(does, fate) => {
            write(bounds, world, &mut worker, does, fate);
            true
        }
        Move::Call(end) => {
            if let Phase::Owning { record, step } = &mut worker.phase {
                let before = world.booked.len();
                *step = agent::call(bounds, world, record, end);
                if world.booked.len() > before {
                    announced(bounds, world);
                }
            }
            true
        }
        Move::Send { taken } => {
            flush::send(world, &mut worker, taken);
            true
        }
        Move::Ahead => {
            flush::ahead(bounds, world, &mut worker);
            true
        }
        Move::Finish => {
            flush::finish(bounds, world, &worker);
            false
        }
    };
    if stays {
        world.workers.insert(at, worker);
    }
}

/// A booking that is made although the task was cancelled: its record must say
/// that this may happen. Where keys are ignored it always can, because the intent
/// stands on record; elsewhere a task that was taken over and released since
/// looks untouched.
fn announced(bounds: &Bounds, world: &mut World) {
    let Some(record) = &world.record else { return };
    let cancelled = record.status.kind() == StatusKind::Cancelled;
    let says = |reason: &Reason| reason.text.contains(CALL_MAY_HAPPEN);
    let silent = !record.reason.as_ref().is_some_and(says);
    if cancelled && silent && bounds.partner == Partner::IgnoresKeys {
        world.mark(Broken::UnannouncedCall);
    }
}

fn write(bounds: &Bounds, world: &mut World, worker: &mut Worker, does: Does, fate: Fate) {
    let (action, purpose, now) = match does {
        Does::Again => {
            let Phase::Repeat { write, purpose } = worker.phase.clone() else { return };
            return carry_out(bounds, world, worker, write, purpose, fate);
        }
        Does::Create => (Action::Create(new_task()), Purpose::Create, EARLY),
        Does::Claim { lapsed } => {
            let action = Action::Claim { stage: worker.body.queue(), lease_until: LEASE_END };
            (action, Purpose::Claim, if lapsed { LATE } else { EARLY })
        }
        Does::Commit => {
            let next = next_stage(bounds, worker.body.queue());
            (commit(worker, next), Purpose::Commit, EARLY)
        }
        Does::DecideAgain => {
            world.left.rounds -= 1;
            (commit(worker, Some(Stage::Decision)), Purpose::Commit, EARLY)
        }
        Does::Intend => {
            let intent = Some(agent::intent(bounds));
            checkpoint(worker, |had| had.checkpoints.clone(), intent, Step::Call)
        }
        Does::Note => checkpoint(worker, |_| agent::noted(), None, Step::Commit),
        Does::Clear(trouble) => {
            checkpoint(worker, |had| had.checkpoints.clone(), None, Step::Fail(trouble))
        }
        Does::Fail(trouble) => {
            if !matches!(worker.phase, Phase::Owning { step: Step::Fail(_), .. }) {
                agent::spend(&mut world.left, trouble);
            }
            return fail(bounds, world, worker, &trouble.failure(), fate);
        }
        Does::Mend => return mend(bounds, world, worker, fate),
    };
    submit(bounds, world, worker, action, purpose, now, fate);
}

/// A write between an owner's calls.
fn checkpoint(
    worker: &Worker,
    checkpoints: impl Fn(&TaskRecord) -> Checkpoints,
    intent: Option<Intent>,
    then: Step,
) -> (Action, Purpose, Timestamp) {
    let Phase::Owning { record, .. } = &worker.phase else {
        unreachable!("only an owner writes checkpoints");
    };
    let checkpoints = checkpoints(record);
    let action = Action::Checkpoint { fence: Fence::of(record), checkpoints, intent };
    (action, Purpose::Checkpoint { held: record.clone(), then }, EARLY)
}

fn submit(
    bounds: &Bounds,
    world: &mut World,
    worker: &mut Worker,
    action: Action,
    purpose: Purpose,
    now: Timestamp,
    fate: Fate,
) {
    let by = worker.by();
    let attempt = AttemptId::from_bits(by);
    let command = Arc::new(Command { task: task(), by: attempt, now, action });
    let write = Write { by, command, visit: worker.visit };
    carry_out(bounds, world, worker, write, purpose, fate);
}

/// Makes a write, whatever its fate, and learns what the writer can learn.
fn carry_out(
    bounds: &Bounds,
    world: &mut World,
    worker: &mut Worker,
    write: Write,
    purpose: Purpose,
    fate: Fate,
) {
    let is_repeat = matches!(worker.phase, Phase::Repeat { .. });
    match fate {
        Fate::Answered => {
            let before = world.record.clone();
            let outcome = apply(bounds, world, &write);
            let adopted = is_repeat && before == world.record;
            learn(bounds, world, worker, purpose, outcome, adopted);
            return;
        }
        Fate::Lost => {
            world.left.lost -= 1;
            apply(bounds, world, &write);
        }
        Fate::Late => {
            world.left.late -= 1;
            world.late.push(write.clone());
        }
    }
    if !is_repeat {
        worker.phase = Phase::Repeat { write, purpose };
        return;
    }
    // No answer twice. Between calls that is a failure like any other; else the
    // message goes back.
    if let Purpose::Checkpoint { held, .. } = purpose {
        worker.phase = Phase::Owning { record: held, step: Step::Fail(Trouble::Retry) };
    } else {
        settle_as(worker, Settled::GiveBack { delay: Duration::ZERO }, Cause::Other);
    }
}

/// The version that a worker commits, and where it moves it. Every attempt has a
/// result of its own, so that a message shows whose it is.
pub(crate) fn commit(worker: &Worker, next: Option<Stage>) -> Action {
    let fence = match (&worker.phase, &worker.body) {
        (Phase::Owning { record, .. }, _) => Fence::of(record),
        (_, Body::Stage(message)) => Fence::pending(message.stage, message.epoch),
        (_, Body::Event | Body::Scan(_)) => unreachable!("they do not commit"),
    };
    Action::Commit { fence, next: outcome_of(worker.attempt, next) }
}

/// Ends an attempt whose work failed. A worker without a claim reads the record
/// first; to read and to write in one step loses nothing, because a write on what
/// has changed between is refused and finds what a later read would have found.
fn fail(bounds: &Bounds, world: &mut World, worker: &mut Worker, failure: &Failure, fate: Fate) {
    let held = match (&worker.phase, &worker.body) {
        (Phase::Owning { record, .. }, _) => record.clone(),
        (_, Body::Stage(message)) => {
            let fence = Fence::pending(message.stage, message.epoch);
            match &world.record {
                Some(record) if fence.admits(record) => record.clone(),
                _ => return look(bounds, world, worker, Cause::Other),
            }
        }
        (_, Body::Event | Body::Scan(_)) => unreachable!("they have no work that fails"),
    };
    let ending = settle::failed(&held, failure, delivery(bounds, worker), |_| Duration::ZERO);
    match ending {
        Ending::LookAgain => look(bounds, world, worker, Cause::Fenced),
        Ending::Settled(settled) => settle_as(worker, settled, Cause::Other),
        Ending::Write { action: Action::Release { .. } | Action::Fail { .. }, .. }
            if bounds.without == Without::KeepingOnFailure =>
        {
            world.record = None;
            settle_as(worker, Settled::GiveBack { delay: Duration::ZERO }, Cause::Other);
        }
        Ending::Write { action, pause } => {
            submit(bounds, world, worker, action, Purpose::End { pause }, EARLY, fate);
        }
    }
}

/// Recovery looks at the record, and mends what it takes for stuck.
fn mend(bounds: &Bounds, world: &mut World, worker: &mut Worker, fate: Fate) {
    let Some(record) = world.record.clone() else {
        return settle_as(worker, Settled::Acknowledge, Cause::Other);
    };
    let lost = world.is_open() && !world.is_carried_beside(worker.message);
    match remedy(&record, &AttemptId::from_bits(worker.by()), Duration::ZERO, None, FAR) {
        Remedy::Leave => {
            if lost {
                world.mark(Broken::Overlooked);
            }
            settle_as(worker, Settled::Acknowledge, Cause::Other);
        }
        Remedy::Send => settle_as(worker, settle::committed(&record), Cause::Resent),
        Remedy::Write(action) => {
            submit(bounds, world, worker, action, Purpose::Mend, FAR, fate);
        }
    }
}
