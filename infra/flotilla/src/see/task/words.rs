//! A task's story in words.

use super::{Story, lease};
use crate::story::words::{decided, moment, step};
use flotilla_shipment::words::day_and_time;
use flotilla_task::{Status, TaskRecord};
use std::fmt::Write as _;

impl Story {
    /// First how it went, then where it stands, then what was decided.
    pub(super) fn words(&self) -> String {
        let record = &self.record;
        let mut text = format!("  task {} of shipment {}\n", record.id, record.shipment);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "    event {} of {}", record.event, record.source);
        if let Some(tenant) = &record.tenant {
            let _ = writeln!(text, "    tenant {tenant}");
        }
        if let Some(trace) = &record.trace {
            let _ = writeln!(text, "    trace {trace}");
        }
        let _ = writeln!(text, "    {}  created", moment(record.created_at.as_millis()));
        for line in &self.told.steps {
            let _ = writeln!(text, "    {}", step(line));
        }
        for problem in &self.told.problems {
            let _ = writeln!(text, "    logs that could not be read: {problem}");
        }
        let _ = writeln!(text, "    {}  {}", moment(record.updated_at.as_millis()), stands(record));
        for line in details(record) {
            let _ = writeln!(text, "        {line}");
        }
        if let Some(concluded) = &self.concluded {
            let event = &concluded.event;
            let _ = writeln!(text, "    about {} at {}", event.kind(), day_and_time(event.at()));
            for line in decided(concluded) {
                let _ = writeln!(text, "        {line}");
            }
            let _ = writeln!(text, "        by the policy {}", concluded.decision.policy);
        }
        if let Some(next) = next(record) {
            let _ = writeln!(text, "  {next}");
        }
        text
    }
}

/// Where it stands, as its last write left it.
fn stands(record: &TaskRecord) -> String {
    let (stage, kind) = (record.stage, record.status.kind().as_str());
    let (epoch, writer) = (record.epoch, &record.writer);
    let place = match record.status {
        Status::Pending => format!("waits for {stage}"),
        Status::Running { .. } => format!("{stage} is at work on it"),
        Status::Held { .. } => format!("held at {stage}"),
        Status::Completed => kind.to_owned(),
        Status::Failed | Status::Cancelled => format!("{kind} at {stage}"),
    };
    format!("{place}: epoch {epoch}, written by {writer}")
}

fn details(record: &TaskRecord) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(reason) = &record.reason {
        lines.push(format!("because: {} ({})", reason.text, reason.code.as_str()));
    }
    if record.attempts > 0 {
        lines.push(format!("failures at this stage: {}", record.attempts));
    }
    if record.resends > 0 {
        lines.push(format!("resends by recovery at this stage: {}", record.resends));
    }
    if let Some(until) = lease(record) {
        let (owner, until) = (&record.writer, moment(until.as_millis()));
        lines.push(format!("lease of {owner} until {until}"));
    }
    for (effect, result) in &record.checkpoints {
        lines.push(format!("done: {effect}, with {result}"));
    }
    if let Some(intent) = &record.intent {
        let (effect, until) = (&intent.effect, moment(intent.until.as_millis()));
        lines.push(format!("may have happened: {effect}; under way until {until} at most"));
        let from = moment(record.answer_after().as_millis());
        lines.push(format!("whether it did is for a person to say, from {from} on"));
    }
    lines
}

/// What somebody can do about it.
fn next(record: &TaskRecord) -> Option<String> {
    let id = &record.id;
    match record.status {
        Status::Held { .. } => {
            Some(format!("`flotilla release {id}` lets it go on, `flotilla cancel {id}` stops it."))
        }
        Status::Failed => {
            Some(format!("`flotilla retry {id}` lets it go on where it failed, if that can help."))
        }
        Status::Pending | Status::Running { .. } | Status::Completed | Status::Cancelled => None,
    }
}
