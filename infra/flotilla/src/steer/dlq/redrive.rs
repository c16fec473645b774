//! Sends dead letters back to the queue they were meant for.
//!
//! Each is sent, then deleted: who dies in between leaves a message twice, which is
//! recognised as any duplicate is. `StartMessageMoveTask` would move all of a queue,
//! letters of failed tasks too, which only come back, with their reasons still on.

use super::pass::Acted;
use super::read::{Judged, Shown, read};
use super::standing::Standing;
use super::work::{Left, work};
use super::{Which, by_reason};
use crate::cloud::letters::{Letter, LetterBox};
use crate::error::Error;
use crate::operator::{Operator, Wishes};
use crate::steer::change::Change;
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
    has moved on are left as well: `flotilla dlq drop AGENT --done`. On a FIFO queue SQS shows up \
    to ten letters of a shipment, and the next when these are gone. If this command dies, a \
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
    /// Letters of failed tasks, for `flotilla retry`.
    failed: usize,
    /// Letters whose task has moved on, for `flotilla dlq drop --done`.
    done: usize,
    /// Letters whose task has no record.
    gone: usize,
    #[serde(flatten)]
    left: Left,
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
        let mut answer = Answer::of(self.which.agent, &shown);
        answer.dry_run = self.change.dry_run;
        let question = format!(
            "send {} {} back to its queue, {} a second: {}",
            counted(meant.len(), "dead letter"),
            self.which.words(),
            self.rate,
            by_reason(meant.iter().copied())
        );
        let mut turns = self.rate.turns();
        let how = (self.change, question.as_str(), format!("redriving {}", self.which.words()));
        let (redriven, stopped) = work(
            &operator,
            self.which.agent,
            &meant,
            how,
            &mut answer.left,
            async |to, letters| send_on(to, letters, &mut turns).await,
        )
        .await?;
        answer.redriven = redriven;
        if wishes.json {
            crate::steer::json(&answer, out)?;
        } else {
            answer.tell(&self.which, out)?;
        }
        stopped.map_or_else(|| Ok(answer.is_well()), Err)
    }
}

/// Sends and deletes one after the other, and says which of them are gone. One that is
/// sent and not deleted shows again, and is a duplicate when it is sent once more.
async fn send_on(to: &impl LetterBox, letters: &[Letter], turns: &mut Turns) -> Acted {
    let mut gone = Vec::with_capacity(letters.len());
    for letter in letters {
        turns.next().await;
        if let Err(error) = to.send_on(letter).await {
            return (gone, Some(error));
        }
        match to.delete(slice::from_ref(letter)).await {
            Ok(deleted) => gone.push(deleted == [true]),
            Err(error) => return (gone, Some(error)),
        }
    }
    (gone, None)
}

impl Answer {
    fn of(agent: Stage, shown: &Shown) -> Self {
        let is = |is: Standing| move |judged: &&Judged| judged.standing == is;
        let count = |standing| shown.letters.iter().filter(is(standing)).count();
        Self {
            agent: agent.as_str(),
            redrivable: count(Standing::NoTask) + count(Standing::Open),
            failed: count(Standing::Failed),
            done: count(Standing::Done),
            gone: count(Standing::Gone),
            left: Left { unseen: shown.unseen, ..Left::default() },
            ..Self::default()
        }
    }

    fn tell(&self, which: &Which, out: &mut dyn Write) -> Result<(), Error> {
        let agent = self.agent;
        if self.redriven + self.left.missed > 0 {
            let letters = counted(self.redriven, "dead letter");
            writeln!(out, "Sent {letters} {} back to its queue.", which.words())?;
        } else if self.redrivable == 0 {
            writeln!(out, "No dead letter {} is of use when it is sent back.", which.words())?;
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
        self.left.tell(which.agent, "sent and deleted", out)
    }

    const fn is_well(&self) -> bool {
        self.left.is_nothing() && self.failed == 0 && self.gone == 0
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Tray, judged, letter};
    use super::*;
    use crate::cloud::reading::Unseen;

    fn turns() -> Turns {
        "1000".parse::<Rate>().unwrap().turns()
    }

    #[tokio::test]
    async fn a_letter_is_sent_before_it_is_deleted() {
        let letters = Tray::with(&["a", "b"]);
        let both = [letter("a", None, 1), letter("b", None, 1)];
        let (gone, stopped) = send_on(&letters, &both, &mut turns()).await;
        assert_eq!((gone, stopped.is_none()), (vec![true, true], true));
        assert_eq!(*letters.sent.borrow(), [("a".into(), true), ("b".into(), true)]);
        assert!(letters.ids().is_empty());
    }

    #[tokio::test]
    async fn a_letter_that_is_not_taken_stays() {
        let letters = Tray { refuses: ["b".to_owned()].into(), ..Tray::with(&["a", "b", "c"]) };
        let all = ["a", "b", "c"].map(|id| letter(id, None, 1));
        let (gone, stopped) = send_on(&letters, &all, &mut turns()).await;
        assert_eq!((gone, stopped.is_some()), (vec![true], true));
        assert_eq!(letters.ids(), ["b", "c"]);
    }

    #[tokio::test]
    async fn a_letter_that_is_sent_and_not_deleted_is_not_gone() {
        let letters = Tray { keeps: ["a".to_owned()].into(), ..Tray::with(&["a", "b"]) };
        let both = ["a", "b"].map(|id| letter(id, None, 1));
        let (gone, stopped) = send_on(&letters, &both, &mut turns()).await;
        assert_eq!((gone, stopped.is_none()), (vec![false, true], true));
    }

    #[test]
    fn what_is_left_is_told_with_the_command_for_it() {
        let letters = vec![
            judged("a", None, Standing::NoTask, 1),
            judged("b", Some("failed"), Standing::Failed, 1),
            judged("c", Some("failed"), Standing::Done, 1),
        ];
        let shown = Shown { stage: Stage::Decision, letters, unseen: Unseen::default() };
        let mut answer = Answer::of(Stage::Decision, &shown);
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
