//! Which lines are logged.

use super::about::About;
use crate::settings::{Environment, SettingError};
use flotilla_task::fingerprint;
use tracing::Metadata;
use tracing_subscriber::filter::LevelFilter;

/// Targets that are this fleet's own; libraries say only what went wrong.
const OURS: [&str; 6] =
    ["flotilla", "ingestion", "processing", "decision", "communication", "state"];

/// The least important line that is logged, and the tasks of which more is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    least: LevelFilter,
    /// Of a hundred tasks, so many are logged in detail.
    percent: u8,
}

impl Level {
    /// Reads `LOG_LEVEL` (else `AWS_LAMBDA_LOG_LEVEL`, by default `INFO`) and
    /// `LOG_DEBUG_SAMPLE`: the percentage of tasks whose lines are logged down to
    /// `DEBUG` whatever the level is, by default 0. A task is among them by its id, so
    /// at every stage or at none.
    ///
    /// # Errors
    /// [`SettingError`] when one of them is something else.
    pub fn read(env: &Environment) -> Result<Self, SettingError> {
        let name =
            if env.get("LOG_LEVEL").is_some() { "LOG_LEVEL" } else { "AWS_LAMBDA_LOG_LEVEL" };
        let value = env.get(name).unwrap_or("INFO");
        let least = match value.to_ascii_uppercase().as_str() {
            "TRACE" => LevelFilter::TRACE,
            "DEBUG" => LevelFilter::DEBUG,
            "INFO" => LevelFilter::INFO,
            "WARN" => LevelFilter::WARN,
            // Lambda knows one level more than we do.
            "ERROR" | "FATAL" => LevelFilter::ERROR,
            _ => {
                let expected = "TRACE, DEBUG, INFO, WARN, ERROR or FATAL";
                return Err(SettingError {
                    name: name.into(),
                    expected,
                    got: format!("{value:?}"),
                });
            }
        };
        let (name, expected) = ("LOG_DEBUG_SAMPLE", "a whole number from 0 to 100");
        let percent: u8 = env.parse_or(name, 0, expected)?;
        if percent > 100 {
            let got = format!("\"{percent}\"");
            return Err(SettingError { name: name.into(), expected, got });
        }
        Ok(Self { least, percent })
    }

    /// The most detailed line that may be logged at all.
    pub(super) fn most(self) -> LevelFilter {
        if self.percent > 0 { self.least.max(LevelFilter::DEBUG) } else { self.least }
    }

    /// Whether a line of this kind is logged for what is worked on now.
    pub(super) fn admits(self, line: &Metadata<'_>) -> bool {
        let target = line.target();
        if !OURS.iter().any(|ours| target.starts_with(ours)) {
            return *line.level() <= self.least.min(LevelFilter::WARN);
        }
        *line.level() <= self.least
            || (*line.level() <= LevelFilter::DEBUG
                && About::look(|about| about.the_task().is_some_and(|task| self.samples(task)))
                    .unwrap_or(false))
    }

    /// Whether this task is one of those that are logged in detail.
    fn samples(self, task: &str) -> bool {
        if self.percent == 0 {
            return false;
        }
        let hash = fingerprint(&[task]);
        let number = hash.get(..8).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        number.is_some_and(|number| number % 100 < u32::from(self.percent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(pairs: [(&str, &str); 3]) -> Result<Level, String> {
        Level::read(&Environment::from(pairs)).map_err(|error| error.to_string())
    }

    #[test]
    fn the_level_is_ours_else_lambdas_else_info() {
        let least = |ours, lambdas| {
            level([
                ("LOG_LEVEL", ours),
                ("AWS_LAMBDA_LOG_LEVEL", lambdas),
                ("LOG_DEBUG_SAMPLE", ""),
            ])
            .map(|level| level.least)
        };
        assert_eq!(least("", ""), Ok(LevelFilter::INFO));
        assert_eq!(least("", "warn"), Ok(LevelFilter::WARN));
        assert_eq!(least("DEBUG", "FATAL"), Ok(LevelFilter::DEBUG));
        assert_eq!(least("FATAL", ""), Ok(LevelFilter::ERROR));
        assert_eq!(
            least("LOUD", ""),
            Err("LOG_LEVEL: expected TRACE, DEBUG, INFO, WARN, ERROR or FATAL, got \"LOUD\"".into())
        );
        assert!(least("", "2").unwrap_err().starts_with("AWS_LAMBDA_LOG_LEVEL: expected TRACE"));
    }

    #[test]
    fn a_sample_is_a_percentage_of_tasks_and_the_same_ones_everywhere() {
        let sample =
            |percent: &str| level([("LOG_DEBUG_SAMPLE", percent), ("LOG_LEVEL", ""), ("X", "")]);
        for wrong in ["101", "-1", "a few", "0.5", "256"] {
            let said = sample(wrong).unwrap_err();
            let expected =
                format!("LOG_DEBUG_SAMPLE: expected a whole number from 0 to 100, got {wrong:?}");
            assert_eq!(said, expected);
        }
        let of = |percent: &'static str| {
            let (here, there) = (sample(percent).unwrap(), sample(percent).unwrap());
            let tasks = (0..1_000).map(|task| format!("task-{task}"));
            let sampled: Vec<_> = tasks.filter(|task| here.samples(task)).collect();
            assert!(sampled.iter().all(|task| there.samples(task)));
            sampled
        };
        assert_eq!(of("0").len(), 0);
        assert_eq!(of("100").len(), 1_000);
        let some = of("10");
        assert!((70..130).contains(&some.len()), "{}", some.len());
        // Who raises the share sees those of before as well.
        let more = of("20");
        assert!(some.iter().all(|task| more.contains(task)));
    }
}
