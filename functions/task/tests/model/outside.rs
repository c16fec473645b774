//! What happens around the workers: SQS delivers, repeats and gives up, workers
//! die, operators step in, and recovery is called.

use crate::bounds::{Bounds, Without};
use crate::moves::Move;
use crate::store::{EARLY, LATE, apply};
use crate::the_task::task;
use crate::world::{Body, Phase, Worker, World, Write};
use flotilla_task::{
    Action, Answer, AttemptId, Command, Fence, Outcome, Reason, ReasonCode, StageMessage,
    StatusKind,
};
use std::sync::Arc;

/// One thing that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// A message is delivered to a new worker.
    Deliver(usize),
    /// SQS has a second copy of a message.
    Duplicate(usize),
    /// A worker takes a step.
    Step(usize, Move),
    /// A worker's message becomes visible while it still works.
    Lapse(usize),
    /// A worker dies.
    Crash(usize),
    /// A write that got no answer reaches the store.
    Arrive(usize),
    /// An operator commands.
    Command(Wish),
    /// The operator sends what the command has made pending.
    OperatorSends,
    /// The operator dies before that.
    OperatorDies,
    /// Recovery is called.
    Schedule,
}

/// What an operator wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    Cancel,
    Hold,
    /// Release a held task, or retry a failed one.
    Resume,
}

/// Everything that may happen next.
pub(crate) fn acts(bounds: &Bounds, world: &World, acts: &mut Vec<Act>) {
    let left = &world.left;
    for (at, message) in world.messages.iter().enumerate() {
        let queue = message.body.queue();
        let busy = world.workers.iter().filter(|worker| worker.body.queue() == queue).count();
        if !message.delivered && busy < bounds.workers {
            acts.push(Act::Deliver(at));
        }
        if left.duplicates > 0 {
            acts.push(Act::Duplicate(at));
        }
    }
    for (at, worker) in world.workers.iter().enumerate() {
        let moves = crate::moves::moves(bounds, world, worker);
        acts.extend(moves.into_iter().map(|step| Act::Step(at, step)));
        acts.extend((left.lapses > 0 && !worker.lapsed).then_some(Act::Lapse(at)));
        acts.extend((left.crashes > 0).then_some(Act::Crash(at)));
    }
    acts.extend((0..world.late.len()).map(Act::Arrive));
    if world.operator.is_some() {
        acts.push(Act::OperatorSends);
        acts.extend((left.crashes > 0).then_some(Act::OperatorDies));
    } else if left.commands > 0 {
        acts.extend(wishes(world).into_iter().map(Act::Command));
    }
    acts.extend(is_scan_due(bounds, world).then_some(Act::Schedule));
}

fn wishes(world: &World) -> Vec<Wish> {
    match world.kind() {
        Some(StatusKind::Pending | StatusKind::Running) => vec![Wish::Cancel, Wish::Hold],
        Some(StatusKind::Held) => vec![Wish::Cancel, Wish::Resume],
        Some(StatusKind::Failed) => vec![Wish::Resume],
        Some(StatusKind::Completed | StatusKind::Cancelled) | None => vec![],
    }
}

/// Recovery comes a few times too early, and always in the end.
pub(crate) fn is_scan_due(bounds: &Bounds, world: &World) -> bool {
    let is_scan = |body: &Body| matches!(body, Body::Scan(_));
    let under_way = world.messages.iter().any(|message| is_scan(&message.body))
        || world.workers.iter().any(|worker| is_scan(&worker.body));
    let lost = world.record.is_some() && world.is_open() && !world.is_carried();
    let due = lost && bounds.without != Without::Recovery;
    !under_way && (world.left.scans > 0 || due)
}

/// Carries one of them out.
pub(crate) fn act(bounds: &Bounds, world: &mut World, act: Act) {
    match act {
        Act::Deliver(at) => deliver(bounds, world, at),
        Act::Duplicate(at) => {
            world.left.duplicates -= 1;
            let body = world.messages[at].body.clone();
            world.put(body);
        }
        Act::Step(at, step) => crate::worker::step(bounds, world, at, step),
        Act::Lapse(at) => {
            world.left.lapses -= 1;
            world.workers[at].lapsed = true;
            let message = world.workers[at].message;
            comes_back(bounds, world, message);
        }
        Act::Crash(at) => {
            world.left.crashes -= 1;
            let worker = world.workers.remove(at);
            if !worker.lapsed {
                comes_back(bounds, world, worker.message);
            }
        }
        Act::Arrive(at) => {
            let write = world.late.remove(at);
            apply(bounds, world, &write);
        }
        Act::Command(wish) => command(bounds, world, wish),
        Act::OperatorSends => {
            let message = world.operator.take();
            message.into_iter().for_each(|message| world.put(Body::Stage(message)));
        }
        Act::OperatorDies => {
            world.left.crashes -= 1;
            world.operator = None;
            world.memory.orphaned = true;
        }
        Act::Schedule => {
            world.left.scans = world.left.scans.saturating_sub(1);
            let scan = world.number();
            world.put(Body::Scan(scan));
        }
    }
}

fn deliver(bounds: &Bounds, world: &mut World, at: usize) {
    let attempt = world.number();
    let message = &mut world.messages[at];
    message.delivered = true;
    message.receives = if bounds.max_receives.is_some() { message.receives + 1 } else { 1 };
    let visit = match &message.body {
        Body::Stage(message) => message.hops,
        Body::Event | Body::Scan(_) => 0,
    };
    let worker = Worker {
        attempt,
        message: message.id,
        body: message.body.clone(),
        receives: message.receives,
        lapsed: false,
        visit,
        ahead: false,
        phase: Phase::Received,
    };
    world.workers.push(worker);
}

/// A message is visible again; after its last receive SQS moves it to the
/// dead-letter queue, whatever became of its task.
pub(crate) fn comes_back(bounds: &Bounds, world: &mut World, id: u64) {
    let Some(at) = world.messages.iter().position(|message| message.id == id) else { return };
    if bounds.max_receives.is_some_and(|most| world.messages[at].receives >= most) {
        let body = world.messages.remove(at).body;
        world.memory.orphaned |= world.carries(&body);
        let failed = world.kind() == Some(StatusKind::Failed);
        let its = world.record.as_ref().is_some_and(|record| record.stage == body.queue());
        world.memory.lettered |= failed && its;
    } else {
        world.messages[at].delivered = false;
    }
}

fn command(bounds: &Bounds, world: &mut World, wish: Wish) {
    world.left.commands -= 1;
    let Some(record) = world.record.clone() else { return };
    let fence = Fence::of(&record);
    let reason = Reason::new(ReasonCode::Operator, "as the operator wishes");
    let action = match wish {
        Wish::Cancel => Action::Cancel { fence, reason },
        Wish::Hold => Action::Hold { fence, reason },
        Wish::Resume => {
            // A person asks the partner, and says what is true at that moment.
            let done = Answer::Done { result: "\"booked\"".to_owned() };
            let answer = if world.booked.is_empty() { Answer::NotDone } else { done };
            Action::Resume { fence, answer: record.intent.is_some().then_some(answer) }
        }
    };
    // An operator's clock counts for an answer alone. It is one that can be
    // trusted to that: it passes a lease's end only when its owner has stopped.
    let calling = world.workers.iter().any(Worker::may_call);
    let patient = bounds.without != Without::PatienceOfThePerson;
    let now = if calling && patient { EARLY } else { LATE };
    let by = 1 << 33 | world.number();
    let attempt = AttemptId::from_bits(by);
    let command = Arc::new(Command { task: task(), by: attempt, now, action });
    let write = Write { by, command, visit: record.hops };
    if let (Outcome::Applied(after), Wish::Resume) = (apply(bounds, world, &write), wish) {
        world.operator = Some(Arc::new(StageMessage::stored_in(&after)));
    }
}
