//! What the commands have in common that change tasks by their ids.

use super::author::Author;
use super::change::Change;
use super::over::How;
use super::wish::Wish;
use crate::error::Error;
use crate::operator::{Operator, Wishes};
use clap::Args;
use std::io::Write;

/// Which tasks, who, and how.
#[derive(Debug, Args)]
pub(super) struct Tasks {
    /// The tasks' whole ids, as `flotilla tasks` lists them.
    #[arg(required = true, value_name = "TASK")]
    pub(super) tasks: Vec<String>,
    #[command(flatten)]
    pub(super) author: Author,
    #[command(flatten)]
    change: Change,
}

impl Tasks {
    /// Grants the wish over them, and says whether all is well.
    ///
    /// # Errors
    /// [`Error`] when it could not be done.
    pub(super) async fn wish(
        &self,
        wish: &Wish,
        waits: bool,
        wishes: &Wishes,
        out: &mut dyn Write,
    ) -> Result<bool, Error> {
        let operator = Operator::connect(&wishes.stack).await?;
        let records = operator.named(&self.tasks).await?;
        let how = How { author: &self.author, change: self.change, waits, rate: None };
        operator.over(wish, records, &how, wishes, out).await
    }
}
