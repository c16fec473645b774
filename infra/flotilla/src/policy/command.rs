//! `flotilla policy`: what can be asked.

use super::{Recorded, compare, of_book, read, write};
use crate::cloud::Cloud;
use crate::error::Error;
use crate::operator::Wishes;
use clap::Subcommand;
use flotilla_shipment::places::Places;
use flotilla_shipment::policy::Policy;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Stands for the policy that is built in.
const BUILT_IN: &str = "built-in";

/// What can be asked about policies.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Shows which decisions another policy would have made otherwise, and what they cost.
    ///
    /// Both policies decide again on what the decision log says each decision looked at.
    /// Nothing is changed. Exit codes: 0 no decision would change, 1 some would, 2 the
    /// command could not do its work.
    #[command(after_help = "Example:\n  flotilla policy diff built-in policy.toml")]
    Diff {
        /// The policy as it is: a file, or built-in.
        old: PathBuf,
        /// The policy as it might be: a file, or built-in.
        new: PathBuf,
        /// Decisions that `flotilla policy record` has written; the table's unless given.
        #[arg(long, value_name = "FILE")]
        recorded: Option<PathBuf>,
        /// Your own places.csv, if the fleet has one.
        #[arg(long, value_name = "FILE")]
        places: Option<PathBuf>,
    },
    /// Writes the table's decisions to a file, to compare policies without the fleet.
    ///
    /// One decision a line, in JSON, without personal data.
    #[command(after_help = "Example:\n  flotilla policy record decisions.jsonl")]
    Record {
        /// Where they go.
        file: PathBuf,
    },
}

impl Command {
    /// Does what was asked and says whether nothing would change.
    ///
    /// # Errors
    /// [`Error`] when it could not be done.
    pub async fn run(self, wishes: &Wishes, out: &mut dyn Write) -> Result<bool, Error> {
        match self {
            Self::Diff { old, new, recorded, places } => {
                let (old, new) = (policy(&old)?, policy(&new)?);
                let places = self::places(places.as_deref())?;
                let recorded = match recorded {
                    Some(file) => from_file(&file)?,
                    None => from_table(&wishes.stack).await?,
                };
                let comparison = compare(&old, &new, &places, &recorded);
                if wishes.json {
                    crate::steer::json(&comparison, out)?;
                } else {
                    comparison.tell(out)?;
                }
                Ok(comparison.changed.is_empty())
            }
            Self::Record { file } => {
                let recorded = from_table(&wishes.stack).await?;
                let opened = File::create(&file).map_err(|error| Error::file(&file, &error))?;
                let mut to = BufWriter::new(opened);
                let written = write(&recorded, &mut to).and_then(|()| to.flush());
                written.map_err(|error| Error::file(&file, &error))?;
                writeln!(out, "{} decisions written to {}", recorded.len(), file.display())?;
                Ok(true)
            }
        }
    }
}

fn policy(path: &Path) -> Result<Policy, Error> {
    if path.as_os_str() == BUILT_IN {
        return Policy::bundled().map_err(|error| Error::usage(error.to_string()));
    }
    let text = text(path)?;
    let name = path.display().to_string();
    Policy::parse(&text, &name).map_err(|error| Error::usage(error.to_string()))
}

fn places(path: Option<&Path>) -> Result<Places, Error> {
    let read = match path {
        None => Places::bundled(),
        Some(path) => Places::parse(&text(path)?, &path.display().to_string()),
    };
    read.map_err(|error| Error::usage(error.to_string()))
}

fn text(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|error| Error::file(path, &error))
}

fn from_file(path: &Path) -> Result<Vec<Recorded>, Error> {
    let opened = File::open(path).map_err(|error| Error::file(path, &error))?;
    read(BufReader::new(opened)).map_err(|error| Error::file(path, &error))
}

async fn from_table(stack: &str) -> Result<Vec<Recorded>, Error> {
    let book = Cloud::connect(stack).await?.table_book().await?;
    of_book(&book).map_err(|error| {
        let advice = "Was it written by a newer release than this command?";
        Error::environment("reading the decision log", error, advice)
    })
}
