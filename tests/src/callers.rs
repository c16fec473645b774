//! Many callers at one task: what they ask at random, and the history of it.

use crate::commands::{TICK, action, command, new_task};
use crate::history::{Asked, Operation, Told};
use fastrand::Rng;
use flotilla_task::{
    Action, AttemptId, Command, Fence, Next, Outcome, Payload, Stage, TaskId, TaskRecord,
    TaskStore, Timestamp, apply_surely,
};
use futures_util::future::join_all;
use std::future::Future;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

/// So many call at the same time.
const CALLERS: u32 = 5;
/// So often each.
const CALLS: usize = 12;
/// Each caller's clock is so many ticks ahead of the one before: about a lease.
const SKEW: u32 = 3;

/// What the wire does to an attempt's requests, besides carrying them out.
pub trait Trouble: Sync {
    /// Sees to it that something may go wrong with this attempt's requests. Says
    /// how many more copies of the request may take effect.
    fn for_attempt(&self, attempt: &AttemptId, rng: &mut Rng)
    -> impl Future<Output = usize> + Send;
}

/// A wire on which nothing goes wrong.
#[derive(Debug)]
pub struct Calm;

impl Trouble for Calm {
    async fn for_attempt(&self, _: &AttemptId, _: &mut Rng) -> usize {
        0
    }
}

/// What the callers of one task share.
struct Scene<'a, S, T> {
    store: &'a S,
    trouble: &'a T,
    task: &'a TaskId,
    /// Orders invocations and answers.
    order: AtomicUsize,
    /// The time.
    ticks: AtomicU32,
}

/// Lets many callers work on one task and returns what they asked and were told.
/// Every other seed's task stands where stages are claimed before they come.
pub async fn history(
    store: &impl TaskStore,
    trouble: &impl Trouble,
    task: &TaskId,
    seed: u64,
) -> Vec<Operation> {
    let (order, ticks) = (AtomicUsize::new(0), AtomicU32::new(0));
    let scene = Scene { store, trouble, task, order, ticks };
    let mut history = Vec::new();
    if seed.is_multiple_of(2) {
        scene.to_communication(&mut history).await;
    }
    let callers =
        (0..CALLERS).map(|caller| scene.caller(caller, Rng::with_seed(seed ^ u64::from(caller))));
    history.extend(join_all(callers).await.concat());
    history
}

impl<S: TaskStore, T: Trouble> Scene<'_, S, T> {
    async fn to_communication(&self, history: &mut Vec<Operation>) {
        let mut action = Action::Create(new_task("S1"));
        for stage in [Stage::Decision, Stage::Communication] {
            let by = format!("{}-first-{stage}-", self.task);
            let first = command(self.task, &by, self.now(0, 1), action);
            let known = self.write(&first, 0, history).await.unwrap();
            let next = Next::Stage { stage, payload: Payload::from_json("{}".to_owned()) };
            action = Action::Commit { fence: Fence::of(&known), next };
        }
        let last = command(self.task, &format!("{}-last-", self.task), self.now(0, 1), action);
        self.write(&last, 0, history).await;
    }

    async fn caller(&self, caller: u32, mut rng: Rng) -> Vec<Operation> {
        let mut history = Vec::new();
        let mut known: Option<TaskRecord> = None;
        let mut last: Option<Command> = None;
        for call in 0..CALLS {
            if rng.u8(..5) == 0 {
                known = self.read(&mut history).await.unwrap_or(known);
                continue;
            }
            // Now and then the very same command again, as after a lost answer.
            let again = last.take().filter(|_| rng.u8(..8) == 0);
            let command = again.unwrap_or_else(|| {
                let now = self.now(caller * SKEW, rng.u32(..3));
                let action = action(&mut rng, known.as_ref(), now);
                // The proxy finds an attempt by its name, so no name is in another.
                command(self.task, &format!("{}-{caller}-{call}-", self.task), now, action)
            });
            let copies = self.trouble.for_attempt(&command.by, &mut rng).await;
            known = self.write(&command, copies, &mut history).await;
            last = Some(command);
        }
        history
    }

    /// What the store told, unless it did not answer.
    async fn read(&self, history: &mut Vec<Operation>) -> Option<Option<TaskRecord>> {
        let invoked = self.next();
        let record = self.store.get(self.task).await.ok()?;
        let (told, returned) = (Some(Told::Saw(record.clone())), self.next());
        history.push(Operation { asked: Asked::Read, told, invoked, returned });
        Some(record)
    }

    /// The record that the answer brought.
    async fn write(
        &self,
        command: &Command,
        copies: usize,
        history: &mut Vec<Operation>,
    ) -> Option<TaskRecord> {
        let (asked, invoked) = (Asked::Write(command.clone()), self.next());
        let copy = || Operation::unanswered(asked.clone(), invoked);
        history.extend(std::iter::repeat_with(copy).take(copies));
        match apply_surely(self.store, command).await {
            Ok(outcome) => {
                let known = match &outcome {
                    Outcome::Applied(record) => Some(record.clone()),
                    Outcome::Refused { record, .. } => record.clone(),
                };
                let (told, returned) = (Some(Told::Wrote(outcome)), self.next());
                history.push(Operation { asked, told, invoked, returned });
                known
            }
            Err(error) => {
                assert!(error.is_retryable(), "{error}: {command:?}");
                history.push(copy());
                None
            }
        }
    }

    fn next(&self) -> usize {
        self.order.fetch_add(1, Ordering::SeqCst)
    }

    /// The time on a clock that is so far ahead, after which some more passes.
    fn now(&self, ahead: u32, passing: u32) -> Timestamp {
        let ticks = self.ticks.fetch_add(passing, Ordering::SeqCst) + ahead;
        Timestamp::from_millis(1_700_000_000_000).plus(TICK * ticks)
    }
}
