//! Why a command could not do its work. All of these end with exit code 2.

use std::fmt::{Debug, Display};
use std::path::Path;

/// What went wrong, what was tried, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command was given something it cannot use.
    #[error("{0}")]
    Usage(String),
    /// Something the command needs did not answer as expected.
    #[error("{tried}: {problem}\n  {advice}")]
    Environment {
        /// What was tried.
        tried: String,
        /// What came back.
        problem: String,
        /// What to do.
        advice: String,
    },
    /// The report cannot be shown.
    #[error("writing the output: {0}")]
    Output(#[from] std::io::Error),
}

impl Error {
    /// A wrong argument or file.
    #[must_use]
    pub const fn usage(text: String) -> Self {
        Self::Usage(text)
    }

    /// Something outside did not answer as expected.
    #[must_use]
    pub fn environment(tried: &str, problem: impl Display, advice: &str) -> Self {
        Self::Environment {
            tried: tried.to_owned(),
            problem: problem.to_string(),
            advice: advice.to_owned(),
        }
    }

    /// AWS or the local cloud did not answer as expected.
    #[must_use]
    pub fn aws<E>(tried: &str, error: &E) -> Self
    where
        E: std::error::Error,
    {
        let problem = aws_sdk_sqs::error::DisplayErrorContext(error).to_string();
        let advice = if problem.contains("dispatch failure") || problem.contains("timed out") {
            "Is the cloud running? `make up` starts a local one; AWS_ENDPOINT_URL says where it is."
        } else {
            "Check the stack (--stack), AWS_REGION, and that the credentials may do this."
        };
        // The chain of causes repeats the request; its first lines say enough.
        let short: String = problem.chars().take(400).collect();
        Self::environment(tried, short, advice)
    }

    /// A file could not be read or written.
    #[must_use]
    pub fn file(path: &Path, problem: &impl Display) -> Self {
        Self::Usage(format!("{}: {problem}", path.display()))
    }
}
