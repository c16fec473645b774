//! What an operator looks at: the fleet at a glance and live, a shipment's and a
//! task's story, and which tasks wait, failed or are stuck.
//!
//! Nothing here changes anything.

use crate::error::Error;
use crate::operator::Wishes;
use clap::Subcommand;
use std::io::Write;

/// The commands that look.
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
