//! Finds a task by its whole id, or by how the id begins.
//!
//! Ids are hashes and the table's partition keys, so no index knows how one begins.
//! The tasks that need a person are looked at first, which costs next to nothing and
//! is what is mostly asked for; only then the table is scanned, up to a limit.

use super::Operator;
use crate::cloud::attention::Wanted;
use crate::counts::count;
use crate::error::Error;
use crate::pace::Pace;
use crate::steer::progress::Progress;
use aws_sdk_dynamodb::types::AttributeValue;
use flotilla_runtime::store::item::{TASK_PREFIX, TASK_SORT};
use flotilla_task::{TaskId, TaskRecord, TaskStore};
use futures_util::{StreamExt, stream};
use std::collections::BTreeSet;

/// Fewer digits name too many tasks.
const LEAST: usize = 4;
/// An id is 128 bits in hex.
const WHOLE: usize = 32;
/// Records that are read side by side.
const READS: usize = 16;
/// So many of those that begin alike are listed.
const SHOWN: usize = 10;
/// Items that are looked at for a beginning, unless asked for others: at 1 KiB each
/// 12,500 read units, or a sixth of a cent ([infra/prices]).
pub const USUAL_LIMIT: u64 = 100_000;

/// What was looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Looked {
    /// The failed and held tasks.
    Attention,
    /// The table.
    Whole,
    /// So many of its items; there are more.
    Part(u64),
}

impl Operator {
    /// The task of that id, to change it. How an id begins is not enough: a failed or
    /// held task is found by it without a look at the others that begin so too.
    ///
    /// # Errors
    /// [`Error::Usage`] when there is none; [`Error::Environment`] when the table does
    /// not answer.
    pub async fn task(&self, id: &str) -> Result<TaskRecord, Error> {
        self.get(id).await?.ok_or_else(|| Error::usage(not_whole(id)))
    }

    /// The task of that id, or the only one whose id begins so, to look at it: with at
    /// least four hex digits. A failed or held task is preferred to the others. No more
    /// than about so many items of the table are looked at.
    ///
    /// # Errors
    /// [`Error::Usage`] when there is none, or more than one; [`Error::Environment`]
    /// when the table does not answer.
    pub async fn task_within(&self, id: &str, limit: u64) -> Result<TaskRecord, Error> {
        if let Some(record) = self.get(id).await? {
            return Ok(record);
        }
        if !is_beginning(id) {
            return Err(Error::usage(unknown(id)));
        }
        let mut found = BTreeSet::new();
        for wanted in [Wanted::Failed, Wanted::Held] {
            let entries = self.cloud.attention(wanted).await?;
            let tasks = entries.iter().filter_map(|entry| entry.task());
            found.extend(tasks.filter(|task| task.starts_with(id)).map(str::to_owned));
        }
        let looked = if found.is_empty() {
            self.scan(id, limit, &mut found).await?
        } else {
            Looked::Attention
        };
        let chosen = choose(id, &found, looked).map_err(Error::usage)?;
        // It may have expired between the two looks.
        self.get(chosen).await?.ok_or_else(|| Error::usage(unknown(chosen)))
    }

    /// The records of those ids, as far as they are there, in that order. `what` is told
    /// on standard error when it lasts: `failed tasks`.
    ///
    /// # Errors
    /// [`Error::Environment`] when the table does not answer.
    pub async fn records_of(&self, ids: &[TaskId], what: &str) -> Result<Vec<TaskRecord>, Error> {
        let tried = format!("reading {what}");
        let (mut records, mut progress) = (Vec::new(), Progress::of(tried.as_str()));
        let mut reads = stream::iter(ids).map(|id| self.tasks.get(id)).buffered(READS).enumerate();
        while let Some((at, record)) = reads.next().await {
            records.extend(record.map_err(|error| Error::store(&tried, &error))?);
            progress.at(at + 1, Some(ids.len()));
        }
        Ok(records)
    }

    async fn get(&self, id: &str) -> Result<Option<TaskRecord>, Error> {
        let whole = TaskId::new(id).map_err(|error| Error::usage(error.to_string()))?;
        self.tasks.get(&whole).await.map_err(|error| {
            let advice = "Check the stack (--stack), and that the credentials may read the table.";
            Error::environment(&format!("reading the task {id}"), error, advice)
        })
    }

    async fn scan(
        &self,
        beginning: &str,
        limit: u64,
        found: &mut BTreeSet<String>,
    ) -> Result<Looked, Error> {
        let table = self.cloud.stack.table()?;
        let tried = format!("looking for a task {beginning}... in {table}");
        let mut pace = Pace::new(format!("a task whose id begins with {beginning}"));
        let mut pages = self
            .cloud
            .dynamo
            .scan()
            .table_name(table)
            .limit(Pace::PAGE)
            .filter_expression("begins_with(pk, :pk) AND sk = :task")
            .projection_expression("pk")
            .expression_attribute_values(":pk", text(&format!("{TASK_PREFIX}{beginning}")))
            .expression_attribute_values(":task", text(TASK_SORT))
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Error::aws(&tried, &error))?;
            let keys = page.items().iter().filter_map(|item| item.get("pk")?.as_s().ok());
            found.extend(keys.filter_map(|pk| pk.strip_prefix(TASK_PREFIX)).map(str::to_owned));
            pace.page(u64::try_from(page.scanned_count()).unwrap_or(0)).await;
            let is_last = page.last_evaluated_key().is_none_or(|key| key.is_empty());
            if !is_last && pace.looked_at() >= limit {
                return Ok(Looked::Part(pace.looked_at()));
            }
        }
        Ok(Looked::Whole)
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn is_beginning(id: &str) -> bool {
    let is_hex = id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_hex && (LEAST..WHOLE).contains(&id.len())
}

fn not_whole(id: &str) -> String {
    if is_beginning(id) {
        return format!(
            "{id} is not a whole id, which a change needs: `flotilla task {id}` tells which task it is"
        );
    }
    unknown(id)
}

fn unknown(id: &str) -> String {
    if id.len() >= WHOLE {
        return format!(
            "there is no task {id}: it never was, or it ended and has expired; is it another stack's \
             (--stack)?"
        );
    }
    format!(
        "there is no task {id}: it is no whole id of {WHOLE} characters, and no beginning of one, \
         which has at least {LEAST} of the digits 0-9 and a-f"
    )
}

/// The only one that begins so.
fn choose<'a>(
    beginning: &str,
    found: &'a BTreeSet<String>,
    looked: Looked,
) -> Result<&'a str, String> {
    let more = |items: u64| {
        let items = count(items);
        format!(
            "only {items} items of the table were looked at; give the whole id, or look further with \
             `flotilla task {beginning} --limit N`"
        )
    };
    let mut all = found.iter().map(String::as_str);
    match (all.next(), all.next(), looked) {
        (Some(only), None, Looked::Attention | Looked::Whole) => Ok(only),
        (Some(one), None, Looked::Part(items)) => {
            Err(format!("{beginning} is {one}, or one of others: {}", more(items)))
        }
        (None, _, Looked::Part(items)) => {
            Err(format!("no task {beginning}... was found: {}", more(items)))
        }
        (None, _, Looked::Attention | Looked::Whole) => Err(format!(
            "there is no task {beginning}...: neither among those that failed or are held nor \
             anywhere else in the table"
        )),
        (Some(_), Some(_), _) => {
            let listed: Vec<_> = found.iter().take(SHOWN).map(|id| format!("  {id}")).collect();
            let rest = match found.len().saturating_sub(SHOWN) {
                0 => String::new(),
                rest => format!("\n  ... and {rest} more"),
            };
            let listed = listed.join("\n");
            let count = found.len();
            Err(format!("{beginning} begins {count} tasks' ids; give more of it:\n{listed}{rest}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(ids: &[&str]) -> BTreeSet<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn a_beginning_has_at_least_four_hex_digits() {
        assert!(is_beginning("0a1f") && is_beginning(&"f".repeat(31)));
        for other in ["0a1", "0A1F", "SHP-1", "", &"f".repeat(32)] {
            assert!(!is_beginning(other), "{other}");
        }
        assert!(unknown("0a1").contains("at least 4 of the digits"));
        assert!(not_whole("0a1f").contains("`flotilla task 0a1f` tells which"));
        assert_eq!(not_whole("0a1"), unknown("0a1"));
        assert!(unknown(&"f".repeat(32)).contains("it ended and has expired"));
    }

    #[test]
    fn the_only_one_is_chosen_and_others_are_listed() {
        let one = found(&["0a1f22"]);
        assert_eq!(choose("0a1f", &one, Looked::Whole), Ok("0a1f22"));
        assert_eq!(choose("0a1f", &one, Looked::Attention), Ok("0a1f22"));
        let part = choose("0a1f", &one, Looked::Part(100_000)).unwrap_err();
        assert!(part.contains("0a1f22") && part.contains("only 100,000 items"), "{part}");
        let two = choose("0a1f", &found(&["0a1f22", "0a1f11"]), Looked::Whole).unwrap_err();
        assert_eq!(two, "0a1f begins 2 tasks' ids; give more of it:\n  0a1f11\n  0a1f22");
        let many: BTreeSet<_> = (10..25).map(|n| format!("0a1f{n}")).collect();
        let many = choose("0a1f", &many, Looked::Attention).unwrap_err();
        assert!(many.ends_with("\n  0a1f19\n  ... and 5 more"), "{many}");
    }

    #[test]
    fn one_that_is_not_found_says_where_was_looked() {
        let nowhere = choose("0a1f", &found(&[]), Looked::Whole).unwrap_err();
        assert!(nowhere.contains("nor anywhere else in the table"), "{nowhere}");
        let part = choose("0a1f", &found(&[]), Looked::Part(1_000)).unwrap_err();
        assert!(part.contains("only 1,000 items") && part.contains("--limit N"), "{part}");
    }
}
