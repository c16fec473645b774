//! A list of tasks, in words and for programs, whole or grouped by reason.

use crate::books::Task;
use crate::counts::count;
use crate::see::document::{self, moment};
use flotilla_shipment::words::day_and_time;
use flotilla_task::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

/// Tasks of one kind.
#[derive(Debug)]
pub(super) struct List {
    /// `failed`, `held` or `stuck`.
    pub(super) what: &'static str,
    /// How many there are, listed or not.
    pub(super) total: usize,
    /// The first of them.
    pub(super) tasks: Vec<Task>,
    /// What the scan came to, where it took one.
    pub(super) scanned: Option<Scanned>,
}

/// What a scan came to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scanned {
    /// Nothing touched a stuck task for so long.
    pub(super) idle: Duration,
    /// Open tasks it found, stuck or not.
    pub(super) open: usize,
    /// Read units it used.
    pub(super) read_units: u64,
}

/// Tasks that stopped at the same stage for the same kind of reason.
struct Group<'a> {
    stage: &'a str,
    code: &'a str,
    tasks: Vec<&'a Task>,
}

const NO_REASON: &str = "-";
/// A reason may have 512 bytes; a line of a list has room for less.
const REASON_SHOWN: usize = 100;

impl List {
    /// A table of them.
    pub(super) fn words(&self) -> String {
        let mut text = String::new();
        if !self.tasks.is_empty() {
            let wide = self.tasks.iter().map(|task| task.shipment.len()).max().unwrap_or(0).max(8);
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{:<32}  {:<wide$}  {:<13}  {:<20}  {:>8}  REASON",
                "TASK", "SHIPMENT", "STAGE", "SINCE", "FAILURES"
            );
            for task in &self.tasks {
                let (stage, since) = (task.stage.as_str(), when(task.updated_at));
                let _ = writeln!(
                    text,
                    "{:<32}  {:<wide$}  {stage:<13}  {since:<20}  {:>8}  {}",
                    task.id,
                    task.shipment,
                    task.attempts,
                    reason(task)
                );
            }
        }
        let rest = self.total.saturating_sub(self.tasks.len());
        if rest > 0 {
            let rest = count(rest as u64);
            let _ = writeln!(text, "... and {rest} more; --limit lists more, --by-reason counts");
        }
        text + &self.sum()
    }

    /// A table of their reasons.
    pub(super) fn groups_words(&self) -> String {
        let mut text = String::new();
        let groups = self.groups();
        if !groups.is_empty() {
            let _ = writeln!(
                text,
                "{:>7}  {:<13}  {:<18}  {:<20}  ONE OF THEM",
                "COUNT", "STAGE", "REASON", "NEWEST"
            );
        }
        for Group { stage, code, tasks } in groups {
            let newest = when(tasks.iter().map(|task| task.updated_at).max().unwrap_or(0));
            let example = tasks.first();
            let example = example.map(|task| format!("{}: {}", task.id, reason(task)));
            let _ = writeln!(
                text,
                "{:>7}  {stage:<13}  {code:<18}  {newest:<20}  {}",
                count(tasks.len() as u64),
                example.unwrap_or_default()
            );
        }
        let rest = self.total.saturating_sub(self.tasks.len());
        if rest > 0 {
            let rest = count(rest as u64);
            let _ = writeln!(
                text,
                "... and {rest} more that were not looked at; --limit looks at more"
            );
        }
        text + &self.sum()
    }

    /// For programs.
    pub(super) fn document(&self) -> Value {
        let tasks: Vec<_> = self.tasks.iter().map(document::task).collect();
        self.with("tasks", tasks)
    }

    /// For programs, grouped.
    pub(super) fn groups_document(&self) -> Value {
        let groups = self.groups();
        let groups = groups.iter().map(|Group { stage, code, tasks }| {
            let times = || tasks.iter().map(|task| task.updated_at);
            json!({
                "stage": stage,
                "code": code,
                "count": tasks.len(),
                "oldest": times().min().map(moment),
                "newest": times().max().map(moment),
                "example": tasks.first().map(|task| document::task(task)),
            })
        });
        self.with("groups", groups.collect())
    }

    fn with(&self, name: &str, value: Vec<Value>) -> Value {
        let scanned = self.scanned.map(|scanned| {
            json!({
                "older_than_seconds": scanned.idle.as_secs(),
                "open_tasks": scanned.open,
                "read_units": scanned.read_units,
            })
        });
        json!({"what": self.what, "total": self.total, name: value, "scanned": scanned})
    }

    /// The largest group first.
    fn groups(&self) -> Vec<Group<'_>> {
        let mut by: BTreeMap<(&str, &str), Vec<&Task>> = BTreeMap::new();
        for task in &self.tasks {
            let code = task.why.as_ref().map_or(NO_REASON, |why| why.code.as_str());
            by.entry((task.stage.as_str(), code)).or_default().push(task);
        }
        let groups = by.into_iter().map(|((stage, code), tasks)| Group { stage, code, tasks });
        let mut groups: Vec<_> = groups.collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.tasks.len()));
        groups
    }

    fn sum(&self) -> String {
        let total = match self.total {
            0 => format!("No task is {}.", self.state()),
            1 => format!("1 task is {}.", self.state()),
            total => format!("{} tasks are {}.", count(total as u64), self.state()),
        };
        let next = match (self.total, self.what) {
            (0, _) => "",
            (_, "failed") => {
                " `flotilla task ID` tells a task's story, `flotilla retry ID` lets it go on."
            }
            (_, "held") => {
                " `flotilla task ID` tells a task's story, `flotilla release ID` lets it go on."
            }
            (_, _) => {
                " `flotilla task ID` tells a task's story; recovery sends their messages again."
            }
        };
        let cost = self.scanned.map(|scanned| {
            let (open, units) = (count(scanned.open as u64), count(scanned.read_units));
            format!("\nThe scan found {open} open tasks and took {units} read units.")
        });
        format!("{total}{next}{}\n", cost.unwrap_or_default())
    }

    fn state(&self) -> String {
        match self.scanned {
            Some(scanned) => {
                format!("stuck, untouched for {} s", count(scanned.idle.as_secs()))
            }
            None => self.what.to_owned(),
        }
    }
}

fn when(ms: u64) -> String {
    day_and_time(Timestamp::from_millis(ms).into())
}

fn reason(task: &Task) -> String {
    let Some(why) = &task.why else { return NO_REASON.to_owned() };
    let shown: String = why.text.chars().take(REASON_SHOWN).collect();
    let cut = if shown.len() < why.text.len() { "…" } else { "" };
    format!("{}: {shown}{cut}", why.code)
}

#[cfg(test)]
mod tests;
