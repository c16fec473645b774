//! Where the programs are that are measured.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A folder with built programs: `target/release`, or `target/debug` for exact counts,
/// which are the same in both.
#[derive(Debug, Clone)]
pub struct Ground {
    folder: PathBuf,
    /// Bytes of each program's zip, as `sam deploy` would upload it.
    pub zips: BTreeMap<String, u64>,
}

/// A program is not there.
#[derive(Debug, thiserror::Error)]
#[error("{} is not built: make bench builds it", .0.display())]
pub struct NotBuilt(PathBuf);

impl Ground {
    /// Programs in that folder.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), zips: BTreeMap::new() }
    }

    /// The folder in which this program itself lies.
    ///
    /// # Errors
    /// When the system does not tell where this program is.
    pub fn of_process() -> std::io::Result<Self> {
        let own = std::env::current_exe()?;
        let folder = own.parent().unwrap_or(Path::new("."));
        // Tests lie one folder below the programs.
        let folder =
            if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder };
        Ok(Self::new(folder))
    }

    /// One program.
    ///
    /// # Errors
    /// When it is not built.
    pub fn program(&self, name: &str) -> Result<PathBuf, NotBuilt> {
        let path = self.folder.join(name);
        if path.is_file() { Ok(path) } else { Err(NotBuilt(path)) }
    }
}
