//! Holds tasks for a person.

use super::author::Author;
use super::change::Change;
use super::over::How;
use super::wish::Wish;
use crate::error::Error;
use crate::operator::{Operator, Wishes};
use clap::Args;
use std::io::Write;

/// What can be asked for.
#[derive(Debug, Args)]
#[command(
    after_help = "A held task keeps its place and what it has done until `flotilla release` \
    or `flotilla cancel`. A call that is under way may still happen, and a release counts only \
    when it can no longer be.\n\n\
    Example:\n  flotilla hold 0f3a5be07c21 --reason 'ask the carrier first'"
)]
pub struct Arguments {
    /// The tasks' ids, as `flotilla tasks` lists them.
    #[arg(required = true, value_name = "TASK")]
    tasks: Vec<String>,
    /// Why, for the record.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    author: Author,
    #[command(flatten)]
    change: Change,
}

impl Arguments {
    /// Does it and says whether all is well.
    ///
    /// # Errors
    /// [`Error`] when it could not be done.
    pub async fn run(self, wishes: &Wishes, out: &mut dyn Write) -> Result<bool, Error> {
        let operator = Operator::connect(&wishes.stack).await?;
        let records = operator.named(&self.tasks).await?;
        let wish = Wish::Hold(self.author.reason(self.reason.as_deref()));
        let how = How { author: &self.author, change: self.change, waits: false, rate: None };
        operator.over(&wish, records, &how, wishes, out).await
    }
}
