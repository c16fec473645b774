//! Dead letters: listed, shown, sent back to their queues, dropped.
//!
//! ```text
//! read      what an agent's dead-letter queue shows, and how the tasks of it stand
//! standing  what a letter is worth                                    (pure)
//! work      what redriving and dropping have in common
//! pass      goes through the queue once more and acts on what was counted
//! ```

mod drop;
mod list;
mod pass;
mod read;
mod redrive;
#[cfg(test)]
pub(crate) mod samples;
mod show;
mod standing;
mod work;

use crate::error::Error;
use crate::operator::Wishes;
use clap::{Args, Subcommand};
use flotilla_task::Stage;
use std::io::Write;

/// What can be asked for.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists dead letters by agent and reason.
    List(list::Arguments),
    /// Shows an agent's dead letters with what would become of them.
    Show(show::Arguments),
    /// Sends an agent's dead letters back to its queue.
    Redrive(redrive::Arguments),
    /// Deletes dead letters for good.
    Drop(drop::Arguments),
}

impl Arguments {
    /// Does it and says whether all is well.
    ///
    /// # Errors
    /// [`Error`] when it could not be done.
    pub async fn run(self, wishes: &Wishes, out: &mut dyn Write) -> Result<bool, Error> {
        match self.command {
            Command::List(arguments) => arguments.run(wishes, out).await,
            Command::Show(arguments) => arguments.run(wishes, out).await,
            Command::Redrive(arguments) => arguments.run(wishes, out).await,
            Command::Drop(arguments) => arguments.run(wishes, out).await,
        }
    }
}

/// Whose dead letters, and which of them.
#[derive(Debug, Args)]
struct Which {
    /// The agent: ingestion, processing, decision, communication or state.
    #[arg(value_name = "AGENT", value_parser = agent)]
    agent: Stage,
    /// Only those with this reason, such as `invalid_field`; `none` for those that SQS
    /// moved by itself.
    #[arg(long, value_name = "CODE")]
    reason: Option<String>,
}

impl Which {
    /// Keeps those that are meant.
    fn keep(&self, shown: &mut read::Shown) {
        let is_meant = |code: &str| self.reason.as_deref().is_none_or(|reason| reason == code);
        shown.letters.retain(|judged| is_meant(judged.letter.told.code()));
    }

    /// `of processing with the reason invalid_field`.
    fn words(&self) -> String {
        let reason = self.reason.as_deref().map(|code| format!(" with the reason {code}"));
        format!("of {}{}", self.agent, reason.unwrap_or_default())
    }
}

/// An agent by its name.
fn agent(name: &str) -> Result<Stage, String> {
    Stage::from_name(name).ok_or_else(|| {
        let names: Vec<_> = Stage::ALL.into_iter().map(Stage::as_str).collect();
        format!("expected one of {}", names.join(", "))
    })
}

/// That one, or all.
fn agents(one: Option<Stage>) -> Vec<Stage> {
    one.map_or_else(|| Stage::ALL.to_vec(), |one| vec![one])
}

/// `3 invalid_field, 1 none (moved by SQS)`: letters by their reasons.
fn by_reason<'a>(letters: impl Iterator<Item = &'a read::Judged>) -> String {
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for judged in letters {
        *counts.entry(judged.letter.told.code_in_words()).or_default() += 1;
    }
    let words = counts.into_iter().map(|(code, count)| format!("{count} {code}"));
    words.collect::<Vec<_>>().join(", ")
}
