//! Settings, read once from the environment.
//!
//! An error names the variable, the value and what was expected.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

/// Days that a message may wait in a dead-letter queue, the most SQS allows.
const DEAD_LETTER_RETENTION_DAYS: u64 = 14;
/// Days of grace on top, so that a task outlives every copy of its event.
const GRACE_DAYS: u64 = 7;

/// A setting is missing or wrong. A retry does not help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: expected {expected}, got {got}")]
pub struct SettingError {
    /// The environment variable.
    pub name: String,
    /// What it should hold.
    pub expected: &'static str,
    /// What it holds, or "nothing".
    pub got: String,
}

/// A file that a setting names cannot be used. A retry does not help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {problem}")]
pub struct FileError {
    /// The environment variable.
    pub name: &'static str,
    /// What is wrong, with the file, and the line and field in it.
    pub problem: String,
}

/// Where settings come from: the environment, or a map in a test.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The process's environment.
    #[must_use]
    pub fn of_process() -> Self {
        Self(std::env::vars().collect())
    }

    /// The text of a variable, when it is set and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The same, and what lines of `NAME=value` say about variables with that prefix
    /// that are not set. Empty lines and those that begin with `#` say nothing.
    #[must_use]
    pub fn or_lines(&self, lines: &str, prefix: &str) -> Self {
        let mut variables = self.0.clone();
        let said = lines.lines().map(str::trim).filter(|line| !line.starts_with('#'));
        for (name, value) in said.filter_map(|line| line.split_once('=')) {
            if name.trim().starts_with(prefix) && self.get(name.trim()).is_none() {
                variables.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
        Self(variables)
    }

    /// A variable that must be set.
    ///
    /// # Errors
    /// [`SettingError`] when it is not.
    pub fn require(&self, name: &str, expected: &'static str) -> Result<String, SettingError> {
        self.get(name).map(str::to_owned).ok_or_else(|| SettingError {
            name: name.to_owned(),
            expected,
            got: "nothing".to_owned(),
        })
    }

    /// A variable with a default.
    ///
    /// # Errors
    /// [`SettingError`] when it is set to something else than `expected`.
    pub fn parse_or<T: FromStr>(
        &self,
        name: &str,
        default: T,
        expected: &'static str,
    ) -> Result<T, SettingError> {
        let Some(value) = self.get(name) else { return Ok(default) };
        value.trim().parse().map_err(|_| SettingError {
            name: name.to_owned(),
            expected,
            got: format!("{value:?}"),
        })
    }

    /// A duration in whole seconds, with a default.
    ///
    /// # Errors
    /// [`SettingError`] when it is set to something else.
    pub fn seconds_or(&self, name: &str, default: u64) -> Result<Duration, SettingError> {
        self.parse_or(name, default, "a whole number of seconds").map(Duration::from_secs)
    }

    /// What the file holds whose path a variable gives; `None` when it is not set,
    /// and the file that is built in counts.
    ///
    /// # Errors
    /// [`FileError`] when it cannot be read, or `parse` refuses it.
    pub fn file<T, E: std::fmt::Display>(
        &self,
        name: &'static str,
        parse: impl FnOnce(&str, &str) -> Result<T, E>,
    ) -> Result<Option<T>, FileError> {
        let Some(path) = self.get(name) else { return Ok(None) };
        let error = |problem: String| FileError { name, problem };
        let text = std::fs::read_to_string(path)
            .map_err(|cause| error(format!("{path} cannot be read: {cause}")))?;
        parse(&text, path).map(Some).map_err(|wrong| error(wrong.to_string()))
    }

    /// A comma-separated list; empty when it is not set.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<String> {
        let items = self.get(name).unwrap_or_default().split(',').map(str::trim);
        items.filter(|item| !item.is_empty()).map(str::to_owned).collect()
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self(pairs.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect())
    }
}

/// What every function needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `TABLE_NAME`: the one table.
    pub table: String,
    /// `QUEUE_URL`: the queue this function is called from.
    pub queue_url: String,
    /// `DEAD_LETTER_QUEUE_URL`: where its permanent failures go.
    pub dead_letter_url: String,
    /// `PROCESSING_QUEUE_URL` and so on: the next queues, as far as this function knows them.
    pub next: NextQueues,
    /// `MAX_RECEIVE_COUNT`: after as many receives SQS moves a message to the
    /// dead-letter queue itself. Default 30.
    pub max_receives: u32,
    /// `RETRY_BUDGET`: failures at one stage before the task fails. Default 12:
    /// about ten minutes.
    pub retry_budget: u32,
    /// `RECORD_CONCURRENCY`: records of one batch worked on side by side. Default 10.
    pub concurrency: usize,
    /// `DEADLINE_MARGIN_MS`: no work starts within this of the deadline. Default 1500.
    pub margin: Duration,
    /// How long an ended task is remembered, and how old an event may be:
    /// `SOURCE_RETENTION_DAYS` (how long a source may send an event again, default
    /// 14), and 14 days in a dead-letter queue, and 7 of grace.
    pub horizon: Duration,
}

/// URLs of the stage queues this function may send to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NextQueues {
    /// The processing queue.
    pub processing: Option<String>,
    /// The decision queue.
    pub decision: Option<String>,
    /// The communication queue.
    pub communication: Option<String>,
    /// The state queue.
    pub state: Option<String>,
}

/// How long an ended task is remembered, where a source may send an event again for
/// so many days. Whoever ends tasks besides the functions computes it here.
#[must_use]
pub const fn horizon(source_retention_days: u64) -> Duration {
    let days = source_retention_days.saturating_add(DEAD_LETTER_RETENTION_DAYS);
    Duration::from_secs(days.saturating_add(GRACE_DAYS).saturating_mul(86_400))
}

impl Settings {
    /// Reads them.
    ///
    /// # Errors
    /// [`SettingError`] for the first one that is missing or wrong.
    pub fn read(env: &Environment) -> Result<Self, SettingError> {
        let url = |name: &str| env.get(name).map(str::to_owned);
        let count = "a whole number above zero";
        let days: u64 = env.parse_or("SOURCE_RETENTION_DAYS", 14, "a whole number of days")?;
        let settings = Self {
            table: env.require("TABLE_NAME", "the name of the table")?,
            queue_url: env.require("QUEUE_URL", "the URL of the function's queue")?,
            dead_letter_url: env
                .require("DEAD_LETTER_QUEUE_URL", "the URL of its dead-letter queue")?,
            next: NextQueues {
                processing: url("PROCESSING_QUEUE_URL"),
                decision: url("DECISION_QUEUE_URL"),
                communication: url("COMMUNICATION_QUEUE_URL"),
                state: url("STATE_QUEUE_URL"),
            },
            max_receives: env.parse_or("MAX_RECEIVE_COUNT", 30, count)?,
            retry_budget: env.parse_or("RETRY_BUDGET", 12, count)?,
            concurrency: env.parse_or("RECORD_CONCURRENCY", 10, count)?,
            margin: Duration::from_millis(env.parse_or(
                "DEADLINE_MARGIN_MS",
                1500,
                "a whole number of milliseconds",
            )?),
            horizon: horizon(days),
        };
        for (name, value) in [
            ("MAX_RECEIVE_COUNT", u64::from(settings.max_receives)),
            ("RETRY_BUDGET", u64::from(settings.retry_budget)),
            ("RECORD_CONCURRENCY", settings.concurrency as u64),
        ] {
            if value == 0 {
                let got = "\"0\"".to_owned();
                return Err(SettingError { name: name.to_owned(), expected: count, got });
            }
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_variable_the_value_and_what_was_expected() {
        let env = Environment::from([("TABLE_NAME", "t"), ("QUEUE_URL", "q")]);
        let missing = Settings::read(&env).unwrap_err().to_string();
        assert_eq!(
            missing,
            "DEAD_LETTER_QUEUE_URL: expected the URL of its dead-letter queue, got nothing"
        );
        for (value, got) in [("many", "\"many\""), ("0", "\"0\""), ("-1", "\"-1\"")] {
            let env = Environment::from([
                ("TABLE_NAME", "t"),
                ("QUEUE_URL", "q"),
                ("DEAD_LETTER_QUEUE_URL", "d"),
                ("RETRY_BUDGET", value),
            ]);
            let error = Settings::read(&env).unwrap_err();
            assert_eq!((error.name.as_str(), error.got.as_str()), ("RETRY_BUDGET", got));
        }
    }

    #[test]
    fn a_file_that_cannot_be_used_is_named_with_its_setting() {
        let parse = |text: &str, _: &str| text.trim().parse::<u8>();
        let path = std::env::temp_dir().join(format!("flotilla-{:x}", fastrand::u64(..)));
        let name = path.to_str().unwrap();
        let env = Environment::from([("SOME_FILE", name)]);
        let missing = env.file("SOME_FILE", parse).unwrap_err().to_string();
        assert!(missing.starts_with(&format!("SOME_FILE: {name} cannot be read")), "{missing}");
        std::fs::write(&path, "300").unwrap();
        let wrong = env.file("SOME_FILE", parse).unwrap_err().to_string();
        assert_eq!(wrong, "SOME_FILE: number too large to fit in target type");
        std::fs::write(&path, "7").unwrap();
        assert_eq!(env.file("SOME_FILE", parse), Ok(Some(7)));
        std::fs::remove_file(path).unwrap();
        assert_eq!(Environment::default().file("SOME_FILE", parse), Ok(None));
    }

    #[test]
    fn lines_say_what_the_environment_does_not() {
        let env = Environment::from([("OTEL_A", "set"), ("OTEL_B", "")]);
        let lines = "# ours\nOTEL_A=line\n OTEL_B = k=v \n\nTABLE_NAME=t\nOTEL_C";
        let env = env.or_lines(lines, "OTEL_");
        assert_eq!((env.get("OTEL_A"), env.get("OTEL_B")), (Some("set"), Some("k=v")));
        assert_eq!((env.get("TABLE_NAME"), env.get("OTEL_C")), (None, None));
    }

    #[test]
    fn the_horizon_covers_source_dead_letters_and_grace() {
        let env = Environment::from([
            ("TABLE_NAME", "t"),
            ("QUEUE_URL", "q"),
            ("DEAD_LETTER_QUEUE_URL", "d"),
            ("SOURCE_RETENTION_DAYS", "4"),
        ]);
        assert_eq!(Settings::read(&env).unwrap().horizon.as_secs(), 25 * 86_400);
    }
}
