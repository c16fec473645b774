//! Deletes dead letters: those that were counted and shown, and no other.

use super::Which;
use super::read::{Judged, read};
use super::standing::Standing;
use super::work::{Left, work};
use crate::cloud::letters::LetterBox;
use crate::error::Error;
use crate::operator::{Operator, Wishes};
use crate::steer::change::Change;
use crate::steer::recovery::Recovery;
use crate::steer::words::counted;
use clap::Args;
use serde::Serialize;
use std::io::Write;

/// What can be asked for.
#[derive(Debug, Args)]
#[command(after_help = "They are counted and asked about first; what comes meanwhile stays. A \
    failed task stays failed and can be retried without its letter. A letter of no task, as at \
    ingestion, is the only place that holds what it says.\n\n\
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
    #[serde(flatten)]
    left: Left,
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
        let letters: Vec<_> = shown.letters.iter().collect();
        let mut answer = Answer {
            agent: self.which.agent.as_str(),
            dry_run: self.change.dry_run,
            counted: letters.len(),
            dropped: 0,
            left: Left { unseen: shown.unseen, ..Left::default() },
        };
        let question = question(&self.which, &letters, &Recovery::of(&operator.cloud.stack)?);
        let how = (self.change, question.as_str(), format!("dropping {}", self.which.words()));
        let (dropped, stopped) = work(
            &operator,
            self.which.agent,
            &letters,
            how,
            &mut answer.left,
            async |from, meant| match from.delete(meant).await {
                Ok(gone) => (gone, None),
                Err(error) => (Vec::new(), Some(error)),
            },
        )
        .await?;
        answer.dropped = dropped;
        if wishes.json {
            crate::steer::json(&answer, out)?;
        } else {
            self.tell(&answer, out)?;
        }
        stopped.map_or_else(|| Ok(answer.left.is_nothing()), Err)
    }

    fn tell(&self, answer: &Answer, out: &mut dyn Write) -> Result<(), Error> {
        let done = if self.done { ", already done" } else { "" };
        if answer.dropped + answer.left.missed > 0 {
            let letters = counted(answer.dropped, "dead letter");
            writeln!(out, "Dropped {letters} {}{done}.", self.which.words())?;
        } else if answer.counted == 0 {
            writeln!(out, "There is no dead letter {}{done}.", self.which.words())?;
        }
        answer.left.tell(self.which.agent, "deleted", out)
    }
}

/// What is asked, with what is lost by it.
fn question(which: &Which, letters: &[&Judged], recovery: &Recovery) -> String {
    let count = |is: Standing| letters.iter().filter(|judged| judged.standing == is).count();
    let mut question = format!(
        "delete {} {} for good: {}",
        counted(letters.len(), "dead letter"),
        which.words(),
        super::by_reason(letters.iter().copied())
    );
    match count(Standing::NoTask) {
        0 => {}
        lost => {
            question.push_str(&format!("; {lost} of no task: nothing else holds what they say"))
        }
    }
    match count(Standing::Open) {
        0 => {}
        open => question.push_str(&format!(
            "; {open} of open tasks, which may have no other message: {}",
            recovery.words()
        )),
    }
    question
}

#[cfg(test)]
mod tests {
    use super::super::samples::judged;
    use super::*;
    use flotilla_task::Stage;
    use std::time::Duration;

    #[test]
    fn the_question_says_what_is_lost() {
        let which = Which { agent: Stage::Ingestion, reason: None };
        let recovery = Recovery { after: Duration::from_secs(60), schedule: "off".to_owned() };
        let asked =
            |letters: &[Judged]| question(&which, &letters.iter().collect::<Vec<_>>(), &recovery);
        let done = judged("a", Some("failed"), Standing::Done, 1);
        assert_eq!(
            asked(std::slice::from_ref(&done)),
            "delete 1 dead letter of ingestion for good: 1 failed"
        );
        let lost = judged("b", None, Standing::NoTask, 1);
        let open = judged("c", None, Standing::Open, 1);
        assert_eq!(
            asked(&[done, lost, open]),
            "delete 3 dead letters of ingestion for good: 1 failed, 2 none (moved by SQS); 1 of no \
             task: nothing else holds what they say; 1 of open tasks, which may have no other \
             message: nothing sends it by itself: recovery is off (RecoverySchedule)"
        );
    }
}
