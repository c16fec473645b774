//! One wish over several tasks: looked at, asked about once, granted one by one.

use super::author::Author;
use super::change::Change;
use super::grant::{Came, Grants, Told, told};
use super::progress::Progress;
use super::rate::Rate;
use super::recovery::Recovery;
use super::wish::{Plan, Wish};
use super::word::Word;
use super::words::{counted, place};
use crate::error::Error;
use crate::operator::{Operator, Wishes};
use flotilla_runtime::queue::{Router, SqsQueues};
use flotilla_runtime::settings::NextQueues;
use flotilla_runtime::store::DynamoTasks;
use flotilla_task::{Clock, Stage, SystemClock, TaskRecord};
use serde::Serialize;
use std::io::Write;

/// How it is to be done.
#[derive(Debug)]
pub struct How<'a> {
    /// Who wishes it.
    pub author: &'a Author,
    /// Whether it is tried, or asked about.
    pub change: Change,
    /// Whether to wait until a person's answer counts.
    pub waits: bool,
    /// How many a second; as fast as it goes unless given.
    pub rate: Option<Rate>,
}

/// The answer for a program.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    wish: &'static str,
    dry_run: bool,
    done: usize,
    refused: usize,
    tasks: &'a [Told],
}

impl Operator {
    /// What grants wishes to the fleet's tasks.
    ///
    /// # Errors
    /// [`Error::Environment`] when the stack lacks an output or a parameter.
    pub fn grants(&self) -> Result<Grants<DynamoTasks, SqsQueues, SystemClock>, Error> {
        let stack = &self.cloud.stack;
        let url = |stage| stack.queue(stage).map(str::to_owned);
        let next = NextQueues {
            processing: Some(url(Stage::Processing)?),
            decision: Some(url(Stage::Decision)?),
            communication: Some(url(Stage::Communication)?),
            state: Some(url(Stage::State)?),
        };
        Ok(Grants {
            tasks: self.tasks.clone(),
            queues: SqsQueues::new(self.cloud.sqs.clone()),
            router: Router::new(Stage::Ingestion, url(Stage::Ingestion)?, next),
            clock: SystemClock,
            recovery: Recovery::of(stack)?,
        })
    }

    /// The tasks of those ids, read before anything is done to one of them.
    ///
    /// # Errors
    /// As [`Operator::task`], for the first that is not there.
    pub async fn named(&self, ids: &[String]) -> Result<Vec<TaskRecord>, Error> {
        let mut records: Vec<TaskRecord> = Vec::with_capacity(ids.len());
        for id in ids {
            let record = self.task(id).await?;
            if records.iter().all(|other| other.id != record.id) {
                records.push(record);
            }
        }
        Ok(records)
    }

    /// Grants a wish over these tasks, and tells what came of each.
    ///
    /// # Errors
    /// [`Error`] when it could not be done; what had been done by then is told.
    pub async fn over(
        &self,
        wish: &Wish,
        records: Vec<TaskRecord>,
        how: &How<'_>,
        wishes: &Wishes,
        out: &mut dyn Write,
    ) -> Result<bool, Error> {
        let grants = self.grants()?;
        let now = SystemClock.now();
        let plans: Vec<_> =
            records.iter().map(|record| wish.plan(record, how.author, now)).collect();
        let grantable: Vec<_> = records
            .iter()
            .zip(&plans)
            .filter(|(_, plan)| is_grantable(plan, how))
            .map(|(record, _)| record)
            .collect();
        let wanted = !grantable.is_empty() && how.change.wanted(&sentence(wish, &grantable))?;
        let mut tells = Tells::new(wish, wishes.json, records.len());
        let mut turns = how.rate.map(Rate::turns);
        let doing = format!("{}, {}", wish.done(), counted(grantable.len(), "task"));
        let (mut progress, mut stopped) = (Progress::of(doing), None);
        for (at, (record, plan)) in records.into_iter().zip(&plans).enumerate() {
            let said = if wanted && is_grantable(plan, how) {
                if let Some(turns) = &mut turns {
                    turns.next().await;
                }
                grants.grant(wish, record, how.author, how.waits).await
            } else {
                let mut said = told(plan, wish, &record, now);
                if said.came == Came::Planned && !how.change.dry_run {
                    said.came = Came::Declined;
                }
                Ok(said)
            };
            match said {
                Ok(said) => tells.tell(said, out)?,
                Err(error) => {
                    stopped = Some(error);
                    break;
                }
            }
            progress.at(at + 1, Some(plans.len()));
        }
        tells.end(how.change.dry_run, out)?;
        stopped.map_or_else(|| Ok(tells.is_well()), Err)
    }
}

fn is_grantable(plan: &Plan, how: &How<'_>) -> bool {
    match plan {
        Plan::Write { .. } | Plan::Send => true,
        Plan::Later(_) => how.waits,
        Plan::Already | Plan::Never(_) => false,
    }
}

/// What is asked, without its full stop.
fn sentence(wish: &Wish, records: &[&TaskRecord]) -> String {
    let mut text = match records {
        [one] => format!(
            "{} the task {} of shipment {}, {}",
            wish.verb(),
            one.id,
            one.shipment,
            place(one)
        ),
        several => format!("{} {}", wish.verb(), counted(several.len(), "task")),
    };
    if let Wish::Release(word) = wish {
        let calls = records.iter().filter(|record| record.intent.is_some()).count();
        text.push_str(&meaning(word, calls, records.len()));
    }
    text
}

/// What a release says of so many calls that are unexplained or wait for consent.
fn meaning(word: &Word, calls: usize, tasks: usize) -> String {
    match (&word.done, word.cost, word.not_done) {
        _ if calls == 0 => String::new(),
        (Some(reference), Some(cents), _) => {
            let (whole, rest) = (cents / 100, cents % 100);
            format!(", noting that the call was made as {reference} for {whole}.{rest:02}")
        }
        (_, _, true) if tasks == 1 => ", making its call again".to_owned(),
        (_, _, true) => format!(", making {} again", counted(calls, "call")),
        _ if tasks == 1 => ", consenting to what the policy held".to_owned(),
        _ => format!(", consenting to what the policy held for {calls} of them"),
    }
}

/// Tells what came of each, at once to people and in the end to a program.
struct Tells<'a> {
    wish: &'a Wish,
    json: bool,
    several: bool,
    told: Vec<Told>,
}

impl<'a> Tells<'a> {
    fn new(wish: &'a Wish, json: bool, tasks: usize) -> Self {
        Self { wish, json, several: tasks > 1, told: Vec::with_capacity(tasks) }
    }

    fn tell(&mut self, told: Told, out: &mut dyn Write) -> Result<(), Error> {
        if !self.json {
            let verb = match told.came {
                Came::Done | Came::Unsent => self.wish.done(),
                Came::Already => "unchanged",
                Came::Refused => "refused",
                Came::Planned | Came::Declined => "not changed",
            };
            writeln!(out, "{}: {verb}: {}", told.task, told.text)?;
        }
        self.told.push(told);
        Ok(())
    }

    fn count(&self, is_meant: impl Fn(Came) -> bool) -> usize {
        self.told.iter().filter(|told| is_meant(told.came)).count()
    }

    fn end(&self, dry_run: bool, out: &mut dyn Write) -> Result<(), Error> {
        let done = self.count(|came| came == Came::Done || came == Came::Unsent);
        let refused = self.count(|came| came == Came::Refused);
        if self.json {
            let answer =
                Answer { wish: self.wish.verb(), dry_run, done, refused, tasks: &self.told };
            return super::json(&answer, out);
        }
        if self.several {
            writeln!(out, "{done} {}, {refused} refused", self.wish.done())?;
        }
        Ok(())
    }

    fn is_well(&self) -> bool {
        self.told.iter().all(|told| told.came.is_well())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steer::samples;
    use flotilla_task::{Intent, Timestamp};
    use serde_json::json;

    #[test]
    fn the_question_says_what_will_be_on_record() {
        let cancel = Wish::Cancel(Author::default().reason(None));
        let pending = samples::pending();
        assert_eq!(
            sentence(&cancel, &[&pending]),
            "cancel the task t of shipment SHP-1, pending at processing"
        );
        assert_eq!(sentence(&cancel, &[&pending, &pending]), "cancel 2 tasks");
        let mut held = samples::held(&json!("notify"));
        let intent = Intent { effect: "book".into(), until: Timestamp::from_millis(1) };
        held.intent = Some(intent);
        let said = |word: Word| sentence(&Wish::Release(word), &[&held]);
        let done = Word { done: Some("TT-1".into()), cost: Some(905), not_done: false };
        assert!(said(done).ends_with("noting that the call was made as TT-1 for 9.05"));
        let again = || Word { not_done: true, ..Word::default() };
        assert!(said(again()).ends_with("its call again"));
        let several = |word: Word| sentence(&Wish::Release(word), &[&held, &held, &held]);
        assert_eq!(several(again()), "release 3 tasks, making 3 calls again");
        let consents = sentence(&Wish::Release(Word::default()), &[&held, &pending]);
        assert_eq!(consents, "release 2 tasks, consenting to what the policy held for 1 of them");
    }

    #[test]
    fn each_is_told_on_a_line_and_all_in_one_document() {
        let cancel = Wish::Cancel(Author::default().reason(None));
        let record = samples::pending();
        let all = |json: bool| {
            let (mut tells, mut out) = (Tells::new(&cancel, json, 2), Vec::new());
            let told = |came, text: &str| Told::of(&record, came, text.to_owned());
            tells.tell(told(Came::Done, "it was held at state"), &mut out).unwrap();
            tells.tell(told(Came::Refused, "it is completed"), &mut out).unwrap();
            tells.end(false, &mut out).unwrap();
            assert!(!tells.is_well());
            String::from_utf8(out).unwrap()
        };
        assert_eq!(
            all(false),
            "t: cancelled: it was held at state\nt: refused: it is completed\n\
             1 cancelled, 1 refused\n"
        );
        let document: serde_json::Value = serde_json::from_str(&all(true)).unwrap();
        assert_eq!((&document["done"], &document["refused"]), (&json!(1), &json!(1)));
        assert_eq!(document["tasks"][1]["came"], "refused");
    }
}
