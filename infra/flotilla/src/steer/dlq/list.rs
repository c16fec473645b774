//! Groups of dead letters, by agent and reason.

use super::agents;
use super::read::{Judged, Shown, read};
use super::standing::{Standing, ago};
use crate::error::Error;
use crate::operator::{Operator, Wishes};
use crate::steer::words::counted;
use clap::Args;
use flotilla_task::{Clock, Stage, SystemClock, Timestamp, safe};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::Write;

/// So much of a reason is shown on a line, in characters.
const ON_A_LINE: usize = 90;

/// What can be asked for.
#[derive(Debug, Args)]
#[command(after_help = "Exit code 1 says that there are dead letters.\n\n\
    Example:\n  flotilla dlq list\n  flotilla dlq list processing --json")]
pub(super) struct Arguments {
    /// Only this agent's.
    #[arg(value_name = "AGENT", value_parser = super::agent)]
    agent: Option<Stage>,
}

/// Letters of one agent with one reason.
#[derive(Debug, Default, Serialize)]
struct Group {
    agent: String,
    reason_code: String,
    /// The same for people.
    #[serde(skip)]
    reason: String,
    count: usize,
    /// How many stand how, by [`Standing`].
    standing: BTreeMap<Standing, usize>,
    /// When the oldest was sent, in milliseconds since 1970.
    oldest_ms: Option<u64>,
    /// The oldest one's reason.
    example: Option<String>,
    /// The oldest one's task.
    task: Option<String>,
}

#[derive(Debug, Serialize)]
struct Answer {
    count: usize,
    unseen: u64,
    groups: Vec<Group>,
}

impl Arguments {
    /// Does it and says whether all is well.
    ///
    /// # Errors
    /// [`Error`] when it could not be done.
    pub(super) async fn run(self, wishes: &Wishes, out: &mut dyn Write) -> Result<bool, Error> {
        let operator = Operator::connect(&wishes.stack).await?;
        let mut shown = Vec::new();
        for stage in agents(self.agent) {
            shown.push(read(&operator, stage).await?);
        }
        let answer = answer(&shown);
        let is_empty = answer.count == 0 && answer.unseen == 0;
        if wishes.json {
            crate::steer::json(&answer, out)?;
        } else {
            tell(&answer, &shown, SystemClock.now(), out)?;
        }
        Ok(is_empty)
    }
}

fn answer(shown: &[Shown]) -> Answer {
    let mut groups: BTreeMap<(Stage, &str), Group> = BTreeMap::new();
    for (stage, judged) in shown.iter().flat_map(|s| s.letters.iter().map(move |l| (s.stage, l))) {
        let group = groups.entry((stage, judged.letter.told.code())).or_default();
        group.count += 1;
        *group.standing.entry(judged.standing).or_default() += 1;
        let sent = judged.letter.sent_at.map(Timestamp::as_millis);
        if group.count == 1 || sent < group.oldest_ms {
            group.oldest_ms = sent;
            describe(group, stage, judged);
        }
    }
    Answer {
        count: groups.values().map(|group| group.count).sum(),
        unseen: shown.iter().map(|shown| shown.unseen.count).sum(),
        groups: groups.into_values().collect(),
    }
}

/// The oldest letter stands for its group.
fn describe(group: &mut Group, stage: Stage, judged: &Judged) {
    let told = &judged.letter.told;
    group.agent = stage.to_string();
    group.reason_code = safe(told.code());
    group.reason = told.code_in_words();
    group.example = told.reason.as_deref().map(safe);
    group.task = told.task.as_deref().map(safe);
}

fn tell(
    answer: &Answer,
    shown: &[Shown],
    now: Timestamp,
    out: &mut dyn Write,
) -> Result<(), Error> {
    for group in &answer.groups {
        let oldest = ago(group.oldest_ms.map(Timestamp::from_millis), now);
        let stand = standings(&group.standing);
        writeln!(
            out,
            "{:<14}{:<20}{:>6}  oldest {oldest}; {stand}",
            group.agent, group.reason, group.count
        )?;
        if let Some(example) = &group.example {
            let short: String = example.chars().take(ON_A_LINE).collect();
            let more = if short.len() < example.len() { "..." } else { "" };
            writeln!(out, "{:<14}e.g. {short}{more}", "")?;
        }
    }
    for line in shown.iter().filter_map(|shown| shown.unseen.words(shown.stage)) {
        writeln!(out, "{line}.")?;
    }
    if answer.count == 0 {
        return Ok(writeln!(out, "No dead letters.")?);
    }
    writeln!(
        out,
        "{}. `flotilla dlq show AGENT` tells more.",
        counted(answer.count, "dead letter")
    )?;
    Ok(())
}

/// `3 of failed tasks (retry), 2 already done (drop --done)`.
fn standings(of: &BTreeMap<Standing, usize>) -> String {
    let words = of.iter().map(|(standing, count)| match standing {
        Standing::NoTask => format!("{count} of no task"),
        Standing::Open => format!("{count} of open tasks (redrive)"),
        Standing::Failed => format!("{count} of failed tasks (retry)"),
        Standing::Done => format!("{count} already done (drop --done)"),
        Standing::Gone => format!("{count} of tasks without a record"),
    });
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::samples::judged;
    use super::*;
    use crate::cloud::reading::{Because, Unseen};

    fn shown() -> Vec<Shown> {
        let ingestion = vec![
            judged("m-1", Some("not_json"), Standing::NoTask, 7_000),
            judged("m-2", Some("not_json"), Standing::NoTask, 5_000),
        ];
        let processing = vec![
            judged("m-3", None, Standing::Open, 6_000),
            judged("m-4", Some("invalid_field"), Standing::Failed, 1_000),
            judged("m-5", Some("invalid_field"), Standing::Done, 9_000),
        ];
        let unseen = Unseen { count: 2, because: Some(Because::Hidden) };
        vec![
            Shown { stage: Stage::Ingestion, letters: ingestion, unseen: Unseen::default() },
            Shown { stage: Stage::Processing, letters: processing, unseen },
        ]
    }

    #[test]
    fn letters_are_grouped_with_their_oldest_as_example() {
        let mut out = Vec::new();
        tell(&answer(&shown()), &shown(), Timestamp::from_millis(66_000), &mut out).unwrap();
        let told = String::from_utf8(out).unwrap();
        let wanted = "\
ingestion     not_json                 2  oldest 61 s ago; 2 of no task
              e.g. about m-2
processing    invalid_field            2  oldest 65 s ago; 1 of failed tasks (retry), 1 already done (drop --done)
              e.g. about m-4
processing    none (moved by SQS)      1  oldest 60 s ago; 1 of open tasks (redrive)
processing: SQS counts about 2 more, which are hidden just now. Another command may be reading them: they show again within minutes.
5 dead letters. `flotilla dlq show AGENT` tells more.
";
        assert_eq!(told, wanted);
    }

    #[test]
    fn a_program_gets_the_same_in_one_document() {
        let document = serde_json::to_value(answer(&shown())).unwrap();
        assert_eq!((&document["count"], &document["unseen"]), (&5.into(), &2.into()));
        let group = &document["groups"][1];
        assert_eq!(group["standing"], serde_json::json!({"failed": 1, "done": 1}));
        assert_eq!((&group["agent"], &group["oldest_ms"]), (&"processing".into(), &1_000.into()));
        assert_eq!(document["groups"][2]["reason_code"], "none", "as --reason takes it");
    }

    #[test]
    fn what_comes_from_outside_stays_on_its_line() {
        let mut hostile = shown();
        hostile[0].letters[1].letter.told.reason = Some("a\n\u{1b}[2Jprocessing  fine".into());
        let mut out = Vec::new();
        tell(&answer(&hostile), &hostile, Timestamp::from_millis(0), &mut out).unwrap();
        let told = String::from_utf8(out).unwrap();
        assert!(told.contains("a\\n\\u{1b}[2Jprocessing"), "{told}");
    }
}
