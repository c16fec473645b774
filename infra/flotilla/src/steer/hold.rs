//! Holds tasks for a person.

use super::tasks::Tasks;
use super::wish::Wish;
use crate::error::Error;
use crate::operator::Wishes;
use clap::Args;
use std::io::Write;

/// What can be asked for.
#[derive(Debug, Args)]
#[command(
    after_help = "A held task keeps its place and what it has done until `flotilla release` \
    or `flotilla cancel`. A call that is under way may still happen, and a release counts only \
    when it can no longer be.\n\n\
    Example:\n  flotilla hold 0f3a5be07c2189d4e6ab30517c9f2d84 --reason 'ask the carrier first'"
)]
pub struct Arguments {
    #[command(flatten)]
    tasks: Tasks,
    /// Why, for the record.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

impl Arguments {
    /// Does it and says whether all is well.
    ///
    /// # Errors
    /// [`Error`] when it could not be done.
    pub async fn run(self, wishes: &Wishes, out: &mut dyn Write) -> Result<bool, Error> {
        let reason = self.tasks.author.reason(self.reason.as_deref());
        self.tasks.wish(&Wish::Hold(reason), false, wishes, out).await
    }
}
