//! A counterexample in words, a line for each step.

use crate::moves::{CallEnd, Does, Fate, Move};
use crate::outside::{Act, Wish};
use crate::world::{Body, Phase, Trouble, Worker, World};
use flotilla_task::{Settled, StatusKind, TaskRecord};
use std::io::Write;

/// Prints, where whoever reads the log of a passing test sees it as well: the
/// test harness keeps what the printing macros write.
pub(crate) fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}").unwrap();
}

/// A path of states and acts, as lines.
pub(crate) fn story(path: Vec<(World, Option<Act>)>) -> Vec<String> {
    let mut names: Vec<u64> = Vec::new();
    let mut lines = Vec::new();
    for (at, pair) in path.windows(2).enumerate() {
        let [(before, Some(act)), (after, _)] = pair else { continue };
        names.extend(
            after
                .workers
                .iter()
                .map(|worker| worker.attempt)
                .filter(|attempt| !before.workers.iter().any(|worker| worker.attempt == *attempt)),
        );
        let name = |worker: &Worker| {
            let at = names.iter().position(|attempt| *attempt == worker.attempt);
            let letter = char::from(b'A' + u8::try_from(at.unwrap_or(25)).unwrap_or(25));
            format!("worker {letter} ({})", of(&worker.body))
        };
        let line = tell(before, *act, after, name);
        lines.push(format!("{:>3}. {line}{}", at + 1, became(before, after)));
    }
    lines
}

fn tell(before: &World, act: Act, after: &World, name: impl Fn(&Worker) -> String) -> String {
    match act {
        Act::Deliver(_) => {
            let worker = after.workers.last().unwrap();
            format!("SQS delivers {} to {}", a_message(&worker.body), name(worker))
        }
        Act::Duplicate(at) => {
            format!("SQS has a second copy of {}", a_message(&before.messages[at].body))
        }
        Act::Lapse(at) => {
            let worker = name(&before.workers[at]);
            format!("the message of {worker} becomes visible again while it still works")
        }
        Act::Crash(at) => format!("{} dies", name(&before.workers[at])),
        Act::Arrive(_) => "the write that got no answer reaches the store".to_owned(),
        Act::Command(Wish::Cancel) => "an operator cancels the task".to_owned(),
        Act::Command(Wish::Hold) => "an operator holds the task".to_owned(),
        Act::Command(Wish::Resume) if before.booked.is_empty() => {
            "a person sees no booking at the partner and lets the task go on".to_owned()
        }
        Act::Command(Wish::Resume) => {
            "a person sees the booking at the partner and lets the task go on".to_owned()
        }
        Act::OperatorSends => "the operator sends the stored message".to_owned(),
        Act::OperatorDies => "the operator dies before sending it".to_owned(),
        Act::Schedule => "recovery is called".to_owned(),
        Act::Step(at, step) => {
            let worker = &before.workers[at];
            format!("{} {}", name(worker), takes(worker, step, before, after))
        }
    }
}

fn takes(worker: &Worker, step: Move, before: &World, after: &World) -> String {
    match step {
        Move::Write(does, fate) => {
            let end = match fate {
                Fate::Lost => ": applied, and the answer is lost",
                Fate::Late => ": no answer, and the write is still on its way",
                Fate::Answered if before.record == after.record => ": nothing is written",
                Fate::Answered => "",
            };
            format!("{}{end}", writes(does, before.kind() == Some(StatusKind::Running)))
        }
        Move::Call(CallEnd::Booked) => "calls the partner, which books".to_owned(),
        Move::Call(CallEnd::NotSent(_)) => "cannot reach the partner".to_owned(),
        Move::Call(CallEnd::NoAnswer { booked: true }) => {
            "calls the partner, which books, and gets no answer".to_owned()
        }
        Move::Call(CallEnd::NoAnswer { booked: false }) => {
            "calls the partner in vain and gets no answer".to_owned()
        }
        Move::Send { taken: false } => "sends, and SQS does not take it".to_owned(),
        Move::Send { taken: true } => match settled(worker) {
            Some(Settled::Send { message, .. } | Settled::StepBack(message)) => {
                format!("sends the stored message to {}", message.stage)
            }
            _ => "sends its message to the dead-letter queue".to_owned(),
        },
        Move::Finish => match settled(worker) {
            Some(Settled::GiveBack { .. }) => "gives its message back".to_owned(),
            _ => "acknowledges its message".to_owned(),
        },
        Move::Ahead if after.messages.len() > before.messages.len() => {
            "sends its result before it commits".to_owned()
        }
        Move::Ahead if after.messages.len() < before.messages.len() => {
            "acknowledges its message before it commits".to_owned()
        }
        Move::Ahead => "has nothing to send".to_owned(),
    }
}

fn writes(does: Does, is_running: bool) -> &'static str {
    match does {
        Does::Create => "creates the task",
        Does::Claim { lapsed: true } if is_running => {
            "takes the task over, as its clock says that the lease has lapsed"
        }
        Does::Claim { lapsed: false } if is_running => {
            "claims the task, and its clock says that the lease holds"
        }
        Does::Claim { .. } => "claims the task",
        Does::Commit => "commits its result",
        Does::DecideAgain => "finds the booking slot taken and hands back to decision",
        Does::Intend => "notes that it is about to call",
        Does::Note => "notes that it has booked",
        Does::Clear(_) => "notes that the call did not happen",
        Does::Fail(Trouble::Retry) => "fails and wants a retry",
        Does::Fail(Trouble::Permanent) => "fails for good",
        Does::Fail(Trouble::Wait) => "has to wait",
        Does::Fail(Trouble::Ambiguous) => "does not know whether a call happened",
        Does::Mend => "mends what seems stuck",
        Does::Again => "repeats its write",
    }
}

fn settled(worker: &Worker) -> Option<&Settled> {
    match &worker.phase {
        Phase::Settling { settled, .. } => Some(settled),
        Phase::Received | Phase::Repeat { .. } | Phase::Owning { .. } => None,
    }
}

fn a_message(body: &Body) -> String {
    match body {
        Body::Event => "the event".to_owned(),
        Body::Stage(message) => format!("the message for {}", message.stage),
        Body::Scan(_) => "the call to recover".to_owned(),
    }
}

fn of(body: &Body) -> String {
    match body {
        Body::Scan(_) => "recovery".to_owned(),
        Body::Event | Body::Stage(_) => body.queue().to_string(),
    }
}

fn became(before: &World, after: &World) -> String {
    if before.record == after.record {
        return String::new();
    }
    let stands = |record: &TaskRecord| {
        let (stage, status) = (record.stage, record.status.kind().as_str());
        format!("{stage}, {status}, epoch {}", record.epoch)
    };
    let record = after.record.as_ref();
    format!(" => {}", record.map_or("no record".to_owned(), |record| stands(record)))
}
