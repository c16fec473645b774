//! What redriving and dropping have in common: letters are read, chosen, asked about,
//! met once more and acted on; what is left is told.

use super::pass::{Acted, Passed, pass};
use super::read::Judged;
use crate::cloud::letters::{Letter, SqsLetters};
use crate::cloud::reading::Unseen;
use crate::error::Error;
use crate::operator::Operator;
use crate::steer::change::Change;
use crate::steer::progress::Progress;
use flotilla_task::Stage;
use serde::Serialize;
use std::io::Write;

/// How the letters that were meant came off.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Left {
    /// Those that were counted, and not met or not acted on.
    pub(super) missed: usize,
    #[serde(flatten)]
    pub(super) unseen: Unseen,
    /// Whether they were asked about, and the answer was no.
    pub(super) declined: bool,
}

impl Left {
    /// What is left, in words. `acted` is what was to be done to a letter: `deleted`.
    pub(super) fn tell(&self, stage: Stage, acted: &str, out: &mut dyn Write) -> Result<(), Error> {
        if self.missed > 0 {
            writeln!(out, "{} were not met or not {acted}. Ask once more.", self.missed)?;
        }
        if let Some(unseen) = self.unseen.words(stage) {
            writeln!(out, "{unseen}.")?;
        }
        Ok(())
    }

    /// Whether nothing is left.
    pub(super) const fn is_nothing(&self) -> bool {
        self.missed == 0 && self.unseen.count == 0 && !self.declined
    }
}

/// Asks about these letters and acts on them; the others stay. Says how many are gone,
/// and why it stopped if it did. `doing` is told on standard error when it lasts.
pub(super) async fn work(
    operator: &Operator,
    stage: Stage,
    meant: &[&Judged],
    (change, question, doing): (Change, &str, String),
    left: &mut Left,
    mut act: impl AsyncFnMut(&SqsLetters<'_>, &[Letter]) -> Acted,
) -> Result<(usize, Option<Error>), Error> {
    if meant.is_empty() {
        return Ok((0, None));
    }
    if !change.wanted(question)? {
        left.declined = !change.dry_run;
        return Ok((0, None));
    }
    let letter_box = operator.cloud.letter_box(stage)?;
    let letters = meant.iter().map(|judged| &judged.letter);
    let wanted = letters.map(|letter| (letter.id.clone(), letter.group.clone())).collect();
    let (mut progress, mut gone) = (Progress::of(doing), 0);
    let Passed { done, missed, stopped } = pass(&letter_box, wanted, async |letters| {
        let acted = act(&letter_box, letters).await;
        gone += acted.0.iter().filter(|gone| **gone).count();
        progress.at(gone, Some(meant.len()));
        acted
    })
    .await;
    left.missed = missed;
    Ok((done, stopped))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::reading::Because;

    #[test]
    fn what_is_left_is_told_and_needs_a_person() {
        let unseen = Unseen { count: 2, because: Some(Because::Hidden) };
        let left = Left { missed: 3, unseen, declined: false };
        let mut out = Vec::new();
        left.tell(Stage::State, "sent", &mut out).unwrap();
        let told = String::from_utf8(out).unwrap();
        assert!(told.starts_with("3 were not met or not sent. Ask once more.\nstate: SQS counts"));
        assert!(!left.is_nothing() && Left::default().is_nothing());
        let declined = Left { declined: true, ..Left::default() };
        assert!(!declined.is_nothing(), "the change was not made");
        let document = serde_json::to_value(left).unwrap();
        assert_eq!(
            document,
            serde_json::json!({
                "missed": 3, "unseen": 2, "unseen_because": "hidden", "declined": false,
            })
        );
    }
}
