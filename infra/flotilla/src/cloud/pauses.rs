//! The notes of agents' pauses in the table.

use super::Cloud;
use crate::error::Error;
use flotilla_runtime::store::DynamoTasks;
use flotilla_runtime::store::pause::Noted;
use flotilla_task::{AgentPause, Pauses, Stage};
use std::time::Duration;

/// So often another command may be first.
const ROUNDS: usize = 5;

impl Cloud {
    /// Which agents a person has paused, or had lately: one read.
    ///
    /// # Errors
    /// [`Error::Environment`] when DynamoDB does not answer; so for the others here.
    pub async fn agent_pauses(&self) -> Result<Pauses, Error> {
        self.tasks()?.noted_pauses().await.map_err(|error| failed("reading", error))
    }

    /// Notes a pause, or that it is over: what follows from the note that stands.
    ///
    /// # Errors
    /// See [`Self::agent_pauses`]; also when others change it all the time.
    pub async fn note_pause(
        &self,
        of: Stage,
        next: impl Fn(Option<&AgentPause>) -> AgentPause,
    ) -> Result<AgentPause, Error> {
        let tasks = self.tasks()?;
        let mut before = self.agent_pauses().await?.get(&of).copied();
        for _ in 0..ROUNDS {
            let note = next(before.as_ref());
            match tasks.note_pause(of, &note).await.map_err(|error| failed("writing", error))? {
                Noted::Mine => return Ok(note),
                Noted::Lost(found) => before = found,
            }
        }
        Err(failed("writing", "others changed it each time"))
    }

    /// Notes what follows from a note, unless another stands in its place by then.
    /// Whether it was written.
    ///
    /// # Errors
    /// See [`Self::agent_pauses`].
    pub async fn follow_pause(&self, of: Stage, note: &AgentPause) -> Result<bool, Error> {
        let noted = self.tasks()?.note_pause(of, note).await;
        Ok(noted.map_err(|error| failed("writing", error))? == Noted::Mine)
    }

    fn tasks(&self) -> Result<DynamoTasks, Error> {
        // No task ends here, so nothing expires.
        Ok(DynamoTasks::new(self.shared_table()?, Duration::ZERO))
    }
}

fn failed(doing: &str, problem: impl std::fmt::Display) -> Error {
    let advice = "Try again. May the credentials use the table (dynamodb:Query, dynamodb:PutItem)?";
    Error::environment(&format!("{doing} the note of an agent's pause"), problem, advice)
}
