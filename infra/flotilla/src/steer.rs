//! What an operator changes: tasks, dead letters, agents and partners.
//!
//! Every change goes through the fleet's own conditional writes, can be tried
//! first (`--dry-run`), and is asked about before it is made (`--yes` answers).

pub mod author;
pub mod cancel;
pub mod change;
pub mod dlq;
pub mod forget;
pub mod grant;
pub mod hold;
pub mod over;
pub mod pause;
pub mod progress;
pub mod rate;
pub mod release;
pub mod resume;
pub mod retry;
#[cfg(test)]
mod samples;
pub mod wish;
pub mod word;
pub mod words;

use crate::error::Error;
use crate::operator::Wishes;
use clap::Subcommand;
use serde::Serialize;
use std::io::Write;

/// The commands that change something.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Stops a task that has not ended.
    Cancel(cancel::Arguments),
    /// Holds a task until a person releases it.
    Hold(hold::Arguments),
    /// Lets a held task go on.
    Release(release::Arguments),
    /// Lets a failed task go on at the stage where it failed.
    Retry(retry::Arguments),
    /// Lists, shows, redrives and drops dead letters.
    Dlq(dlq::Arguments),
    /// Pauses an agent or a partner.
    Pause(pause::Arguments),
    /// Resumes an agent or a partner.
    Resume(resume::Arguments),
    /// Erases a person's data from the fleet.
    Forget(forget::Arguments),
}

/// The one document of an answer for a program.
pub(crate) fn json(answer: &impl Serialize, out: &mut dyn Write) -> Result<(), Error> {
    let text = serde_json::to_string_pretty(answer);
    let text = text.map_err(|error| Error::usage(format!("writing JSON: {error}")))?;
    Ok(writeln!(out, "{text}")?)
}

impl Command {
    /// Does it and says whether all is well.
    ///
    /// # Errors
    /// [`Error`] when it could not be done.
    pub async fn run(self, wishes: &Wishes, out: &mut dyn Write) -> Result<bool, Error> {
        match self {
            Self::Cancel(arguments) => arguments.run(wishes, out).await,
            Self::Hold(arguments) => arguments.run(wishes, out).await,
            Self::Release(arguments) => arguments.run(wishes, out).await,
            Self::Retry(arguments) => arguments.run(wishes, out).await,
            Self::Dlq(arguments) => arguments.run(wishes, out).await,
            Self::Pause(arguments) => arguments.run(wishes, out).await,
            Self::Resume(arguments) => arguments.run(wishes, out).await,
            Self::Forget(arguments) => arguments.run(wishes, out).await,
        }
    }
}
