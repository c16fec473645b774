//! Which sources and partners the fleet has: those that it is built with, unless files
//! say otherwise.

use super::gather::Wish;
use crate::error::Error;
use crate::sources;
use clap::Args;
use flotilla_runtime::partners::Directory;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The partners that the fleet is built with.
const PARTNERS: &str = include_str!("../../../../../functions/communication/data/partners.toml");

/// The files of a fleet that has its own.
#[derive(Debug, Args)]
pub struct Given {
    /// The fleet's file of sources, if it has one of its own.
    #[arg(long, env = "SOURCES_FILE", value_name = "FILE")]
    sources: Option<PathBuf>,
    /// The fleet's file of partners, if it has one of its own.
    #[arg(long, value_name = "FILE")]
    partners: Option<PathBuf>,
}

impl Given {
    /// What is to be read of such a fleet.
    ///
    /// # Errors
    /// [`Error::Usage`] when a file cannot be read.
    pub fn wish(&self, window: Duration, patience: Duration) -> Result<Wish, Error> {
        let sources = sources::names(self.sources.as_deref())?;
        Ok(Wish { window, patience, sources, partners: partners(self.partners.as_deref())? })
    }
}

fn partners(file: Option<&Path>) -> Result<Vec<String>, Error> {
    let text = match file {
        Some(file) => std::fs::read_to_string(file).map_err(|error| Error::file(file, &error))?,
        None => PARTNERS.to_owned(),
    };
    // Whatever stands for {base} in their addresses: only their names count here.
    let directory = Directory::parse(&text, "https://base.invalid")
        .map_err(|error| Error::usage(error.to_string()))?;
    let notified = ["customer", "dispatch"].map(str::to_owned);
    Ok(directory.carriers.into_keys().chain(notified).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_files_are_read_and_another_is_named_when_it_is_not_there() {
        let given = Given { sources: None, partners: None };
        let wish = given.wish(Duration::ZERO, Duration::ZERO).unwrap();
        assert_eq!(wish.partners, ["steady", "swift", "tortoise", "customer", "dispatch"]);
        assert!(!wish.sources.is_empty());
        let given = Given { sources: None, partners: Some("no/such.toml".into()) };
        let error = given.wish(Duration::ZERO, Duration::ZERO).unwrap_err().to_string();
        assert!(error.starts_with("no/such.toml: "), "{error}");
    }
}
