//! What an operator changes: tasks, dead letters, agents and partners.
//!
//! Every change goes through the fleet's own conditional writes, can be tried
//! first (`--dry-run`), and is asked about before it is made (`--yes` answers).

use crate::error::Error;
use crate::operator::Wishes;
use clap::Subcommand;
use std::io::Write;

/// The commands that change something.
#[derive(Debug, Subcommand)]
pub enum Command {}

impl Command {
    /// Does it and says whether all is well.
    ///
    /// # Errors
    /// [`Error`] when it could not be done.
    pub async fn run(self, _wishes: &Wishes, _out: &mut dyn Write) -> Result<bool, Error> {
        match self {}
    }
}
