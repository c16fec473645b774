//! What the functions counted about their own invocations: one log line each.
//!
//! Lines of environments that were killed are missing, because a killed process
//! says nothing more; the report says so beside the figures.

use super::Cloud;
use aws_sdk_cloudwatchlogs::error::DisplayErrorContext;
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

impl Invocations {
    /// Adds one log line, if it is an invocation's.
    pub fn add(&mut self, line: &str) {
        // Log formats put a prefix before the JSON or none.
        let Some(json) = line.find('{').and_then(|at| line.get(at..)) else { return };
        let Ok(value) = serde_json::from_str::<Value>(json.trim_end()) else { return };
        let fields = value.get("fields").unwrap_or(&value);
        if fields.get("message").and_then(Value::as_str) != Some("invocation") {
            return;
        }
        let number = |name: &str| fields.get(name).and_then(Value::as_u64).unwrap_or(0);
        self.count += 1;
        self.records += number("records");
        self.resent += number("resent");
        self.replayed += number("replayed");
        self.write_units += fields.get("write_units").and_then(Value::as_f64).unwrap_or(0.0);
    }
}

impl Cloud {
    /// Sums the invocations of all stages since a moment in milliseconds.
    ///
    /// # Errors
    /// Says in words why there are no figures; the demo goes on without them.
    pub async fn invocations(&self, since_ms: u64) -> Result<Invocations, String> {
        let mut sum = Invocations::default();
        let mut problems = Vec::new();
        for stage in Stage::ALL {
            for group in self.stack.log_groups(stage) {
                let read = self.read_group(&group, "invocation", since_ms, |line| sum.add(line));
                if let Err(problem) = read.await {
                    problems.push(format!("{group}: {problem}"));
                }
            }
        }
        if sum.count == 0 {
            problems.insert(0, "no invocation was logged".to_owned());
            return Err(problems.join("; "));
        }
        Ok(sum)
    }

    /// Everything that the functions wrote since a moment in milliseconds, stage by
    /// stage. A group that cannot be read says so in its place.
    pub async fn log_lines(&self, since_ms: u64) -> String {
        let mut lines = String::new();
        for group in Stage::ALL.into_iter().flat_map(|stage| self.stack.log_groups(stage)) {
            let add = |line: &str| {
                // Writing to a string cannot fail.
                let _ = writeln!(lines, "{group} {}", line.trim_end());
            };
            if let Err(problem) = self.read_group(&group, "", since_ms, add).await {
                let _ = writeln!(lines, "{group} cannot be read: {problem}");
            }
        }
        lines
    }

    async fn read_group(
        &self,
        group: &str,
        pattern: &str,
        since_ms: u64,
        mut each: impl FnMut(&str),
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
            let page = page.map_err(|error| {
                let text = DisplayErrorContext(&error).to_string();
                text.chars().take(120).collect::<String>()
            })?;
            for event in page.events() {
                each(event.message().unwrap_or_default());
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
        let mut sum = Invocations::default();
        sum.add(
            r#"{"level":"INFO","fields":{"message":"invocation","records":10,"resent":1,"write_units":12.5}}"#,
        );
        sum.add("2026-11-27T08:00:00Z\treq\tINFO\t{\"message\":\"invocation\",\"records\":2,\"write_units\":3}\n");
        for other in [
            "START RequestId: 1",
            r#"{"fields":{"message":"an invocation ended early"}}"#,
            "{broken",
            "",
        ] {
            sum.add(other);
        }
        let expected =
            Invocations { count: 2, records: 12, write_units: 15.5, resent: 1, replayed: 0 };
        assert_eq!(sum, expected);
    }
}
