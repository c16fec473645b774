//! What the functions counted about their own invocations: one log line each.
//!
//! Lines of environments that were killed are missing, because a killed process
//! says nothing more; the report says so beside the figures.

use super::Cloud;
use aws_sdk_cloudwatchlogs::error::DisplayErrorContext;
use flotilla_task::Stage;
use serde_json::Value;

/// Sums over invocations.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Invocations {
    /// How many ended and logged it.
    pub count: u64,
    /// Records they received.
    pub records: u64,
    /// DynamoDB write units they used.
    pub write_units: f64,
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
        self.count += 1;
        self.records += fields.get("records").and_then(Value::as_u64).unwrap_or(0);
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
                if let Err(problem) = self.read_group(&group, since_ms, &mut sum).await {
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

    async fn read_group(
        &self,
        group: &str,
        since_ms: u64,
        sum: &mut Invocations,
    ) -> Result<(), String> {
        let mut pages = self
            .logs
            .filter_log_events()
            .log_group_name(group)
            .filter_pattern("invocation")
            .start_time(i64::try_from(since_ms).unwrap_or(i64::MAX))
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| {
                let text = DisplayErrorContext(&error).to_string();
                text.chars().take(120).collect::<String>()
            })?;
            for event in page.events() {
                sum.add(event.message().unwrap_or_default());
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
            r#"{"level":"INFO","fields":{"message":"invocation","records":10,"write_units":12.5}}"#,
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
        assert_eq!(sum, Invocations { count: 2, records: 12, write_units: 15.5 });
    }
}
