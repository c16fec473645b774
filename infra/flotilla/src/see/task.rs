//! A task's story: how it went from agent to agent, where it stands and why, and what
//! was decided.

mod words;

use crate::answer::{self, moment};
use crate::books::Decided;
use crate::cloud::steps::{About, Told};
use crate::error::Error;
use crate::operator::{Operator, USUAL_LIMIT, Wishes};
use clap::Args;
use flotilla_shipment::payload::{self, Concluded};
use flotilla_task::{Stage, Status, TaskRecord};
use serde_json::{Value, json};
use std::io::Write;

/// What can be asked for.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  flotilla task 4f1c\n  \
                        flotilla task 4f1c0c1de2b7a90d5fd6a2a1b3c4d5e6 --json")]
pub struct Arguments {
    /// The task's id, or how it begins: at least four of its hex digits.
    ///
    /// Failed and held tasks are looked at first, which costs next to nothing. Only
    /// where none of these is meant, the table is scanned.
    #[arg(value_name = "ID")]
    id: String,
    /// Look at no more than so many items of the table for an id that begins so.
    #[arg(long, value_name = "ITEMS", default_value_t = USUAL_LIMIT)]
    limit: u64,
    /// Do not read the logs: tell what the record holds.
    ///
    /// Claims, decisions, waits and whatever went otherwise than planned are logged
    /// unless LOG_LEVEL says otherwise; every step of a task where it is DEBUG, or
    /// LOG_DEBUG_SAMPLE chose the task.
    #[arg(long)]
    no_logs: bool,
}

/// Everything that is told of a task.
#[derive(Debug)]
struct Story {
    record: TaskRecord,
    told: Told,
    /// What was decided, and as far as it is known what was done.
    concluded: Option<Concluded>,
}

impl Arguments {
    /// Does it and says whether all is well.
    ///
    /// # Errors
    /// [`Error`] when it could not be done.
    pub async fn run(self, wishes: &Wishes, out: &mut dyn Write) -> Result<bool, Error> {
        let operator = Operator::connect(&wishes.stack).await?;
        let record = operator.task_within(&self.id, self.limit).await?;
        let told = if self.no_logs {
            Told::default()
        } else {
            let since = record.created_at.as_millis();
            operator.cloud.told(About::Task(record.id.as_str()), since).await
        };
        let concluded = match carried(&record) {
            Some(concluded) => Some(concluded),
            None => logged(&operator, &record).await?,
        };
        let story = Story { record, told, concluded };
        if wishes.json {
            answer::json(&story.document(), out)?;
        } else {
            write!(out, "{}", story.words())?;
        }
        Ok(true)
    }
}

/// The decision that a task on its way carries with it.
fn carried(record: &TaskRecord) -> Option<Concluded> {
    match record.stage {
        Stage::Communication => {
            let decided = record.payload.read::<payload::Decided>().ok()?;
            Some(decided.conclude(None, false))
        }
        Stage::State => record.payload.read().ok(),
        Stage::Ingestion | Stage::Processing | Stage::Decision => None,
    }
}

/// The decision that the log of its shipment holds.
async fn logged(operator: &Operator, record: &TaskRecord) -> Result<Option<Concluded>, Error> {
    let book = operator.cloud.shipment_book(record.shipment.as_str()).await?;
    let is_its = |decided: &Decided| decided.task == record.id.as_str();
    Ok(book.decisions.into_iter().find(is_its).map(|decided| decided.concluded))
}

impl Story {
    fn document(&self) -> Value {
        let record = &self.record;
        let lease = lease(record)
            .map(|until| json!({"owner": record.writer.as_str(), "until": moment(until)}));
        let intent = record
            .intent
            .as_ref()
            .map(|intent| json!({"effect": intent.effect, "until": moment(intent.until)}));
        let counts_from = record.answer_after();
        json!({
            "task": record.id,
            "shipment": record.shipment,
            "tenant": record.tenant,
            "source": record.source,
            "event": record.event,
            "trace": record.trace,
            "stage": record.stage,
            "status": record.status.kind(),
            "epoch": record.epoch,
            "writer": record.writer,
            "lease": lease,
            "attempts": record.attempts,
            "resends": record.resends,
            "hops": record.hops,
            "reason": record.reason,
            "checkpoints": record.checkpoints,
            "intent": intent,
            "answer_counts_from": (counts_from.as_millis() > 0).then(|| moment(counts_from)),
            "created_at": moment(record.created_at),
            "updated_at": moment(record.updated_at),
            "ended_at": record.ended_at.map(moment),
            "concluded": self.concluded,
            "steps": self.told.steps,
            "logs_not_read": self.told.problems,
        })
    }
}

/// Until when somebody may be at work on it.
const fn lease(record: &TaskRecord) -> Option<flotilla_task::Timestamp> {
    match record.status {
        Status::Running { lease_until } => Some(lease_until),
        Status::Held { lease_until } => lease_until,
        Status::Pending | Status::Completed | Status::Failed | Status::Cancelled => None,
    }
}

#[cfg(test)]
mod tests;
