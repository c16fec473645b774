//! What the functions counted about their own invocations: one log line each.
//!
//! Lines of environments that were killed are missing, because a killed process
//! says nothing more; the report says so beside the figures.

use super::Cloud;
pub use super::samples::Samples;
use aws_sdk_cloudwatchlogs::error::{DisplayErrorContext, SdkError};
use aws_sdk_cloudwatchlogs::operation::filter_log_events::FilterLogEventsError;
use flotilla_task::Stage;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
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

/// One invocation, as its function told it: the record that
/// `infra/observability/METRICS.md` describes.
#[derive(Debug, Clone, PartialEq)]
pub struct Invocation {
    /// Whose.
    pub stage: Stage,
    /// When it ended, in milliseconds since 1970.
    pub ended_at_ms: u64,
    /// It was the first of its environment.
    pub is_cold: bool,
    /// It ended with an error, outside of any record.
    pub is_failed: bool,
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
    /// Failures that will be tried again.
    pub retried: u64,
    /// Records that it sent to the dead-letter queue.
    pub dead_lettered: u64,
    /// Writes that were refused because another attempt owned the task.
    pub fenced: u64,
    /// Records that found their task or slot busy, or wait.
    pub busy: u64,
    /// Tasks that it created.
    pub created: u64,
    /// Tasks that it completed.
    pub completed: u64,
    /// Tasks that it stopped for good.
    pub failed: u64,
    /// Tasks that began to wait for a person.
    pub held: u64,
    /// The newest policy document is refused.
    pub policy_refused: bool,
    /// From the creation of a task to its decision, in milliseconds.
    pub decision_ms: Samples,
    /// From the creation of a task to its completion, in milliseconds.
    pub end_to_end_ms: Samples,
    /// Partners it had to do with, by name.
    pub partners: BTreeMap<String, Partner>,
}

/// What an invocation had to do with one partner.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Partner {
    /// `closed`, `open`, `probing`, `closing` or `paused`.
    pub state: String,
    /// Calls that were made.
    pub calls: u64,
    /// Those without a useful answer in time.
    pub failures: u64,
    /// Those that were answered with a request for less.
    pub throttled: u64,
    /// Calls that were not made, because the partner is left alone for now.
    pub postponed: u64,
    /// How long the middle one of the calls took, in milliseconds.
    pub p50_ms: u64,
    /// How long the slowest took.
    pub max_ms: u64,
}

impl Invocation {
    /// One that has nothing to tell.
    #[must_use]
    pub const fn of(stage: Stage, ended_at_ms: u64) -> Self {
        Self {
            stage,
            ended_at_ms,
            is_cold: false,
            is_failed: false,
            took_ms: 0,
            records: 0,
            waited_ms: 0,
            oldest_ms: 0,
            sent: 0,
            returned: 0,
            table_requests: 0,
            write_units: 0.0,
            resent: 0,
            replayed: 0,
            retried: 0,
            dead_lettered: 0,
            fenced: 0,
            busy: 0,
            created: 0,
            completed: 0,
            failed: 0,
            held: 0,
            policy_refused: false,
            decision_ms: Samples::NONE,
            end_to_end_ms: Samples::NONE,
            partners: BTreeMap::new(),
        }
    }

    /// Reads one log line, if it is an invocation's.
    #[must_use]
    pub fn read(stage: Stage, logged_at_ms: u64, line: &str) -> Option<Self> {
        // Log formats put a prefix before the JSON or none.
        let json = line.get(line.find('{')?..)?;
        let value = serde_json::from_str::<Value>(json.trim_end()).ok()?;
        if value.get("message").and_then(Value::as_str) != Some("invocation") {
            return None;
        }
        let float = |name: &str| value.get(name).and_then(Value::as_f64).unwrap_or(0.0);
        let number = |name: &str| whole(float(name));
        let samples = |name: &str| value.get(name).map_or(Samples::NONE, Samples::read);
        let waited = samples("QueueWait");
        let partners = value.get("partners").cloned().unwrap_or_default();
        Some(Self {
            is_cold: number("ColdStart") > 0,
            is_failed: value.get("failed").is_some(),
            took_ms: number("HandlerTime"),
            records: number("Records"),
            waited_ms: whole(waited.mean()),
            oldest_ms: whole(waited.largest()),
            sent: number("sent"),
            returned: number("Returned"),
            table_requests: number("table_requests"),
            write_units: float("WriteUnits"),
            resent: number("Resent"),
            replayed: number("Replayed"),
            retried: number("Retried"),
            dead_lettered: number("DeadLettered"),
            fenced: number("Fenced"),
            busy: number("Busy"),
            created: number("TasksCreated"),
            completed: number("TasksCompleted"),
            failed: number("TasksFailed"),
            held: number("TasksHeld"),
            policy_refused: number("PolicyRefused") > 0,
            decision_ms: samples("DecisionLatency"),
            end_to_end_ms: samples("EndToEndLatency"),
            partners: serde_json::from_value(partners).unwrap_or_default(),
            ..Self::of(stage, logged_at_ms)
        })
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts and durations are small positive numbers; a cast saturates"
)]
fn whole(number: f64) -> u64 {
    number.round() as u64
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
        let plain = r#"{"level":"INFO","message":"invocation","Records":10,"Resent":1,"WriteUnits":12.5,"QueueWait":[4,10]}"#;
        let prefixed = "2026-11-27T08:00:00Z\treq\tINFO\t{\"message\":\"invocation\",\"Records\":2,\"WriteUnits\":3}\n";
        let all: Vec<_> = [plain, prefixed].into_iter().filter_map(read).collect();
        assert_eq!((all[0].stage, all[0].ended_at_ms), (Stage::State, 9));
        assert_eq!((all[0].waited_ms, all[0].oldest_ms), (7, 10));
        for other in [
            "START RequestId: 1",
            r#"{"message":"an invocation ended early"}"#,
            r#"{"fields":{"message":"invocation"}}"#,
            "{broken",
            "",
        ] {
            assert_eq!(read(other), None);
        }
        let expected =
            Invocations { count: 2, records: 12, write_units: 15.5, resent: 1, replayed: 0 };
        assert_eq!(Invocations::of(&all), expected);
    }

    #[test]
    fn what_an_operator_asks_about_is_read() {
        let line = r#"{"message":"invocation","ColdStart":1,"TasksFailed":2,"TasksHeld":3,"Retried":4,"DeadLettered":5,"PolicyRefused":1,"DecisionLatency":{"Values":[10,20.5],"Counts":[3,1]},"partners":{"swift":{"state":"open","calls":2,"failures":1,"max_ms":30}}}"#;
        let one = Invocation::read(Stage::Decision, 9, line).unwrap();
        assert_eq!((one.failed, one.held, one.retried, one.dead_lettered), (2, 3, 4, 5));
        assert!(one.policy_refused && one.is_cold && !one.is_failed);
        assert_eq!((one.decision_ms.count(), one.decision_ms.largest()), (4, 20.5));
        let swift = &one.partners["swift"];
        assert_eq!((swift.state.as_str(), swift.calls, swift.failures), ("open", 2, 1));
        assert_eq!((swift.max_ms, swift.postponed), (30, 0));
        let nothing = Invocation::read(Stage::Decision, 9, r#"{"message":"invocation"}"#);
        assert_eq!(nothing, Some(Invocation::of(Stage::Decision, 9)));
    }
}
