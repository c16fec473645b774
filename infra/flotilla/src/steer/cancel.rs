//! Cancels tasks.

use super::tasks::Tasks;
use super::wish::Wish;
use crate::error::Error;
use crate::operator::Wishes;
use clap::Args;
use std::io::Write;

/// What can be asked for.
#[derive(Debug, Args)]
#[command(after_help = "A cancel stops what has not started. A call that is under way may still \
    happen, and the record says so.\n\n\
    Example:\n  flotilla cancel 0f3a5be07c2189d4e6ab30517c9f2d84 --reason 'the customer withdrew'")]
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
        self.tasks.wish(&Wish::Cancel(reason), false, wishes, out).await
    }
}
