//! Random commands on one task: mostly what an agent, an operator or recovery
//! would do with the record it knows, and now and then what none should.

use fastrand::Rng;
use flotilla_task::{
    Action, Answer, AttemptId, Checkpoints, Command, Epoch, EventId, Fence, Intent, NewTask, Next,
    Payload, Reason, ReasonCode, ShipmentId, Source, Stage, StatusKind, TaskId, TaskRecord, Tenant,
    Timestamp,
};
use std::time::Duration;

/// What a create of these tests stores.
pub fn new_task(shipment: &str) -> NewTask {
    NewTask {
        shipment: ShipmentId::new(shipment).unwrap(),
        tenant: Some(Tenant::new("acme").unwrap()),
        source: Source::new("urn:flotilla:test").unwrap(),
        event: EventId::new("e").unwrap(),
        payload: Payload::from_json("{\"n\":0}".into()),
        trace: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
    }
}

/// A command by that attempt.
pub fn command(task: &TaskId, by: &str, now: Timestamp, action: Action) -> Command {
    Command { task: task.clone(), by: AttemptId::new(by).unwrap(), now, action }
}

/// A random action on the record as the writer knows it.
pub fn action(rng: &mut Rng, known: Option<&TaskRecord>, now: Timestamp) -> Action {
    let create = Action::Create(new_task("S1"));
    match known {
        None if rng.u8(..3) > 0 => create,
        None => {
            let guess = pick(rng, &GUESSES);
            of_kind(rng, guess, Stage::Processing, now)
        }
        Some(_) if rng.u8(..20) == 0 => create,
        Some(record) => {
            let mut action = None;
            // Without a second throw most would be no write at all from there.
            for _ in 0..TRIES {
                let fence = fence(rng, record);
                let made = action.insert(of_kind(rng, fence, record.stage, now));
                if made.is_legal() {
                    break;
                }
            }
            action.unwrap_or(create)
        }
    }
}

/// The time passes in steps of this.
pub const TICK: Duration = Duration::from_millis(10);

/// So often an action is thrown that the protocol knows from there.
const TRIES: usize = 3;

/// What a writer may believe of a task that is not there.
const GUESSES: [Fence; 2] = [
    Fence { stage: Stage::Processing, status: StatusKind::Pending, epoch: Epoch::INITIAL },
    Fence { stage: Stage::Communication, status: StatusKind::Running, epoch: Epoch::INITIAL },
];

fn of_kind(rng: &mut Rng, fence: Fence, at: Stage, now: Timestamp) -> Action {
    let reason = Reason::new(pick(rng, &[ReasonCode::Failed, ReasonCode::Operator]), "a \"r\"\n");
    match rng.u8(..15) {
        0..=2 => {
            let stage = if rng.u8(..6) == 0 { pick(rng, &Stage::ALL) } else { at };
            Action::Claim { stage, lease_until: soon(rng, now) }
        }
        3..=5 => Action::Commit { fence, next: next(rng, at) },
        6 => Action::Release { fence, reason },
        7 => Action::Yield { fence },
        8 => Action::Fail { fence, reason },
        9 => Action::Hold { fence, reason },
        10 => {
            let done = Answer::Done { result: "{\"r\":1}".into() };
            Action::Resume { fence, answer: pick(rng, &[None, Some(Answer::NotDone), Some(done)]) }
        }
        11 => Action::Resend { fence },
        12 if rng.u8(..4) == 0 => Action::Cancel { fence, reason },
        _ => {
            let done = Checkpoints::from([("book".to_owned(), "{\"ref\":\"R\"}".to_owned())]);
            let intent = Intent { effect: "book".into(), until: soon(rng, now) };
            Action::Checkpoint {
                fence,
                checkpoints: pick(rng, &[Checkpoints::new(), done]),
                intent: pick(rng, &[None, Some(intent)]),
            }
        }
    }
}

/// A fence that is right, or wrong in one part.
fn fence(rng: &mut Rng, record: &TaskRecord) -> Fence {
    let right = Fence::of(record);
    match rng.u8(..8) {
        0 => Fence { epoch: Epoch::new(right.epoch.get().saturating_sub(1)), ..right },
        1 => Fence { stage: pick(rng, &Stage::ALL), ..right },
        2 => Fence { status: pick(rng, &StatusKind::ALL), ..right },
        _ => right,
    }
}

/// In ticks, so that a moment is often just the one at which a lease ends.
fn soon(rng: &mut Rng, now: Timestamp) -> Timestamp {
    now.plus(TICK * rng.u32(..6))
}

fn next(rng: &mut Rng, from: Stage) -> Next {
    let onward: Vec<_> = Stage::ALL.into_iter().filter(|next| from.hands_to(*next)).collect();
    if onward.is_empty() || rng.u8(..8) == 0 {
        return Next::Complete;
    }
    let payload = Payload::from_json(format!("{{\"n\":{}}}", rng.u8(..)));
    Next::Stage { stage: pick(rng, &onward), payload }
}

fn pick<T: Clone>(rng: &mut Rng, from: &[T]) -> T {
    from[rng.usize(..from.len())].clone()
}
