//! Resumes an agent or a partner.

mod agent;
mod climb;
mod partner;
mod turn;

use super::change::Change;
use super::pause::target::{Target, Who};
use crate::error::Error;
use crate::operator::Wishes;
use crate::span::span;
use clap::Args;
use std::io::Write;
use std::time::Duration;

/// What can be asked for.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  flotilla resume partner steady\n  \
                  flotilla resume communication --gradually --every 2m")]
pub struct Arguments {
    #[command(flatten)]
    who: Who,
    /// Let an agent's environments grow step by step.
    #[arg(long)]
    gradually: bool,
    /// How long each step takes, such as 60s or 5m: 1 s to 1 h.
    #[arg(
        long,
        value_name = "TIME",
        default_value = "60s",
        requires = "gradually",
        value_parser = span::<1, 3600>
    )]
    every: Duration,
    #[command(flatten)]
    change: Change,
}

impl Arguments {
    /// Does it and says whether all is well.
    ///
    /// # Errors
    /// [`Error`] when it could not be done.
    pub async fn run(self, wishes: &Wishes, out: &mut dyn Write) -> Result<bool, Error> {
        match self.who.target("resume")? {
            Target::Partner(_) if self.gradually => Err(Error::usage(
                "--gradually is for agents: a partner's breaker closes by steps of its own"
                    .to_owned(),
            )),
            Target::Partner(name) => partner::resume(&name, self.change, wishes, out).await,
            Target::Agent(stage) => {
                let every = self.gradually.then_some(self.every);
                agent::resume(stage, every, self.change, wishes, out).await
            }
        }
    }
}
