//! Tasks in memory, behind the same port: the transition function as it is.

use crate::{
    Command, Outcome, StoreError, Stuck, TaskId, TaskRecord, TaskStore, Transition, transition,
};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// An in-memory [`TaskStore`] for tests and models.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<HashMap<TaskId, TaskRecord>>);

impl MemoryStore {
    /// Every record, in no order.
    #[must_use]
    pub fn records(&self) -> Vec<TaskRecord> {
        self.lock().values().cloned().collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<TaskId, TaskRecord>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TaskStore for MemoryStore {
    async fn apply(&self, command: &Command) -> Result<Outcome, StoreError> {
        let mut tasks = self.lock();
        let record = tasks.get(&command.task).cloned();
        Ok(match transition(record.as_ref(), command) {
            Transition::Applied(next) => {
                tasks.insert(next.id.clone(), next.clone());
                Outcome::Applied(next)
            }
            Transition::Refused(refusal) => Outcome::Refused { refusal, record },
        })
    }

    async fn get(&self, task: &TaskId) -> Result<Option<TaskRecord>, StoreError> {
        Ok(self.lock().get(task).cloned())
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
}
