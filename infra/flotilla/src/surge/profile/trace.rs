//! Profiles from a file: a real day's rates, as a monitoring system exports them.
//!
//! ```text
//! time,rate          [[points]]
//! 0,5                time = 0
//! 60,40              rate = 5
//! ```

use super::Profile;
use crate::error::Error;
use flotilla_plan::rates::file::{File, Form};
use std::path::Path;

/// Reads a trace: TOML by its ending, else CSV.
///
/// # Errors
/// [`Error::Usage`] with the file, line, column and field of what is wrong.
pub fn read(path: &Path) -> Result<Profile, Error> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::file(path, &error))?;
    let name =
        path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let file = File::read(&text, Form::of(path)).map_err(|problem| Error::file(path, &problem))?;
    Profile::new(&name, file.points())
        .map_err(|problem| Error::file(path, &file.locate(&text, &problem)))
}
