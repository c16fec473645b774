//! The search itself: it accepts what happened, refuses what cannot have, and
//! says the same as stateright's on small histories.

use super::*;
use crate::callers::{Calm, history};
use crate::commands::{TICK, action, command};
use fastrand::Rng;
use flotilla_task::memory::MemoryStore;
use flotilla_task::{StoreError, TaskId, TaskStore, Timestamp};
use stateright::semantics::{ConsistencyTester, LinearizabilityTester, SequentialSpec};
use std::sync::Mutex;
use tokio::task::yield_now;

fn task() -> TaskId {
    TaskId::new("t").unwrap()
}

/// Takes turns with its other callers before and after each operation.
#[derive(Default)]
struct Fair(MemoryStore);

impl TaskStore for Fair {
    async fn apply(&self, command: &Command) -> Result<Outcome, StoreError> {
        yield_now().await;
        let outcome = self.0.apply(command).await;
        yield_now().await;
        outcome
    }

    async fn get(&self, task: &TaskId) -> Result<Option<TaskRecord>, StoreError> {
        self.0.get(task).await
    }
}

/// Reads, thinks, and writes without a condition.
#[derive(Default)]
struct Careless(Mutex<Option<TaskRecord>>);

impl TaskStore for Careless {
    async fn apply(&self, command: &Command) -> Result<Outcome, StoreError> {
        let record = self.0.lock().unwrap().clone();
        yield_now().await;
        Ok(match transition(record.as_ref(), command) {
            Transition::Applied(after) => {
                *self.0.lock().unwrap() = Some(after.clone());
                Outcome::Applied(after)
            }
            Transition::Refused(refusal) => Outcome::Refused { refusal, record },
        })
    }

    async fn get(&self, _: &TaskId) -> Result<Option<TaskRecord>, StoreError> {
        Ok(self.0.lock().unwrap().clone())
    }
}

#[tokio::test]
async fn a_store_that_writes_without_a_condition_is_found_out() {
    let mut found = 0;
    for seed in 0..20 {
        let fair = history(&Fair::default(), &Calm, &task(), seed).await;
        assert_eq!(linearize(&fair).unwrap().len(), fair.len());
        let careless = history(&Careless::default(), &Calm, &task(), seed).await;
        found += usize::from(linearize(&careless).is_err());
    }
    assert!(found > 15, "{found} of 20 histories were refused");
}

/// What happens when operations come and go at random: each takes effect at one
/// moment between its call and its answer.
fn happened(rng: &mut Rng) -> Vec<Operation> {
    let (mut operations, mut moments) = (Vec::<Operation>::new(), 0);
    let mut record: Option<TaskRecord> = None;
    while operations.len() < 9 || operations.iter().any(|one| one.returned == usize::MAX) {
        moments += 1;
        let at = rng.usize(..operations.len() + 1);
        let is_full = operations.len() == 9;
        match operations.get_mut(at) {
            None if !is_full => {
                let now = Timestamp::from_millis(1_000).plus(TICK * rng.u32(..6));
                let action = action(rng, record.as_ref(), now);
                let write = command(&task(), &format!("a{}", operations.len()), now, action);
                let asked = if rng.u8(..4) == 0 { Asked::Read } else { Asked::Write(write) };
                operations.push(Operation::unanswered(asked, moments));
            }
            None => {}
            Some(one) if one.told.is_none() => {
                let (told, after) = specified(&one.asked, record.as_ref());
                (one.told, record) = (Some(told), after);
            }
            Some(one) => one.returned = one.returned.min(moments),
        }
    }
    operations
}

/// Something that may not have happened.
fn disturb(rng: &mut Rng, operations: &mut [Operation]) {
    let (one, other) = (rng.usize(..operations.len()), rng.usize(..operations.len()));
    match rng.u8(..4) {
        0 => {
            let told = operations[one].told.clone();
            operations[one].told = std::mem::replace(&mut operations[other].told, told);
        }
        1 => operations[one].returned = operations[one].invoked + 1,
        2 => operations[one].asked = operations[other].asked.clone(),
        _ => operations[one] = Operation::unanswered(operations[one].asked.clone(), one),
    }
}

#[derive(Clone, Default)]
struct Record(Option<TaskRecord>);

impl SequentialSpec for Record {
    type Op = Asked;
    type Ret = Told;

    fn invoke(&mut self, asked: &Asked) -> Told {
        let (told, after) = specified(asked, self.0.as_ref());
        self.0 = after;
        told
    }
}

/// Stateright's word on it, each operation by a thread of its own.
fn second_opinion(operations: &[Operation]) -> bool {
    let mut moments: Vec<_> = operations
        .iter()
        .enumerate()
        .flat_map(|(at, one)| [(one.invoked, true, at), (one.returned, false, at)])
        .collect();
    moments.sort_unstable();
    let mut tester = LinearizabilityTester::new(Record::default());
    for (_, is_call, at) in moments {
        let one = &operations[at];
        if is_call {
            tester.on_invoke(at, one.asked.clone()).unwrap();
        } else if let Some(told) = &one.told {
            tester.on_return(at, told.clone()).unwrap();
        }
    }
    tester.is_consistent()
}

#[test]
fn on_small_histories_the_search_agrees_with_stateright() {
    let (mut accepted, mut refused) = (0, 0);
    for seed in 0..600 {
        let mut rng = Rng::with_seed(seed);
        let mut operations = happened(&mut rng);
        assert!(linearize(&operations).is_ok(), "seed {seed}: it happened");
        disturb(&mut rng, &mut operations);
        let explained = linearize(&operations).is_ok();
        assert_eq!(explained, second_opinion(&operations), "seed {seed}: {operations:#?}");
        if explained { accepted += 1 } else { refused += 1 }
    }
    assert!(accepted > 100 && refused > 100, "{accepted} accepted, {refused} refused");
}
