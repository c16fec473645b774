//! Whom the fleet calls: the partners file that it is built with, or its own.

use crate::error::Error;
use flotilla_runtime::partners::Directory;
use std::path::Path;

/// Who is called, unless the fleet has a file of its own.
pub(crate) const BUILT_IN: &str =
    include_str!("../../../functions/communication/data/partners.toml");

/// The partners of a file, or of the one that is built in, in the order of their ids.
///
/// # Errors
/// [`Error::Usage`] when the file cannot be read.
pub fn names(file: Option<&Path>) -> Result<Vec<String>, Error> {
    let (text, shown) = match file {
        Some(file) => {
            let read = std::fs::read_to_string(file);
            (read.map_err(|error| Error::file(file, &error))?, file.display().to_string())
        }
        None => (BUILT_IN.to_owned(), "the partners file that is built in".to_owned()),
    };
    // Whatever stands for {base} in their addresses: only their names count here.
    let directory = Directory::parse(&text, "https://base.invalid")
        .map_err(|error| Error::usage(format!("{shown}: {error}")))?;
    Ok(directory.names().map(str::to_owned).collect())
}
