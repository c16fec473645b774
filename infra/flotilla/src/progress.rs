//! What is told on standard error while something lasts.

use std::io::Write;
use std::time::{Duration, Instant};

/// Nothing is told about what is over sooner, and nothing more often.
const PATIENCE: Duration = Duration::from_secs(2);

/// Says on standard error how far something is, once it lasts.
#[derive(Debug)]
pub struct Progress {
    doing: String,
    told: Instant,
}

impl Progress {
    /// Of something that begins, such as `reading ingestion's dead letters`.
    #[must_use]
    pub fn of(doing: impl Into<String>) -> Self {
        Self { doing: doing.into(), told: Instant::now() }
    }

    /// So many are done, of so many where that is known.
    pub fn at(&mut self, done: usize, of: Option<usize>) {
        if self.told.elapsed() < PATIENCE {
            return;
        }
        self.told = Instant::now();
        let of = of.map_or_else(String::new, |of| format!(" of {of}"));
        // Nobody may be there to read it.
        let _ = writeln!(std::io::stderr(), "{}: {done}{of}", self.doing);
    }
}
