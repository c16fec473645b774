//! When two states are the same: names and numbers differ, what can happen does not.
//!
//! - Workers, messages and late writes are compared as multisets. A message and
//!   the workers that have it are compared together, and so are a writer and its
//!   late writes.
//! - An epoch counts by its distance from the record's: the same, one behind, or
//!   further. A fence admits the same alone; one behind can be the version that
//!   the writer itself has just left; further behind is refused for ever, because
//!   epochs only grow.
//! - An attempt's id counts by whether it wrote the record last.
//! - Payloads, reasons' texts and times do not steer the protocol.

use crate::world::{Body, Message, Phase, Purpose, Step, Worker, World, Write, scan_attempt};
use flotilla_task::{Action, Epoch, Fence, Next, Settled, StageMessage, Status, TaskRecord};
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

impl Hash for World {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest().hash(state);
    }
}

impl World {
    fn digest(&self) -> u64 {
        let mut workers: Vec<(u64, u64)> =
            self.workers.iter().map(|worker| (worker.message, self.worker(worker))).collect();
        workers.sort_unstable();
        let message = |message: &Message| {
            let has = |(id, digest): &(u64, u64)| (*id == message.id).then_some(*digest);
            let workers: Vec<u64> = workers.iter().filter_map(has).collect();
            of((self.body(&message.body), message.receives, message.delivered, workers))
        };
        let is_there = |id: &u64| self.messages.iter().any(|message| message.id == *id);
        let alone = workers.iter().filter(|(id, _)| !is_there(id)).map(|(_, digest)| *digest);
        let record = self.record.as_ref().map(|record| record_digest(record));
        of((
            record,
            sorted(self.messages.iter().map(message)),
            sorted(alone),
            self.orphaned_writes(),
            self.operator.as_ref().map(|message| self.message(message)),
            &self.booked,
            self.left,
            self.memory,
        ))
    }

    fn worker(&self, worker: &Worker) -> u64 {
        let by = worker.by();
        let late = sorted(self.late_of(by).map(|write| self.write(write)));
        let fixed = (worker.receives, worker.lapsed, worker.ahead, worker.visit);
        of((fixed, self.body(&worker.body), self.wrote(by), late, self.phase(&worker.phase)))
    }

    fn phase(&self, phase: &Phase) -> u64 {
        match phase {
            Phase::Received => of(0),
            Phase::Repeat { write, purpose } => of((1, self.write(write), self.purpose(purpose))),
            Phase::Owning { record, step } => of((2, self.held(record), step_digest(step))),
            Phase::Settling { settled, sent, cause } => {
                let what = match settled {
                    Settled::Acknowledge => of(0),
                    Settled::Send { message, .. } | Settled::StepBack(message) if !sent => {
                        of((1, self.message(message)))
                    }
                    Settled::DeadLetter(_) if !sent => of(2),
                    Settled::GiveBack { .. } => of(3),
                    // What was sent is on its queue.
                    Settled::Send { .. } | Settled::StepBack(_) | Settled::DeadLetter(_) => of(0),
                };
                of((3, what, cause))
            }
        }
    }

    fn purpose(&self, purpose: &Purpose) -> u64 {
        match purpose {
            Purpose::Create => of(0),
            Purpose::Claim => of(1),
            Purpose::Commit => of(2),
            Purpose::Checkpoint { held, then } => of((3, self.held(held), step_digest(then))),
            Purpose::End { .. } => of(4),
            Purpose::Mend => of(5),
        }
    }

    /// A version that somebody holds.
    fn held(&self, record: &TaskRecord) -> u64 {
        of((self.distance(record.epoch), record_digest(record)))
    }

    fn write(&self, write: &Write) -> u64 {
        let fence = |fence: &Fence| of((fence.stage, fence.status, self.distance(fence.epoch)));
        let what = match &write.command.action {
            Action::Create(_) => of(0),
            Action::Claim { stage, .. } => of((1, stage)),
            Action::Checkpoint { fence: at, checkpoints, intent } => {
                of((2, fence(at), checkpoints.len(), intent.is_some()))
            }
            Action::Commit { fence: at, next } => {
                let to = match next {
                    Next::Stage { stage, .. } => Some(stage),
                    Next::Complete => None,
                };
                of((3, fence(at), to))
            }
            Action::Release { fence: at, .. } => of((4, fence(at))),
            Action::Yield { fence: at } => of((5, fence(at))),
            Action::Fail { fence: at, reason } => of((6, fence(at), reason.code)),
            Action::Hold { fence: at, reason } => of((7, fence(at), reason.code)),
            Action::Cancel { fence: at, .. } => of((8, fence(at))),
            Action::Resume { fence: at, .. } => of((9, fence(at))),
            Action::Resend { fence: at } => of((10, fence(at))),
        };
        of((what, self.wrote(write.by), write.command.now, write.visit))
    }

    fn body(&self, body: &Body) -> u64 {
        match body {
            Body::Event => of(0),
            Body::Stage(message) => of((1, self.message(message))),
            Body::Scan(scan) => {
                let by = scan_attempt(*scan);
                let late = sorted(self.late_of(by).map(|write| self.write(write)));
                of((2, self.wrote(by), late))
            }
        }
    }

    fn message(&self, message: &StageMessage) -> u64 {
        of((message.stage, message.hops, self.distance(message.epoch)))
    }

    /// Late writes whose writer is gone.
    fn orphaned_writes(&self) -> Vec<u64> {
        let lives = |by: u64| {
            self.workers.iter().any(|worker| worker.by() == by)
                || self.messages.iter().any(|message| match message.body {
                    Body::Scan(scan) => scan_attempt(scan) == by,
                    Body::Event | Body::Stage(_) => false,
                })
        };
        let orphans = self.late.iter().filter(|write| !lives(write.by));
        sorted(orphans.map(|write| self.write(write)))
    }

    fn late_of(&self, by: u64) -> impl Iterator<Item = &Write> {
        self.late.iter().filter(move |write| write.by == by)
    }

    fn distance(&self, epoch: Epoch) -> i64 {
        let now = self.record.as_ref().map_or(0, |record| record.epoch.get());
        now.saturating_sub(epoch.get()).min(2) as i64 - i64::from(epoch.get() > now)
    }
}

fn step_digest(step: &Step) -> u64 {
    match step {
        Step::Intend => of(0),
        Step::Call => of(1),
        Step::Note => of(2),
        Step::Clear(trouble) => of((3, trouble)),
        Step::Fail(trouble) => of((4, trouble)),
        Step::Commit => of(5),
    }
}

fn record_digest(record: &TaskRecord) -> u64 {
    let lease = match record.status {
        Status::Held { lease_until } => lease_until,
        Status::Running { lease_until } => Some(lease_until),
        Status::Pending | Status::Completed | Status::Failed | Status::Cancelled => None,
    };
    of((
        (record.stage, record.status.kind(), lease, record.hops),
        (record.attempts, record.resends, record.checkpoints.len(), record.intent.is_some()),
        record.reason.as_ref().map(|reason| reason.code),
    ))
}

fn of(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn sorted(digests: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut all: Vec<u64> = digests.collect();
    all.sort_unstable();
    all
}
