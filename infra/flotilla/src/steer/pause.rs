//! Pauses an agent or a partner.

mod agent;
mod partner;
pub(super) mod target;

use super::change::Change;
use crate::error::Error;
use crate::operator::Wishes;
use crate::span::span;
use clap::Args;
use std::io::Write;
use std::time::Duration;
use target::{Target, Who};

/// A longer pause of a partner is one until somebody resumes it. In seconds.
const THIRTY_DAYS: u64 = 30 * 86_400;

/// What can be asked for.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  flotilla pause partner steady --for 2h\n  \
                  flotilla pause partner dispatch\n  flotilla pause communication")]
pub struct Arguments {
    #[command(flatten)]
    who: Who,
    /// For how long a partner is paused, such as 90m, 2h or 1d: 1 s to 30 days;
    /// until it is resumed unless given.
    #[arg(long = "for", value_name = "TIME", value_parser = span::<1, THIRTY_DAYS>)]
    for_: Option<Duration>,
    #[command(flatten)]
    change: Change,
}

impl Arguments {
    /// Does it and says whether all is well.
    ///
    /// # Errors
    /// [`Error`] when it could not be done.
    pub async fn run(self, wishes: &Wishes, out: &mut dyn Write) -> Result<bool, Error> {
        match (self.who.target("pause")?, self.for_) {
            (Target::Partner(name), for_) => {
                partner::pause(&name, for_, self.change, wishes, out).await
            }
            (Target::Agent(stage), None) => agent::pause(stage, self.change, wishes, out).await,
            (Target::Agent(stage), Some(_)) => Err(Error::usage(format!(
                "--for is for partners: nobody would resume {stage} when the time is over"
            ))),
        }
    }
}
