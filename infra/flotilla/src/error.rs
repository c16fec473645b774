//! Why a command could not do its work. All of these end with exit code 2.

mod answer;

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
        let (problem, cause) = answer::read(error);
        Self::environment(tried, problem, &cause.advice())
    }

    /// The task store did not answer as expected. It says so in words.
    #[must_use]
    pub fn store(tried: &str, error: &impl Display) -> Self {
        let problem = error.to_string();
        let advice = answer::in_words(&problem).advice();
        Self::environment(tried, problem, &advice)
    }

    /// A file could not be read or written.
    #[must_use]
    pub fn file(path: &Path, problem: &impl Display) -> Self {
        Self::Usage(format!("{}: {problem}", path.display()))
    }
}

/// An error with its causes, outermost first, each said once.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let words = next.to_string();
        if !text.ends_with(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = next.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_said_once_and_advice_follows() {
        let inner = std::io::Error::other("connection refused");
        let outer = std::io::Error::other(inner);
        assert_eq!(causes(&outer), "connection refused");
        let error = Error::aws("asking", &std::io::Error::other("access denied"));
        assert!(error.to_string().starts_with("asking: access denied\n  Check the stack"));
    }
}
