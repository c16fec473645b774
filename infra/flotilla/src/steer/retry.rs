//! Lets failed tasks go on at the stage where they failed.

use super::author::Author;
use super::change::Change;
use super::over::How;
use super::rate::Rate;
use super::wish::Wish;
use crate::books::Task;
use crate::cloud::attention::Wanted;
use crate::error::Error;
use crate::operator::{Operator, Wishes};
use clap::{ArgGroup, Args};
use flotilla_task::{ReasonCode, StatusKind, TaskId, TaskRecord};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as Unknown, StrDeserializer};
use std::collections::BTreeSet;
use std::io::Write;

/// What can be asked for.
#[derive(Debug, Args)]
#[command(
    group(ArgGroup::new("which").required(true).multiple(false)),
    after_help = "The task goes on at the stage where it failed, with everything it has done: the \
    retry is written, then its message is sent. If this command dies between the two, the same \
    retry sends it, or recovery when it next looks (RecoverAfterSeconds and RecoverySchedule of \
    the stack). Its dead letter stays where it is; \
    `flotilla dlq drop AGENT --done` drops it when the task has moved on.\n\n\
    --failed-with and --all-failed ask the index of what needs attention, which lags by moments, \
    and read the records that it names: no scan.\n\n\
    Examples:\n  flotilla retry 0f3a5be07c2189d4e6ab30517c9f2d84\n  \
    flotilla retry --failed-with retries_exhausted --rate 5 --yes"
)]
pub struct Arguments {
    /// The tasks' ids, as `flotilla tasks --failed` lists them.
    #[arg(value_name = "TASK", group = "which", num_args = 1..)]
    tasks: Vec<String>,
    /// Every task that failed with this reason, such as `retries_exhausted`.
    #[arg(long, value_name = "CODE", group = "which", value_parser = code)]
    failed_with: Option<ReasonCode>,
    /// Every task that failed.
    #[arg(long, group = "which")]
    all_failed: bool,
    /// So many a second.
    #[arg(long, default_value = "10", value_name = "NUMBER")]
    rate: Rate,
    #[command(flatten)]
    author: Author,
    #[command(flatten)]
    change: Change,
}

/// A reason's code as it stands in records.
pub(super) fn code(text: &str) -> Result<ReasonCode, String> {
    let text: StrDeserializer<'_, Unknown> = text.into_deserializer();
    ReasonCode::deserialize(text).map_err(|error| error.to_string())
}

impl Arguments {
    /// Does it and says whether all is well.
    ///
    /// # Errors
    /// [`Error`] when it could not be done.
    pub async fn run(self, wishes: &Wishes, out: &mut dyn Write) -> Result<bool, Error> {
        let operator = Operator::connect(&wishes.stack).await?;
        let records = if self.tasks.is_empty() {
            failed(&operator, self.failed_with).await?
        } else {
            operator.named(&self.tasks).await?
        };
        if records.is_empty() && !wishes.json {
            let with = self.failed_with.map(|code| format!(" with {}", code.as_str()));
            writeln!(out, "No task failed{}.", with.unwrap_or_default())?;
            return Ok(true);
        }
        let rate = Some(self.rate);
        let how = How { author: &self.author, change: self.change, waits: false, rate };
        operator.over(&Wish::Retry, records, &how, wishes, out).await
    }
}

/// The failed tasks, the longest first. Those with another reason are left out by the
/// lines that a batch reads; what is to be changed is read whole and consistently.
async fn failed(operator: &Operator, with: Option<ReasonCode>) -> Result<Vec<TaskRecord>, Error> {
    let listed = operator.cloud.attention(Wanted::Failed).await?;
    let mut ids: Vec<_> = listed.iter().rev().filter_map(|entry| entry.task()).collect();
    if let Some(code) = with {
        let lines = operator.cloud.tasks_named(&ids).await?;
        let has = |task: &Task| task.why.as_ref().is_some_and(|why| why.code == code.as_str());
        let meant: BTreeSet<_> = lines.into_iter().filter(has).map(|task| task.id).collect();
        ids.retain(|id| meant.contains(*id));
    }
    let ids: Vec<_> = ids.into_iter().filter_map(|id| TaskId::new(id).ok()).collect();
    let mut records = operator.records_of(&ids, "failed tasks").await?;
    records.retain(|record| {
        let code = record.reason.as_ref().map(|reason| reason.code);
        // The index lags: it may have been retried since.
        record.status.kind() == StatusKind::Failed && (with.is_none() || code == with)
    });
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_one_that_records_have() {
        assert_eq!(code("retries_exhausted"), Ok(ReasonCode::RetriesExhausted));
        let error = code("retries").unwrap_err();
        assert!(error.contains("unknown variant `retries`, expected one of `not_json`"), "{error}");
    }
}
