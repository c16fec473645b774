//! One state of the model: a task's record, the messages on queues, whoever
//! works on them, and what the model remembers to judge by.

use crate::bounds::Budget;
use flotilla_task::{
    Command, Failure, Pause, Reason, ReasonCode, Settled, Stage, StageMessage, Status, StatusKind,
    TaskRecord, WaitEnds,
};
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct World {
    pub(crate) record: Option<Arc<TaskRecord>>,
    pub(crate) messages: Vec<Message>,
    pub(crate) workers: Vec<Worker>,
    /// Writes that got no answer and are still on their way to the store.
    pub(crate) late: Vec<Write>,
    /// What an operator has written and is about to send.
    pub(crate) operator: Option<Arc<StageMessage>>,
    /// The bookings that stand at the partner, each with the key it was made under.
    pub(crate) booked: Vec<u64>,
    pub(crate) left: Budget,
    pub(crate) memory: Memory,
    /// The next attempt, message or scan gets this number.
    pub(crate) next: u64,
}

/// What is not in the system, but what the properties are judged by.
#[derive(Debug, Clone, Copy, PartialEq, Default, Hash)]
pub(crate) struct Memory {
    /// A bit for each visit of a stage that was committed.
    pub(crate) committed: u32,
    /// The task's failure has reached a dead-letter queue.
    pub(crate) lettered: bool,
    /// A message of this version was lost in one of the two ways that recovery is
    /// for: SQS moved it to the dead-letter queue, or an operator died before
    /// sending it. Until the next one is sent, it may have been the only one.
    pub(crate) orphaned: bool,
    /// A bit for each property that a step has broken.
    pub(crate) broken: u16,
}

/// Properties that a step breaks, rather than a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    CommittedTwice,
    FencedWriteVisible,
    EndedChanged,
    UnstoredSent,
    UnannouncedCall,
    Overlooked,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Message {
    pub(crate) id: u64,
    pub(crate) body: Body,
    pub(crate) receives: u32,
    /// Invisible, because a worker has it.
    pub(crate) delivered: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Body {
    /// An event from a source, on its way to become a task.
    Event,
    /// A call for work at a stage.
    Stage(Arc<StageMessage>),
    /// A call to look for lost tasks. Its copies share its number, as they share
    /// the message id that recovery writes under.
    Scan(u64),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Worker {
    pub(crate) attempt: u64,
    pub(crate) message: u64,
    pub(crate) body: Body,
    pub(crate) receives: u32,
    /// Its message has become visible again while it still works.
    pub(crate) lapsed: bool,
    /// The visit of its stage that it works for.
    pub(crate) visit: u32,
    /// What a removed protection makes it do before its commit, done.
    pub(crate) ahead: bool,
    pub(crate) phase: Phase,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Phase {
    /// It has its message and has written nothing.
    Received,
    /// Its write got no answer; it repeats the very same one.
    Repeat { write: Write, purpose: Purpose },
    /// It owns the task, as far as it knows.
    Owning { record: Arc<TaskRecord>, step: Step },
    /// It knows what becomes of its message.
    Settling { settled: Settled, sent: bool, cause: Cause },
}

/// What a claiming agent does next.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    Intend,
    Call,
    Note,
    Clear(Trouble),
    Fail(Trouble),
    Commit,
}

/// What a write was for, and so what its outcome means.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Purpose {
    Create,
    Claim,
    Commit,
    Checkpoint { held: Arc<TaskRecord>, then: Step },
    End { pause: Pause },
    Mend,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Write {
    /// The attempt that the command is by.
    pub(crate) by: u64,
    pub(crate) command: Arc<Command>,
    /// The visit of the stage that the writer works for.
    pub(crate) visit: u32,
}

/// Why a message is settled as it is, as far as a property asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Cause {
    Adopted,
    Fenced,
    Resent,
    Other,
}

/// What may go wrong with an agent's work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Trouble {
    Retry,
    Permanent,
    Wait,
    Ambiguous,
}

impl Trouble {
    pub(crate) fn failure(self) -> Failure {
        let reason = |code| Reason::new(code, "as the model has it");
        match self {
            Self::Retry => {
                Failure::Retry { reason: reason(ReasonCode::Failed), after: None, terms: None }
            }
            Self::Permanent => Failure::Permanent(reason(ReasonCode::Failed)),
            Self::Wait => {
                let reason = reason(ReasonCode::Failed);
                Failure::Wait { reason, delay: Duration::ZERO, ends: WaitEnds::ByTime }
            }
            Self::Ambiguous => Failure::Hold(reason(ReasonCode::Ambiguous)),
        }
    }
}

impl Body {
    /// The queue it is on.
    pub(crate) fn queue(&self) -> Stage {
        match self {
            Self::Event => Stage::Ingestion,
            Self::Stage(message) => message.stage,
            Self::Scan(_) => Stage::State,
        }
    }
}

impl Worker {
    /// The author of its writes: recovery's is its message, everyone else's is new.
    pub(crate) fn by(&self) -> u64 {
        match self.body {
            Body::Scan(scan) => scan_attempt(scan),
            Body::Event | Body::Stage(_) => self.attempt,
        }
    }

    /// Whether it may be in the middle of an outside call, or just before it.
    pub(crate) fn may_call(&self) -> bool {
        matches!(self.phase, Phase::Owning { step: Step::Call, .. })
    }
}

/// Recovery writes under the id of its message.
pub(crate) const fn scan_attempt(scan: u64) -> u64 {
    1 << 32 | scan
}

impl World {
    pub(crate) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(crate) fn put(&mut self, body: Body) {
        let id = self.number();
        self.memory.orphaned &= !self.carries(&body);
        self.messages.push(Message { id, body, receives: 0, delivered: false });
    }

    pub(crate) fn mark(&mut self, broken: Broken) {
        self.memory.broken |= 1 << broken as u16;
    }

    pub(crate) fn has(&self, broken: Broken) -> bool {
        self.memory.broken & (1 << broken as u16) != 0
    }

    /// Whether that attempt wrote the record last.
    pub(crate) fn wrote(&self, by: u64) -> bool {
        let writer = self.record.as_ref().map(|record| record.writer.as_str());
        writer.is_some_and(|writer| u64::from_str_radix(writer, 16) == Ok(by))
    }

    pub(crate) fn kind(&self) -> Option<StatusKind> {
        self.record.as_ref().map(|record| record.status.kind())
    }

    /// Whether somebody still has to work on the event or its task.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.kind(), None | Some(StatusKind::Pending | StatusKind::Running))
    }

    /// Whether there is a message, or an operator about to send one, that makes
    /// the task go on whoever dies.
    pub(crate) fn is_carried(&self) -> bool {
        self.is_carried_beside(0)
    }

    /// The same, whatever becomes of that message.
    pub(crate) fn is_carried_beside(&self, id: u64) -> bool {
        let carries = |message: &Message| message.id != id && self.carries(&message.body);
        self.operator.is_some() || self.messages.iter().any(carries)
    }

    pub(crate) fn carries(&self, body: &Body) -> bool {
        let Some(record) = &self.record else { return matches!(body, Body::Event) };
        match body {
            Body::Scan(scan) => record.status == Status::Pending && self.wrote(scan_attempt(*scan)),
            Body::Event | Body::Stage(_) => {
                let at = body.queue();
                at == record.stage || at.hands_to(record.stage)
            }
        }
    }

    /// Nobody works, nothing waits and nothing is under way.
    pub(crate) fn is_quiet(&self) -> bool {
        self.messages.is_empty()
            && self.workers.is_empty()
            && self.late.is_empty()
            && self.operator.is_none()
    }
}
