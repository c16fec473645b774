//! Reads an agent's dead letters, and how the tasks of them stand.

use super::standing::Standing;
use crate::cloud::letters::Letter;
use crate::cloud::reading::Unseen;
use crate::error::Error;
use crate::operator::Operator;
use crate::steer::progress::Progress;
use flotilla_task::{Clock, Stage, SystemClock, TaskId, TaskRecord};
use std::collections::{BTreeMap, BTreeSet};

/// A letter and what may be done with it.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    pub(super) letter: Letter,
    /// The record of its task, where it names one that is there.
    pub(super) record: Option<TaskRecord>,
    pub(super) standing: Standing,
}

/// What an agent's dead-letter queue shows.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    pub(super) stage: Stage,
    pub(super) letters: Vec<Judged>,
    /// The others.
    pub(super) unseen: Unseen,
}

/// Reads all letters of an agent; they stay where they are.
pub(super) async fn read(operator: &Operator, stage: Stage) -> Result<Shown, Error> {
    let mut progress = Progress::of(format!("reading the dead letters of {stage}"));
    let read = operator.cloud.letters(stage, |done, of| progress.at(done, of)).await?;
    let letters = judge(operator, stage, read.letters).await?;
    Ok(Shown { stage, letters, unseen: read.unseen })
}

async fn judge(
    operator: &Operator,
    stage: Stage,
    letters: Vec<Letter>,
) -> Result<Vec<Judged>, Error> {
    let ids: BTreeSet<TaskId> = letters.iter().filter_map(named).collect();
    let ids: Vec<_> = ids.into_iter().collect();
    let records = operator.records_of(&ids, "the tasks of dead letters").await?;
    let tasks: BTreeMap<_, _> = records.into_iter().map(|it| (it.id.clone(), it)).collect();
    let now = SystemClock.now();
    let judged = letters.into_iter().map(|letter| {
        let task = named(&letter);
        let record = task.as_ref().and_then(|task| tasks.get(task).cloned());
        let standing = Standing::of(stage, task.is_some(), record.as_ref(), now);
        Judged { letter, record, standing }
    });
    Ok(judged.collect())
}

/// The task that a letter names. What is no id is no task's.
fn named(letter: &Letter) -> Option<TaskId> {
    letter.told.task.as_deref().and_then(|task| TaskId::new(task).ok())
}
