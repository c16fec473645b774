//! By event: whether what is wrong was refused, and for the right reason.

use super::events::{There, code_of, letter_words, unfinished, words_of};
use super::index::Sent;
use super::{Findings, found};
use flotilla_task::StatusKind;

/// Longer than this, and SQS may have had no room for a reason beside the body.
const NO_ROOM_BYTES: usize = 1_048_576 - 2048;

/// A message or an event that has to be refused.
pub(super) fn check(sent: &Sent<'_>, codes: &[String], there: &There<'_>, findings: &mut Findings) {
    let right = |code: &str| codes.iter().any(|known| known == code);
    let wanted = codes.join(" or ");
    for task in &there.tasks {
        match task.status {
            StatusKind::Failed if right(code_of(task)) => {}
            StatusKind::Pending | StatusKind::Running => unfinished(sent, task, findings),
            StatusKind::Failed | StatusKind::Held => {
                let why =
                    format!("{}, but not for {wanted}: {}", task.status.as_str(), words_of(task));
                found(&mut findings.unexpected, sent.label(), why);
            }
            StatusKind::Completed | StatusKind::Cancelled => {
                let why = format!("had to be refused ({wanted}), and is {}", task.status.as_str());
                found(&mut findings.unexpected, sent.label(), why);
            }
        }
    }
    if !there.tasks.is_empty() {
        return;
    }
    match there.letter {
        Some(letter) => match &letter.code {
            Some(code) if right(code) => {}
            // SQS moved it, as the reason found no room beside the body.
            None if sent.entry.bytes > NO_ROOM_BYTES => {}
            Some(_) | None => {
                let why = format!("refused, but not for {wanted}: {}", letter_words(letter));
                found(&mut findings.unexpected, sent.label(), why);
            }
        },
        None if !there.waits.is_empty() => {
            let why = format!("had to be refused ({wanted}), and is parked");
            found(&mut findings.unexpected, sent.label(), why);
        }
        None => {
            let why = format!("had to be refused ({wanted}), and nothing is on record");
            found(&mut findings.lost_events, sent.label(), why);
        }
    }
}
