//! Shows dead letters one by one.

use super::Which;
use super::read::{Judged, read};
use super::standing::ago;
use crate::error::Error;
use crate::operator::{Operator, Wishes};
use crate::steer::words::{counted, place};
use clap::Args;
use flotilla_task::{Clock, Stage, SystemClock, Timestamp, safe};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;

/// What can be asked for.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit code 1 says that there are dead letters.\n\nA body is cut to 512 bytes, and what cannot be printed is escaped; --json \
    has it whole. A refused order's body holds what its sender wrote, personal data included: \
    keep it out of tickets and logs.\n\n\
    Example:\n  flotilla dlq show processing --reason invalid_field --limit 3"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    which: Which,
    /// At most so many, the oldest first.
    #[arg(long, default_value_t = 10, value_name = "NUMBER")]
    limit: usize,
}

impl Arguments {
    /// Does it and says whether all is well.
    ///
    /// # Errors
    /// [`Error`] when it could not be done.
    pub(super) async fn run(self, wishes: &Wishes, out: &mut dyn Write) -> Result<bool, Error> {
        let operator = Operator::connect(&wishes.stack).await?;
        let mut shown = read(&operator, self.which.agent).await?;
        self.which.keep(&mut shown);
        shown.letters.sort_by_key(|judged| judged.letter.sent_at);
        let count = shown.letters.len();
        shown.letters.truncate(self.limit);
        let stage = self.which.agent;
        if wishes.json {
            let letters: Vec<_> =
                shown.letters.iter().map(|judged| document(judged, stage)).collect();
            let answer = json!({
                "agent": stage, "count": count, "unseen": shown.unseen.count,
                "unseen_because": shown.unseen.because, "letters": letters,
            });
            crate::steer::json(&answer, out)?;
        } else {
            let now = SystemClock.now();
            for (at, judged) in shown.letters.iter().enumerate() {
                write!(out, "{}. {}", at + 1, told(judged, stage, now))?;
            }
            let letters = counted(count, "dead letter");
            writeln!(out, "Showed {} of {letters} {}.", shown.letters.len(), self.which.words())?;
            if let Some(unseen) = shown.unseen.words(stage) {
                writeln!(out, "{unseen}.")?;
            }
        }
        Ok(count == 0 && shown.unseen.count == 0)
    }
}

fn told(judged: &Judged, stage: Stage, now: Timestamp) -> String {
    let letter = &judged.letter;
    let told = &letter.told;
    let mut lines = vec![format!(
        "{}, sent {}, received {}",
        safe(&letter.id),
        ago(letter.sent_at, now),
        counted(usize::try_from(letter.receives).unwrap_or(usize::MAX), "time")
    )];
    let reason = match (&told.code, &told.reason) {
        (None, None) => format!("{}, after its last receive", told.code_in_words()),
        (code, reason) => format!(
            "{}: {}",
            safe(code.as_deref().unwrap_or("?")),
            safe(reason.as_deref().unwrap_or("?"))
        ),
    };
    lines.push(format!("   reason: {reason}"));
    if let Some(task) = &told.task {
        let stands = judged.record.as_ref().map_or_else(
            || "without a record".to_owned(),
            |record| format!("of shipment {}, {}", record.shipment, place(record)),
        );
        lines.push(format!("   task: {} {stands}", safe(task)));
    }
    for (name, value) in attributes(judged) {
        lines.push(format!("   attribute {}: {}", safe(&name), safe(&value)));
    }
    lines.push(format!("   what to do: {}", judged.standing.advice(stage, judged.record.as_ref())));
    lines.push(format!("   body, {} bytes: {}", told.bytes, safe(&letter.body)));
    lines.join("\n") + "\n"
}

/// Those that came with the message itself, as text.
fn attributes(judged: &Judged) -> BTreeMap<String, String> {
    let others = judged.letter.others.iter().map(|(name, value)| {
        let text = value.string_value().map_or_else(|| "(binary)".to_owned(), str::to_owned);
        (name.clone(), text)
    });
    others.collect()
}

fn document(judged: &Judged, stage: Stage) -> Value {
    let letter = &judged.letter;
    json!({
        "id": letter.id,
        "sent_ms": letter.sent_at.map(Timestamp::as_millis),
        "receives": letter.receives,
        "group": letter.group,
        "reason_code": letter.told.code(),
        "reason": letter.told.reason,
        "task": letter.told.task,
        "task_stage": judged.record.as_ref().map(|record| record.stage),
        "task_status": judged.record.as_ref().map(|record| record.status.kind()),
        "standing": judged.standing,
        "what_to_do": judged.standing.advice(stage, judged.record.as_ref()),
        "attributes": attributes(judged),
        "body": letter.body,
    })
}

#[cfg(test)]
mod tests {
    use super::super::samples::judged;
    use super::super::standing::Standing;
    use super::*;
    use flotilla_task::{Status, TaskRecord};

    #[test]
    fn a_letter_is_shown_with_what_to_do_and_its_body_made_safe() {
        let mut letter = judged("m-1", Some("invalid_field"), Standing::Failed, 1_000);
        letter.letter.body = "{\"a\": \"\u{1b}[2J\n\"}".to_owned() + &"x".repeat(2_000);
        letter.letter.told.task = Some("t".to_owned());
        let failed = TaskRecord { status: Status::Failed, ..crate::steer::samples::pending() };
        letter.record = Some(failed);
        let shown = told(&letter, Stage::Processing, Timestamp::from_millis(8_000));
        let lines: Vec<_> = shown.lines().collect();
        assert_eq!(lines[0], "m-1, sent 7 s ago, received 1 time");
        assert_eq!(lines[1], "   reason: invalid_field: about m-1");
        assert_eq!(lines[2], "   task: t of shipment SHP-1, failed at processing");
        assert!(lines[3].contains("`flotilla retry t`"), "{shown}");
        assert!(lines[4].starts_with("   body, 2 bytes: {\"a\": \"\\u{1b}[2J\\n\"}xxx"), "{shown}");
        assert!(lines.len() == 5 && lines[4].len() < 540, "{shown}");
    }

    #[test]
    fn a_letter_without_a_reason_was_moved_by_sqs() {
        let letter = judged("m-1", None, Standing::NoTask, 1_000);
        let shown = told(&letter, Stage::State, Timestamp::from_millis(8_000));
        assert!(shown.contains("reason: none (moved by SQS)"), "{shown}");
        assert!(shown.contains("`flotilla dlq redrive state`"), "{shown}");
    }
}
