//! Which sources and partners the fleet has: those that it is built with, unless files
//! say otherwise.

use super::gather::Wish;
use crate::error::Error;
use crate::{directory, sources};
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

/// The files of a fleet that has its own.
#[derive(Debug, Args)]
pub struct Given {
    /// The fleet's file of sources, if it has one of its own.
    #[arg(long, env = "SOURCES_FILE", value_name = "FILE")]
    sources: Option<PathBuf>,
    /// The fleet's file of partners, if it has one of its own.
    #[arg(long, env = "PARTNERS_FILE", value_name = "FILE")]
    partners: Option<PathBuf>,
}

impl Given {
    /// What is to be read of such a fleet.
    ///
    /// # Errors
    /// [`Error::Usage`] when a file cannot be read.
    pub fn wish(&self, window: Duration, patience: Duration) -> Result<Wish, Error> {
        let sources = sources::names(self.sources.as_deref())?;
        Ok(Wish {
            window,
            patience,
            sources,
            partners: directory::names(self.partners.as_deref())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_files_are_read_and_another_is_named_when_it_is_not_there() {
        let given = Given { sources: None, partners: None };
        let wish = given.wish(Duration::ZERO, Duration::ZERO).unwrap();
        assert_eq!(wish.partners, ["customer", "dispatch", "steady", "swift", "tortoise"]);
        assert!(!wish.sources.is_empty());
        let given = Given { sources: None, partners: Some("no/such.toml".into()) };
        let error = given.wish(Duration::ZERO, Duration::ZERO).unwrap_err().to_string();
        assert!(error.starts_with("no/such.toml: "), "{error}");
    }
}
