//! What to run.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// What becomes of a process that has not answered at its time limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overrun {
    /// It is ended, as Lambda does.
    Ends,
    /// It goes on; its answer comes late and counts for nothing.
    GoesOn,
}

/// A function, as Lambda would start it.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The program.
    pub bootstrap: PathBuf,
    /// The function's name.
    pub function: String,
    /// The function's own environment, and where the cloud is.
    pub variables: BTreeMap<String, String>,
    /// How long an invocation may take: its deadline.
    pub timeout: Duration,
    /// What happens then.
    pub overrun: Overrun,
}

impl Launch {
    /// With another variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.insert(name.to_owned(), value.into());
        self
    }

    /// The name that Lambda gives the function everywhere.
    pub(super) fn arn(&self) -> String {
        format!("arn:aws:lambda:us-east-1:000000000000:function:{}", self.function)
    }

    /// Everything that the process finds in its environment. It inherits nothing.
    pub(super) fn environment(&self, api: &str) -> BTreeMap<String, String> {
        let root = self.bootstrap.parent().map(|folder| folder.display().to_string());
        let own = [
            ("AWS_LAMBDA_RUNTIME_API", api.to_owned()),
            ("AWS_LAMBDA_FUNCTION_NAME", self.function.clone()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128".to_owned()),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
            ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", self.function)),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "host".to_owned()),
            ("LAMBDA_TASK_ROOT", root.unwrap_or_default()),
            ("_HANDLER", "bootstrap".to_owned()),
        ];
        let own = own.map(|(name, value)| (name.to_owned(), value));
        self.variables.clone().into_iter().chain(own).collect()
    }
}
