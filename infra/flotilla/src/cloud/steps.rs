//! What the functions logged about a task or a shipment: the lines that carry its id.
//!
//! A record keeps where a task stands, not how it came there: who held which lease
//! when, what was tried again and what was waited for is in the logs alone. They
//! hold it for as long as `LogRetentionDays` says.

use super::Cloud;
use crate::progress;
use flotilla_task::Stage;
use futures_util::future::join_all;
use serde::Serialize;
use serde_json::{Map, Value};
use std::time::Duration;

/// Each log is read for so long: its lines come in the order of time, and the last of
/// them are missing then.
const LIMIT: Duration = Duration::from_secs(30);

/// One such line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// When CloudWatch stamped it, in milliseconds since 1970.
    pub at_ms: u64,
    /// Which agent wrote it.
    pub agent: &'static str,
    /// `INFO`, `WARN` or `ERROR`.
    pub level: String,
    /// What happened.
    pub what: String,
    /// The task, where the line names one.
    pub task: Option<String>,
    /// The shipment, where the line names one.
    pub shipment: Option<String>,
    /// Everything else that the line says.
    pub more: Map<String, Value>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub enum About<'a> {
    /// A task's lines.
    Task(&'a str),
    /// A shipment's lines, those of its tasks among them.
    Shipment(&'a str),
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// In the order of time.
    pub steps: Vec<Step>,
    /// What could not be read, and why.
    pub problems: Vec<String>,
}

impl Step {
    /// Reads one line, if it is a line of the fleet's own.
    #[must_use]
    pub fn read(stage: Stage, at_ms: u64, line: &str) -> Option<Self> {
        let json = line.get(line.find('{')?..)?;
        let value = serde_json::from_str::<Value>(json.trim_end()).ok()?;
        let root = value.as_object()?;
        // The fields stand in the line itself; of releases before, in a part of it.
        let mut more = root.get("fields").and_then(Value::as_object).unwrap_or(root).clone();
        more.remove("level");
        let mut take = |name: &str| more.remove(name)?.as_str().map(str::to_owned);
        let (what, task, shipment) = (take("message")?, take("task"), take("shipment"));
        let level = value.get("level").and_then(Value::as_str).unwrap_or("INFO").to_owned();
        Some(Self { at_ms, agent: stage.as_str(), level, what, task, shipment, more })
    }

    /// Whether it is about that.
    fn is_about(&self, about: About<'_>) -> bool {
        match about {
            About::Task(task) => self.task.as_deref() == Some(task),
            About::Shipment(shipment) => self.shipment.as_deref() == Some(shipment),
        }
    }
}

impl Cloud {
    /// The lines about a task or a shipment since a moment in milliseconds. Logs that
    /// cannot be read are no error: the rest is told, and the problem with it. So for
    /// what takes longer than half a minute to read.
    pub async fn told(&self, about: About<'_>, since_ms: u64) -> Told {
        let (About::Task(id) | About::Shipment(id)) = about;
        // As one phrase; what is found is looked at again anyway.
        let pattern = format!("\"{}\"", id.replace('\\', "\\\\").replace('"', "\\\""));
        let whom = format!("reading what the functions logged of {id}");
        let groups = Stage::ALL.into_iter().flat_map(|stage| {
            let mut groups = self.stack.log_groups(stage);
            groups.dedup();
            groups.into_iter().map(move |group| (stage, group))
        });
        let read = join_all(groups.map(|(stage, group)| {
            let pattern = &pattern;
            async move {
                let mut steps = Vec::new();
                let add = |at, line: &str| {
                    let step = Step::read(stage, at, line);
                    steps.extend(step.filter(|step| step.is_about(about)));
                };
                let problem = within(LIMIT, self.read_group(&group, pattern, since_ms, add)).await;
                (steps, problem.map(|problem| format!("{group}: {problem}")))
            }
        }));
        let mut told = Told::default();
        for (steps, problem) in progress::during(&whom, read).await {
            told.steps.extend(steps);
            told.problems.extend(problem);
        }
        // Stable: lines of one environment and one millisecond stay as they were written.
        told.steps.sort_by_key(|step| step.at_ms);
        told
    }
}

/// What kept a log from being read to its end, if something did.
async fn within(limit: Duration, read: impl Future<Output = Result<(), String>>) -> Option<String> {
    match tokio::time::timeout(limit, read).await {
        Ok(read) => read.err(),
        Err(_) => Some(format!("cut, the rest takes longer than {} s to read", limit.as_secs())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};

    #[tokio::test]
    async fn a_log_that_takes_too_long_is_cut_and_says_so() {
        assert_eq!(within(LIMIT, ready(Ok(()))).await, None);
        assert_eq!(within(LIMIT, ready(Err("no".to_owned()))).await.as_deref(), Some("no"));
        let cut = within(Duration::ZERO, pending()).await.unwrap();
        assert!(cut.starts_with("cut, the rest takes longer than 0 s"), "{cut}");
    }
    use serde_json::json;

    #[test]
    fn lines_are_read_and_what_is_none_of_ours_is_left_out() {
        let flat = json!({
            "level": "WARN", "message": "waits", "task": "t1", "shipment": "S1", "epoch": 3,
        });
        let mut fields = flat.clone();
        fields.as_object_mut().unwrap().remove("level");
        for line in [&flat, &json!({"level": "WARN", "fields": fields})] {
            let step = Step::read(Stage::Communication, 7, &format!("prefix {line}\n")).unwrap();
            assert_eq!((step.agent, step.level.as_str(), step.at_ms), ("communication", "WARN", 7));
            assert_eq!((step.what.as_str(), step.task.as_deref()), ("waits", Some("t1")));
            assert!(step.is_about(About::Task("t1")) && step.is_about(About::Shipment("S1")));
            assert!(!step.is_about(About::Task("S1")) && !step.is_about(About::Shipment("t1")));
            assert_eq!(serde_json::to_value(&step.more).unwrap(), json!({"epoch": 3}));
        }
        for other in ["START RequestId: 1", "{}", "{\"fields\":{\"task\":\"t1\"}}", "{broken"] {
            assert_eq!(Step::read(Stage::State, 7, other), None, "{other}");
        }
    }
}
