//! What the functions counted about their own invocations: one log line each.
//!
//! Lines of environments that were killed are missing, because a killed process
//! says nothing more; the report says so beside the figures.

use super::Cloud;
use aws_sdk_cloudwatchlogs::error::{DisplayErrorContext, SdkError};
use aws_sdk_cloudwatchlogs::operation::filter_log_events::FilterLogEventsError;
use flotilla_task::Stage;
use serde_json::Value;
use std::fmt::Write;

/// Sums over invocations.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Invocations {
    /// How many ended and logged it.
    pub count: u64,
    /// Records they received.
    pub records: u64,
    /// DynamoDB write units they used.
    pub write_units: f64,
    /// Stored messages that they sent once more.
    pub resent: u64,
    /// Records that were replays of work already done.
    pub replayed: u64,
}

/// One invocation, as its function told it.
#[derive(Debug, Clone, PartialEq)]
pub struct Invocation {
    /// Whose.
    pub stage: Stage,
    /// When it ended, in milliseconds since 1970.
    pub ended_at_ms: u64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// Records it received.
    pub records: u64,
    /// How long these had waited since they were sent, on average, in milliseconds.
    pub waited_ms: u64,
    /// How long the oldest of them had waited.
    pub oldest_ms: u64,
    /// Messages it sent to next queues.
    pub sent: u64,
    /// Records that went back to the queue.
    pub returned: u64,
    /// Requests that DynamoDB answered.
    pub table_requests: u64,
    /// DynamoDB write units it used.
    pub write_units: f64,
    /// Stored messages that it sent once more.
    pub resent: u64,
    /// Records that were replays of work already done.
    pub replayed: u64,
}

impl Invocation {
    /// Reads one log line, if it is an invocation's.
    #[must_use]
    pub fn read(stage: Stage, logged_at_ms: u64, line: &str) -> Option<Self> {
        // Log formats put a prefix before the JSON or none.
        let json = line.get(line.find('{')?..)?;
        let value = serde_json::from_str::<Value>(json.trim_end()).ok()?;
        let fields = value.get("fields").unwrap_or(&value);
        if fields.get("message").and_then(Value::as_str) != Some("invocation") {
            return None;
        }
        let number = |name: &str| fields.get(name).and_then(Value::as_u64).unwrap_or(0);
        Some(Self {
            stage,
            ended_at_ms: logged_at_ms,
            took_ms: number("took_ms"),
            records: number("records"),
            waited_ms: number("waited_ms"),
            oldest_ms: number("oldest_ms"),
            sent: number("sent"),
            returned: number("returned"),
            table_requests: number("table_requests"),
            write_units: fields.get("write_units").and_then(Value::as_f64).unwrap_or(0.0),
            resent: number("resent"),
            replayed: number("replayed"),
        })
    }
}

impl Invocations {
    /// Sums them up.
    #[must_use]
    pub fn of(all: &[Invocation]) -> Self {
        let mut sum = Self::default();
        for one in all {
            sum.count += 1;
            sum.records += one.records;
            sum.resent += one.resent;
            sum.replayed += one.replayed;
            sum.write_units += one.write_units;
        }
        sum
    }
}

impl Cloud {
    /// The invocations of all stages since a moment in milliseconds.
    ///
    /// # Errors
    /// Says in words why there are no figures; whoever asks goes on without them.
    pub async fn invocations(&self, since_ms: u64) -> Result<Vec<Invocation>, String> {
        let mut all = Vec::new();
        let mut problems = Vec::new();
        for stage in Stage::ALL {
            for group in self.stack.log_groups(stage) {
                let add = |at, line: &str| all.extend(Invocation::read(stage, at, line));
                let read = self.read_group(&group, "invocation", since_ms, add);
                if let Err(problem) = read.await {
                    problems.push(format!("{group}: {problem}"));
                }
            }
        }
        if all.is_empty() {
            problems.insert(0, "no invocation was logged".to_owned());
            return Err(problems.join("; "));
        }
        Ok(all)
    }

    /// Everything that the functions wrote since a moment in milliseconds, stage by
    /// stage. A group that cannot be read says so in its place.
    pub async fn log_lines(&self, since_ms: u64) -> String {
        let mut lines = String::new();
        for group in Stage::ALL.into_iter().flat_map(|stage| self.stack.log_groups(stage)) {
            let add = |_at, line: &str| {
                // Writing to a string cannot fail.
                let _ = writeln!(lines, "{group} {}", line.trim_end());
            };
            if let Err(problem) = self.read_group(&group, "", since_ms, add).await {
                let _ = writeln!(lines, "{group} cannot be read: {problem}");
            }
        }
        lines
    }

    /// The lines of a group that a filter pattern finds; one that nobody has written
    /// to has none.
    pub(super) async fn read_group(
        &self,
        group: &str,
        pattern: &str,
        since_ms: u64,
        mut each: impl FnMut(u64, &str),
    ) -> Result<(), String> {
        let mut pages = self
            .logs
            .filter_log_events()
            .log_group_name(group)
            .set_filter_pattern((!pattern.is_empty()).then(|| pattern.to_owned()))
            .start_time(i64::try_from(since_ms).unwrap_or(i64::MAX))
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            let is_missing = |error: &SdkError<FilterLogEventsError>| {
                let error = error.as_service_error();
                error.is_some_and(FilterLogEventsError::is_resource_not_found_exception)
            };
            if page.as_ref().is_err_and(is_missing) {
                return Ok(());
            }
            let page = page.map_err(|error| {
                let text = DisplayErrorContext(&error).to_string();
                text.chars().take(120).collect::<String>()
            })?;
            for event in page.events() {
                let at = event.timestamp().and_then(|at| u64::try_from(at).ok()).unwrap_or(0);
                each(at, event.message().unwrap_or_default());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invocation_lines_are_summed_and_others_are_not() {
        let read = |line: &str| Invocation::read(Stage::State, 9, line);
        let plain = r#"{"level":"INFO","fields":{"message":"invocation","records":10,"resent":1,"write_units":12.5,"waited_ms":7}}"#;
        let prefixed = "2026-11-27T08:00:00Z\treq\tINFO\t{\"message\":\"invocation\",\"records\":2,\"write_units\":3}\n";
        let all: Vec<_> = [plain, prefixed].into_iter().filter_map(read).collect();
        assert_eq!((all[0].stage, all[0].ended_at_ms, all[0].waited_ms), (Stage::State, 9, 7));
        for other in [
            "START RequestId: 1",
            r#"{"fields":{"message":"an invocation ended early"}}"#,
            "{broken",
            "",
        ] {
            assert_eq!(read(other), None);
        }
        let expected =
            Invocations { count: 2, records: 12, write_units: 15.5, resent: 1, replayed: 0 };
        assert_eq!(Invocations::of(&all), expected);
    }
}
