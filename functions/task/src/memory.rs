//! Tasks in memory, behind the same port: the transition function as it is.

use crate::{
    AgentPause, Command, Outcome, Pauses, Stage, StoreError, Stuck, Taken, TaskId, TaskRecord,
    TaskStore, Transition, Turn, Turns, Whose, transition,
};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// An in-memory [`TaskStore`] for tests and models.
#[derive(Debug, Default)]
pub struct MemoryStore {
    tasks: Mutex<HashMap<TaskId, TaskRecord>>,
    turn: Mutex<Option<Taken>>,
    pauses: Mutex<Pauses>,
}

impl MemoryStore {
    /// Every record, in no order.
    #[must_use]
    pub fn records(&self) -> Vec<TaskRecord> {
        lock(&self.tasks).values().cloned().collect()
    }

    /// An operator has paused an agent, or resumed it.
    pub fn note_pause(&self, of: Stage, note: AgentPause) {
        lock(&self.pauses).insert(of, note);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl TaskStore for MemoryStore {
    async fn apply(&self, command: &Command) -> Result<Outcome, StoreError> {
        let mut tasks = lock(&self.tasks);
        let record = tasks.get(&command.task);
        Ok(match transition(record, command) {
            Transition::Applied(next) => {
                tasks.insert(next.id.clone(), next.clone());
                Outcome::Applied(next)
            }
            Transition::Refused(refusal) => Outcome::Refused { refusal, record: record.cloned() },
        })
    }

    async fn get(&self, task: &TaskId) -> Result<Option<TaskRecord>, StoreError> {
        Ok(lock(&self.tasks).get(task).cloned())
    }
}

impl Stuck for MemoryStore {
    async fn open_tasks(
        &self,
        _after: Option<String>,
    ) -> Result<(Vec<TaskRecord>, Option<String>), StoreError> {
        let open = |record: &TaskRecord| record.status.kind().is_open();
        Ok((self.records().into_iter().filter(open).collect(), None))
    }

    async fn pauses(&self) -> Result<Pauses, StoreError> {
        Ok(lock(&self.pauses).clone())
    }
}

impl Turns for MemoryStore {
    async fn take(&self, turn: &Turn) -> Result<Whose, StoreError> {
        let mut last = lock(&self.turn);
        let whose = turn.after(last.as_ref());
        if whose == Whose::Mine {
            let Turn { run, page, by, now, .. } = turn.clone();
            *last = Some(Taken { run, page, by, at: now, is_over: false });
        }
        Ok(whose)
    }

    async fn end(&self, turn: &Turn) -> Result<(), StoreError> {
        let mut last = lock(&self.turn);
        if let Some(last) = last.as_mut().filter(|l| l.run == turn.run && l.page == turn.page) {
            last.is_over = true;
        }
        Ok(())
    }
}
