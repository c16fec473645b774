//! What a worker may do next, in every way it may turn out.

use crate::agent;
use crate::bounds::{Bounds, Without};
use crate::world::{Body, Phase, Step, Trouble, Worker, World};
use flotilla_task::{Settled, StatusKind};

/// A step of one worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Move {
    /// It writes.
    Write(Does, Fate),
    /// It calls the partner.
    Call(CallEnd),
    /// It sends what follows from its message; or SQS does not take it.
    Send { taken: bool },
    /// It acknowledges its message, or gives it back.
    Finish,
    /// Where a protection is missing: it does before its commit what belongs after.
    Ahead,
}

/// What it writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    Create,
    /// With a clock that says the lease in its way has lapsed, or holds.
    Claim {
        lapsed: bool,
    },
    Commit,
    DecideAgain,
    Intend,
    Note,
    Clear(Trouble),
    Fail(Trouble),
    Mend,
    Again,
}

/// What becomes of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Answered,
    /// Applied, and the answer lost.
    Lost,
    /// No answer, and it is applied some time later.
    Late,
}

/// How a call to the partner ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallEnd {
    Booked,
    /// It certainly did not happen.
    NotSent(Trouble),
    /// No answer, and whether it booked is known to the model alone.
    NoAnswer {
        booked: bool,
    },
}

/// Everything the worker may do next.
pub(crate) fn moves(bounds: &Bounds, world: &World, worker: &Worker) -> Vec<Move> {
    let mut moves = Vec::new();
    let left = &world.left;
    let writes = match &worker.phase {
        Phase::Received => match &worker.body {
            Body::Event => vec![Does::Create],
            Body::Scan(_) => vec![Does::Mend],
            Body::Stage(message) if message.stage.claims() => {
                let mut claims = vec![Does::Claim { lapsed: true }];
                if world.kind() == Some(StatusKind::Running) {
                    claims.push(Does::Claim { lapsed: false });
                }
                claims
            }
            Body::Stage(_) => commits(bounds, worker, &mut moves)
                .into_iter()
                .chain(agent::troubles(left).into_iter().map(Does::Fail))
                .collect(),
        },
        Phase::Repeat { .. } => vec![Does::Again],
        Phase::Owning { step, .. } => match step {
            Step::Intend => agent::before_the_call(left, Does::Intend),
            Step::Call => {
                moves.extend(agent::call_ends(bounds, left).into_iter().map(Move::Call));
                agent::instead_of_the_call(left)
            }
            Step::Note => vec![Does::Note],
            Step::Clear(trouble) => vec![Does::Clear(*trouble)],
            Step::Fail(trouble) => vec![Does::Fail(*trouble)],
            Step::Commit => commits(bounds, worker, &mut moves),
        },
        Phase::Settling { settled, sent, .. } => {
            let sends = match settled {
                Settled::Send { .. } | Settled::StepBack(_) | Settled::DeadLetter(_) => true,
                Settled::Acknowledge | Settled::GiveBack { .. } => false,
            };
            if sends && !sent {
                moves.push(Move::Send { taken: true });
                moves.extend((left.unsent > 0).then_some(Move::Send { taken: false }));
            } else {
                moves.push(Move::Finish);
            }
            Vec::new()
        }
    };
    for does in writes {
        moves.push(Move::Write(does, Fate::Answered));
        moves.extend((left.lost > 0).then_some(Move::Write(does, Fate::Lost)));
        moves.extend((left.late > 0).then_some(Move::Write(does, Fate::Late)));
    }
    moves
}

/// A commit; or first, where a protection is missing, what belongs after it.
fn commits(bounds: &Bounds, worker: &Worker, moves: &mut Vec<Move>) -> Vec<Does> {
    let ahead =
        matches!(bounds.without, Without::CommitBeforeSend | Without::CommitBeforeAcknowledge);
    if ahead && !worker.ahead {
        moves.push(Move::Ahead);
        return Vec::new();
    }
    vec![Does::Commit]
}
