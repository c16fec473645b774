//! Forgets a person.

use crate::error::Error;
use crate::operator::Wishes;
use clap::Args;
use std::io::Write;

/// What can be asked for.
#[derive(Debug, Args)]
pub struct Arguments {}

impl Arguments {
    /// Does it and says whether all is well.
    ///
    /// # Errors
    /// [`Error`] when it could not be done.
    pub async fn run(self, _wishes: &Wishes, _out: &mut dyn Write) -> Result<bool, Error> {
        Err(Error::usage("not there yet".to_owned()))
    }
}
