//! Sends dead letters back to the queue they were meant for.
//!
//! Each is sent, then deleted: who dies in between leaves a message twice, which is
//! recognised as any duplicate is. `StartMessageMoveTask` would move all of a queue,
//! letters of failed tasks too, which only come back, with their reasons still on.

use super::pass::{Acted, pass};
use super::read::{Judged, read};
use super::standing::Standing;
use super::{Which, by_reason};
use crate::cloud::letters::{Letter, LetterBox};
use crate::error::Error;
use crate::operator::{Operator, Wishes};
use crate::steer::change::Change;
use crate::steer::progress::Progress;
use crate::steer::rate::{Rate, Turns};
use crate::steer::words::counted;
use clap::Args;
use flotilla_task::Stage;
use serde::Serialize;
use std::io::Write;
use std::slice;

/// What can be asked for.
#[derive(Debug, Args)]
#[command(
    after_help = "A letter goes back as it came, without its reason. Letters of failed tasks \
    are left, because they would return: `flotilla retry` lets the task go on. Letters whose task \
    has moved on are left as well: `flotilla dlq drop AGENT --done`. If this command dies, a \
    letter may be there twice, which does no harm, and what it had not sent shows again after five \
    minutes.\n\n\
    Example:\n  flotilla dlq redrive ingestion --reason unknown_type --rate 5"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    which: Which,
    /// So many a second.
    #[arg(long, default_value = "10", value_name = "NUMBER")]
    rate: Rate,
    #[command(flatten)]
    change: Change,
}

#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Answer {
    agent: &'static str,
    dry_run: bool,
    /// Letters that are of use when they are sent back.
    redrivable: usize,
    redriven: usize,
    /// Redrivable ones that were not sent.
    missed: usize,
    /// Letters of failed tasks, for `flotilla retry`.
    failed: usize,
    /// Letters whose task has moved on, for `flotilla dlq drop --done`.
    done: usize,
    /// Letters whose task has no record.
    gone: usize,
    unseen: u64,
}

impl Arguments {
    /// Does it and says whether all is well.
    ///
    /// # Errors
    /// [`Error`] when it could not be done; what was sent by then is told.
    pub(super) async fn run(self, wishes: &Wishes, out: &mut dyn Write) -> Result<bool, Error> {
        let operator = Operator::connect(&wishes.stack).await?;
        let mut shown = read(&operator, self.which.agent).await?;
        self.which.keep(&mut shown);
        let meant: Vec<_> =
            shown.letters.iter().filter(|judged| judged.standing.is_redriven()).collect();
        let mut answer = Answer::of(self.which.agent, &shown.letters, shown.unseen);
        answer.dry_run = self.change.dry_run;
        let question = format!(
            "send {} {} back to its queue, {} a second: {}",
            counted(meant.len(), "dead letter"),
            self.which.words(),
            self.rate,
            by_reason(meant.iter().copied())
        );
        let mut stopped = None;
        if !meant.is_empty() && self.change.wanted(&question)? {
            let letter_box = operator.cloud.letter_box(self.which.agent)?;
            let wanted = meant.iter().map(|judged| judged.letter.id.clone()).collect();
            let (mut turns, mut sent) = (self.rate.turns(), 0);
            let mut progress = Progress::of(format!("redriving {}", self.which.words()));
            let passed = pass(&letter_box, wanted, async |letters| {
                let acted = send_on(&letter_box, letters, &mut turns).await;
                sent += acted.0;
                progress.at(sent, Some(meant.len()));
                acted
            })
            .await;
            (answer.redriven, answer.missed) = (passed.done, passed.missed);
            stopped = passed.stopped;
        }
        if wishes.json {
            crate::steer::json(&answer, out)?;
        } else {
            answer.tell(&self.which, out)?;
        }
        stopped.map_or_else(|| Ok(answer.is_well()), Err)
    }
}

/// Sends and deletes one after the other, and says how many were sent.
async fn send_on(to: &impl LetterBox, letters: &[Letter], turns: &mut Turns) -> Acted {
    for (sent, letter) in letters.iter().enumerate() {
        turns.next().await;
        if let Err(error) = to.send_on(letter).await {
            return (sent, Some(error));
        }
        // One that is not deleted shows again, and is a duplicate then.
        if let Err(error) = to.delete(slice::from_ref(letter)).await {
            return (sent + 1, Some(error));
        }
    }
    (letters.len(), None)
}

impl Answer {
    fn of(agent: Stage, letters: &[Judged], unseen: u64) -> Self {
        let count = |is: Standing| letters.iter().filter(|judged| judged.standing == is).count();
        Self {
            agent: agent.as_str(),
            redrivable: count(Standing::NoTask) + count(Standing::Open),
            failed: count(Standing::Failed),
            done: count(Standing::Done),
            gone: count(Standing::Gone),
            unseen,
            ..Self::default()
        }
    }

    fn tell(&self, which: &Which, out: &mut dyn Write) -> Result<(), Error> {
        let agent = self.agent;
        if self.redriven + self.missed > 0 {
            let letters = counted(self.redriven, "dead letter");
            writeln!(out, "Sent {letters} {} back to its queue.", which.words())?;
        } else if self.redrivable == 0 {
            writeln!(out, "No dead letter {} is of use when it is sent back.", which.words())?;
        }
        if self.missed > 0 {
            writeln!(out, "{} were not met or not sent. Ask once more.", self.missed)?;
        }
        for (left, of) in [
            (
                self.failed,
                "of failed tasks, which would return: `flotilla retry TASK`, or \
                           `flotilla retry --failed-with CODE`"
                    .to_owned(),
            ),
            (self.done, format!("already done: `flotilla dlq drop {agent} --done`")),
            (self.gone, "of tasks without a record, which would return".to_owned()),
        ] {
            if left > 0 {
                writeln!(out, "Left {} {of}.", counted(left, "letter"))?;
            }
        }
        if self.unseen > 0 {
            writeln!(out, "SQS counts about {} more, which are hidden just now.", self.unseen)?;
        }
        Ok(())
    }

    const fn is_well(&self) -> bool {
        self.missed == 0 && self.failed == 0 && self.gone == 0 && self.unseen == 0
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Tray, judged, letter};
    use super::*;

    fn turns() -> Turns {
        "1000".parse::<Rate>().unwrap().turns()
    }

    #[tokio::test]
    async fn a_letter_is_sent_before_it_is_deleted() {
        let letters = Tray::with(&["a", "b"]);
        let both = [letter("a", None, 1), letter("b", None, 1)];
        let (sent, stopped) = send_on(&letters, &both, &mut turns()).await;
        assert_eq!((sent, stopped.is_none()), (2, true));
        assert_eq!(*letters.sent.borrow(), [("a".into(), true), ("b".into(), true)]);
        assert!(letters.ids().is_empty());
    }

    #[tokio::test]
    async fn a_letter_that_is_not_taken_stays() {
        let letters = Tray { refuses: ["b".to_owned()].into(), ..Tray::with(&["a", "b", "c"]) };
        let all = ["a", "b", "c"].map(|id| letter(id, None, 1));
        let (sent, stopped) = send_on(&letters, &all, &mut turns()).await;
        assert_eq!((sent, stopped.is_some()), (1, true));
        assert_eq!(letters.ids(), ["b", "c"]);
    }

    #[test]
    fn what_is_left_is_told_with_the_command_for_it() {
        let letters = [
            judged("a", None, Standing::NoTask, 1),
            judged("b", Some("failed"), Standing::Failed, 1),
            judged("c", Some("failed"), Standing::Done, 1),
        ];
        let mut answer = Answer::of(Stage::Decision, &letters, 0);
        answer.redriven = 1;
        let which = Which { agent: Stage::Decision, reason: None };
        let mut out = Vec::new();
        answer.tell(&which, &mut out).unwrap();
        let told = String::from_utf8(out).unwrap();
        assert_eq!(
            told,
            "Sent 1 dead letter of decision back to its queue.\n\
             Left 1 letter of failed tasks, which would return: `flotilla retry TASK`, or \
             `flotilla retry --failed-with CODE`.\n\
             Left 1 letter already done: `flotilla dlq drop decision --done`.\n"
        );
        assert!(!answer.is_well(), "a failed task needs a person");
    }
}
