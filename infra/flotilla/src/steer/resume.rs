//! Resumes an agent or a partner.

mod agent;
mod climb;
mod partner;
mod turn;

use super::change::Change;
use super::pause::target::Target;
use crate::error::Error;
use crate::operator::Wishes;
use crate::span::span;
use clap::Args;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

/// What can be asked for.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  flotilla resume partner steady\n  \
                  flotilla resume communication --gradually --every 2m")]
pub struct Arguments {
    /// An agent (ingestion, processing, decision, communication, state), or `partner`.
    #[arg(value_name = "AGENT|partner")]
    what: String,
    /// The partner's id: a carrier's, dispatch or customer.
    name: Option<String>,
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
    /// The fleet's file of partners, if it has one of its own.
    #[arg(long, env = "PARTNERS_FILE", value_name = "FILE")]
    partners: Option<PathBuf>,
    #[command(flatten)]
    change: Change,
}

impl Arguments {
    /// Does it and says whether all is well.
    ///
    /// # Errors
    /// [`Error`] when it could not be done.
    pub async fn run(self, wishes: &Wishes, out: &mut dyn Write) -> Result<bool, Error> {
        let (name, file) = (self.name.as_deref(), self.partners.as_deref());
        match Target::read("resume", &self.what, name, file)? {
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
