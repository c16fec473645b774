//! Grants a wish: one fenced write, and where the task goes on, its message.
//!
//! ```text
//! look -> write, fenced to what was looked at -> send the message that is stored
//! ```
//!
//! Who dies between write and send leaves a pending task without a message. The same
//! wish sends it, and recovery finds it. Until then nothing is done twice and nothing is
//! lost.

use super::author::Author;
use super::recovery::Recovery;
use super::wish::{Plan, Wish};
use super::words;
use crate::error::Error;
use flotilla_runtime::queue::{Queues, Router};
use flotilla_task::{
    Clock, Outcome, Refusal, StageMessage, StatusKind, StoreError, TaskRecord, TaskStore,
    Timestamp, apply_surely,
};
use serde::Serialize;
use std::time::Duration;

/// Races lost in a row to agents at work before the operator is told.
const RACES: u32 = 5;
/// Sends of a message before it is left to recovery.
const SENDS: u32 = 3;

/// What grants wishes: the protocol's writes and the fleet's own way to its queues.
#[derive(Debug)]
pub struct Grants<S, Q, C> {
    /// Where tasks are.
    pub tasks: S,
    /// Where messages leave.
    pub queues: Q,
    /// Which queue is whose.
    pub router: Router,
    /// The time.
    pub clock: C,
    /// When recovery sends the message of a task that has lost it.
    pub recovery: Recovery,
}

/// What came of a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Came {
    /// It is granted.
    Done,
    /// It stood so before.
    Already,
    /// It is written, and the message has not left.
    Unsent,
    /// It is not granted.
    Refused,
    /// It was only tried.
    Planned,
    /// It was asked about, and the answer was no.
    Declined,
}

impl Came {
    /// Whether a person has nothing more to do.
    #[must_use]
    pub const fn is_well(self) -> bool {
        match self {
            Self::Done | Self::Already | Self::Planned => true,
            Self::Unsent | Self::Refused | Self::Declined => false,
        }
    }
}

/// What is told of one task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// The task.
    pub task: String,
    /// Its shipment.
    pub shipment: String,
    /// What came of it.
    pub came: Came,
    /// Where it stands.
    pub stage: &'static str,
    /// How it stands there.
    pub status: &'static str,
    /// Its version.
    pub epoch: u64,
    /// The same for people.
    pub text: String,
}

impl Told {
    /// Of a record as it stands.
    #[must_use]
    pub fn of(record: &TaskRecord, came: Came, text: String) -> Self {
        Self {
            task: record.id.to_string(),
            shipment: record.shipment.to_string(),
            came,
            stage: record.stage.as_str(),
            status: record.status.kind().as_str(),
            epoch: record.epoch.get(),
            text,
        }
    }
}

impl<S: TaskStore, Q: Queues, C: Clock> Grants<S, Q, C> {
    /// Grants a wish to the version that was looked at. Who waits does so until a
    /// person's answer counts.
    ///
    /// # Errors
    /// [`Error::Environment`] when the store gave no certain answer.
    pub async fn grant(
        &self,
        wish: &Wish,
        looked_at: TaskRecord,
        author: &Author,
        waits: bool,
    ) -> Result<Told, Error> {
        let stage = looked_at.stage;
        let mut record = looked_at;
        for _ in 0..RACES {
            let now = self.clock.now();
            let command = match wish.plan(&record, author, now) {
                Plan::Write { command, .. } => command,
                Plan::Send => {
                    let stands = format!("{} since {}", words::place(&record), record.writer);
                    return Ok(self.told_after_send(&record, &stands).await);
                }
                Plan::Later(after) if waits => {
                    self.wait(after, &record).await;
                    continue;
                }
                other @ (Plan::Already | Plan::Later(_) | Plan::Never(_)) => {
                    return Ok(told(&other, wish, &record, now));
                }
            };
            let outcome = apply_surely(&self.tasks, &command).await;
            match outcome.map_err(|error| uncertain(&record, &error))? {
                Outcome::Applied(after) => return Ok(self.granted(&record, &after).await),
                Outcome::Refused { refusal: Refusal::Fenced, record: Some(newer) }
                    if wish.is_meant_for_any_version() && newer.stage == stage =>
                {
                    record = newer;
                }
                Outcome::Refused { refusal, record: newer } => {
                    let text = words::refused(refusal, newer.as_ref(), now);
                    return Ok(Told::of(newer.as_ref().unwrap_or(&record), Came::Refused, text));
                }
            }
        }
        let text = words::refused(Refusal::Fenced, Some(&record), self.clock.now());
        Ok(Told::of(&record, Came::Refused, text))
    }

    async fn granted(&self, before: &TaskRecord, after: &TaskRecord) -> Told {
        if after.status.kind() != StatusKind::Pending {
            return Told::of(after, Came::Done, stopped(before, after));
        }
        self.told_after_send(after, &words::place(after)).await
    }

    /// Sends the message of a task that is written, and tells how it `stands`.
    async fn told_after_send(&self, record: &TaskRecord, stands: &str) -> Told {
        match self.send(record).await {
            Ok(()) => Told::of(record, Came::Done, format!("{stands}; its message is on its way")),
            Err(problem) => {
                let text = format!(
                    "{stands}, but its message was not sent: {problem}. Ask again to send it; \
                     otherwise {}",
                    self.recovery.words()
                );
                Told::of(record, Came::Unsent, text)
            }
        }
    }

    /// Sends the stored message, as its committer would. A copy does no harm.
    async fn send(&self, record: &TaskRecord) -> Result<(), String> {
        let message = StageMessage::stored_in(record);
        let outgoing = self.router.address(&message, Duration::ZERO);
        let outgoing = outgoing.map_err(|error| error.to_string())?;
        let mut problem = "nothing was tried".to_owned();
        for _ in 0..SENDS {
            let sent = self.queues.send(&outgoing.url, std::slice::from_ref(&outgoing)).await;
            match sent.into_iter().next() {
                Some(Ok(())) => return Ok(()),
                Some(Err(error)) => problem = error.to_string(),
                None => problem = "SQS did not say what became of it".to_owned(),
            }
        }
        Err(problem)
    }

    async fn wait(&self, after: Timestamp, record: &TaskRecord) {
        let long = self.clock.now().until(after);
        // Nobody may be there to read it.
        let _ = std::io::Write::write_fmt(
            &mut std::io::stderr(),
            format_args!(
                "waiting {} until an answer for {} counts\n",
                words::long(long),
                record.id
            ),
        );
        tokio::time::sleep(long).await;
    }
}

/// What is told of a task that is not written to.
#[must_use]
pub fn told(plan: &Plan, wish: &Wish, record: &TaskRecord, now: Timestamp) -> Told {
    match plan {
        Plan::Write { after, .. } => Told::of(
            record,
            Came::Planned,
            format!("{}, would be {}", words::place(record), words::place(after)),
        ),
        Plan::Send => Told::of(
            record,
            Came::Planned,
            format!("{}, its message would be sent once more", words::place(record)),
        ),
        Plan::Already => Told::of(record, Came::Already, format!("it was {} before", wish.done())),
        Plan::Later(after) => {
            let refusal = Refusal::TooEarly { after: *after };
            Told::of(record, Came::Refused, words::refused(refusal, Some(record), now))
        }
        Plan::Never(why) => Told::of(record, Came::Refused, why.clone()),
    }
}

/// Where it was stopped, and what may still happen.
fn stopped(before: &TaskRecord, after: &TaskRecord) -> String {
    let mut text = format!("it was {}", words::place(before));
    let until = before.answer_after();
    if until > after.updated_at {
        text.push_str("; a call that is under way may still happen until ");
        text.push_str(&words::moment(until));
    }
    text
}

fn uncertain(record: &TaskRecord, error: &StoreError) -> Error {
    let advice = format!(
        "The write may have been made nevertheless: `flotilla task {}` tells. Asking again is \
         safe, and sends the message where only that is missing.",
        record.id
    );
    Error::environment(&format!("writing to the task {}", record.id), error, &advice)
}

#[cfg(test)]
mod tests;
