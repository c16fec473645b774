//! Reads an agent's dead letters, and how the tasks of them stand.

use super::standing::Standing;
use crate::cloud::letters::{Letter, all};
use crate::error::Error;
use crate::operator::Operator;
use crate::steer::progress::Progress;
use flotilla_task::{Clock, Stage, SystemClock, TaskId, TaskRecord, TaskStore};
use futures_util::{StreamExt, stream};
use std::collections::BTreeMap;

/// Records that are read side by side.
const READS: usize = 16;
/// What stands for a letter that SQS moved by itself, and that has no reason.
pub(super) const NO_REASON: &str = "none";

/// A letter and what may be done with it.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    pub(super) letter: Letter,
    /// The record of its task, where it names one that is there.
    pub(super) record: Option<TaskRecord>,
    pub(super) standing: Standing,
}

impl Judged {
    /// Its reason's code, or [`NO_REASON`].
    pub(super) fn code(&self) -> &str {
        self.letter.told.code.as_deref().unwrap_or(NO_REASON)
    }
}

/// What an agent's dead-letter queue shows.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    pub(super) stage: Stage,
    pub(super) letters: Vec<Judged>,
    /// Those that SQS counts and does not show.
    pub(super) unseen: u64,
}

impl Shown {
    /// What to say of those that were not seen, if there are any.
    pub(super) fn unseen(&self) -> Option<String> {
        (self.unseen > 0).then(|| {
            format!(
                "{}: SQS counts about {} more, which are hidden just now. Another command may be \
                 reading them: they show again within minutes",
                self.stage, self.unseen
            )
        })
    }
}

/// Reads all letters of an agent; they stay where they are.
pub(super) async fn read(operator: &Operator, stage: Stage) -> Result<Shown, Error> {
    let depth = operator.cloud.depth(operator.cloud.stack.dead_letters(stage)?).await?;
    let counted = depth.visible + depth.in_flight + depth.delayed;
    if counted == 0 {
        return Ok(Shown { stage, letters: Vec::new(), unseen: 0 });
    }
    let letter_box = operator.cloud.letter_box(stage)?;
    let mut progress = Progress::of(format!("reading the dead letters of {stage}"));
    let of = usize::try_from(counted).ok();
    let letters = all(&letter_box, |done| progress.at(done, of)).await?;
    let unseen = counted.saturating_sub(letters.len() as u64);
    let letters = judge(operator, stage, letters).await?;
    Ok(Shown { stage, letters, unseen })
}

async fn judge(
    operator: &Operator,
    stage: Stage,
    letters: Vec<Letter>,
) -> Result<Vec<Judged>, Error> {
    let mut tasks: BTreeMap<TaskId, Option<TaskRecord>> =
        letters.iter().filter_map(named).map(|task| (task, None)).collect();
    let ids: Vec<_> = tasks.keys().cloned().collect();
    let mut progress = Progress::of("reading the tasks of dead letters");
    let reads = stream::iter(&ids).map(|id| async move { (id, operator.tasks.get(id).await) });
    let mut reads = reads.buffered(READS);
    let mut done = 0;
    while let Some((id, record)) = reads.next().await {
        let tried = format!("reading the task {id}");
        let record = record.map_err(|error| Error::environment(&tried, error, "Try again."))?;
        tasks.insert(id.clone(), record);
        done += 1;
        progress.at(done, Some(ids.len()));
    }
    let now = SystemClock.now();
    let judged = letters.into_iter().map(|letter| {
        let task = named(&letter);
        let record = task.as_ref().and_then(|task| tasks.get(task).cloned().flatten());
        let standing = Standing::of(stage, task.is_some(), record.as_ref(), now);
        Judged { letter, record, standing }
    });
    Ok(judged.collect())
}

/// The task that a letter names. What is no id is no task's.
fn named(letter: &Letter) -> Option<TaskId> {
    letter.told.task.as_deref().and_then(|task| TaskId::new(task).ok())
}
