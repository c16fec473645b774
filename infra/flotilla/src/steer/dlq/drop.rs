//! Deletes dead letters: those that were counted and shown, and no other.

use super::pass::pass;
use super::read::read;
use super::standing::Standing;
use super::{Which, by_reason};
use crate::cloud::letters::LetterBox;
use crate::error::Error;
use crate::operator::{Operator, Wishes};
use crate::steer::change::Change;
use crate::steer::progress::Progress;
use crate::steer::words::{counted, long};
use clap::Args;
use serde::Serialize;
use std::io::Write;

/// What can be asked for.
#[derive(Debug, Args)]
#[command(after_help = "They are counted and asked about first; what comes meanwhile stays. A \
    failed task stays failed and can be retried without its letter.\n\n\
    Examples:\n  flotilla dlq drop processing --done\n  \
    flotilla dlq drop ingestion --reason not_json --yes")]
pub(super) struct Arguments {
    #[command(flatten)]
    which: Which,
    /// Only those whose task has moved on, so that nothing follows from them any more.
    #[arg(long)]
    done: bool,
    #[command(flatten)]
    change: Change,
}

#[derive(Debug, Serialize)]
struct Answer {
    agent: &'static str,
    dry_run: bool,
    counted: usize,
    dropped: usize,
    missed: usize,
    unseen: u64,
}

impl Arguments {
    /// Does it and says whether all is well.
    ///
    /// # Errors
    /// [`Error`] when it could not be done; what was deleted by then is told.
    pub(super) async fn run(self, wishes: &Wishes, out: &mut dyn Write) -> Result<bool, Error> {
        let operator = Operator::connect(&wishes.stack).await?;
        let mut shown = read(&operator, self.which.agent).await?;
        self.which.keep(&mut shown);
        if self.done {
            shown.letters.retain(|judged| judged.standing == Standing::Done);
        }
        let letters = &shown.letters;
        let mut answer = Answer {
            agent: self.which.agent.as_str(),
            dry_run: self.change.dry_run,
            counted: letters.len(),
            dropped: 0,
            missed: 0,
            unseen: shown.unseen,
        };
        let mut question = format!(
            "delete {} {} for good: {}",
            counted(letters.len(), "dead letter"),
            self.which.words(),
            by_reason(letters.iter())
        );
        let open = letters.iter().filter(|judged| judged.standing == Standing::Open).count();
        if open > 0 {
            let after = long(operator.cloud.stack.recover_after()?);
            question.push_str(&format!(
                "; {open} of them of open tasks, which may have no other message until recovery \
                 sends it after {after}"
            ));
        }
        let mut stopped = None;
        if !letters.is_empty() && self.change.wanted(&question)? {
            let letter_box = operator.cloud.letter_box(self.which.agent)?;
            let wanted = letters.iter().map(|judged| judged.letter.id.clone()).collect();
            let mut gone = 0;
            let mut progress = Progress::of(format!("dropping {}", self.which.words()));
            let passed = pass(&letter_box, wanted, async |meant| {
                match letter_box.delete(meant).await {
                    Ok(each) => {
                        gone += each.len();
                        progress.at(gone, Some(letters.len()));
                        // One that is not gone shows again by itself.
                        (each.into_iter().filter(|gone| *gone).count(), None)
                    }
                    Err(error) => (0, Some(error)),
                }
            })
            .await;
            (answer.dropped, answer.missed) = (passed.done, passed.missed);
            stopped = passed.stopped;
        }
        if wishes.json {
            crate::steer::json(&answer, out)?;
        } else {
            self.tell(&answer, out)?;
        }
        stopped.map_or_else(|| Ok(answer.missed == 0 && answer.unseen == 0), Err)
    }

    fn tell(&self, answer: &Answer, out: &mut dyn Write) -> Result<(), Error> {
        let done = if self.done { ", already done" } else { "" };
        if answer.dropped + answer.missed > 0 {
            let letters = counted(answer.dropped, "dead letter");
            writeln!(out, "Dropped {letters} {}{done}.", self.which.words())?;
        } else if answer.counted == 0 {
            writeln!(out, "There is no dead letter {}{done}.", self.which.words())?;
        }
        if answer.missed > 0 {
            writeln!(out, "{} were not met or not deleted. Ask once more.", answer.missed)?;
        }
        if answer.unseen > 0 {
            writeln!(out, "SQS counts about {} more, which are hidden just now.", answer.unseen)?;
        }
        Ok(())
    }
}
