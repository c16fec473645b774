//! The fleet's table: scans for the book, counts for the progress, one shipment.

use super::Cloud;
use crate::books::{TableBook, Task, items};
use crate::error::{Error, causes};
use crate::pace::Pace;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use flotilla_runtime::table::key;
use flotilla_task::{Stage, StatusKind};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// What `BatchGetItem` takes at once. Source: its API reference.
const MOST_KEYS: usize = 100;

/// Tasks by stage and status.
pub type Standing = BTreeMap<(Stage, StatusKind), u64>;

impl Cloud {
    /// Everything of interest in the table, read consistently page by page.
    ///
    /// # Errors
    /// [`Error::Environment`] when DynamoDB does not answer or an item cannot
    /// be read; so for the others here.
    pub async fn table_book(&self) -> Result<TableBook, Error> {
        let table = self.stack.table()?;
        let tried = format!("scanning the table {table}");
        let mut book = TableBook::default();
        let mut items = self
            .dynamo
            .scan()
            .table_name(table)
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| Error::aws(&tried, &error))?;
            items::file(&item, &mut book).map_err(|error| unreadable(&tried, &error))?;
        }
        for stage in Stage::ALL {
            book.dead_letters.extend(self.dead_letters(stage).await?);
        }
        Ok(book)
    }

    /// How many tasks stand at which stage in which status.
    ///
    /// # Errors
    /// See [`Self::table_book`].
    pub async fn standing(&self) -> Result<Standing, Error> {
        let table = self.stack.table()?;
        let tried = format!("counting the tasks of {table}");
        let mut standing = Standing::new();
        let mut items = self
            .dynamo
            .scan()
            .table_name(table)
            .filter_expression("sk = :task")
            .expression_attribute_values(":task", AttributeValue::S("TASK".to_owned()))
            .projection_expression("pk, sk, stage, #status")
            .expression_attribute_names("#status", "status")
            .into_paginator()
            .items()
            .send();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| Error::aws(&tried, &error))?;
            let place = items::standing(&item).map_err(|error| unreadable(&tried, &error))?;
            *standing.entry(place).or_default() += 1;
        }
        Ok(standing)
    }

    /// A shipment's own items: its slots and its decision log.
    ///
    /// # Errors
    /// See [`Self::table_book`].
    pub async fn shipment_book(&self, shipment: &str) -> Result<TableBook, Error> {
        let table = self.stack.table()?;
        let tried = format!("reading shipment {shipment} from {table}");
        let mut book = TableBook::default();
        let mut own = self
            .dynamo
            .query()
            .table_name(table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(format!("SHIPMENT#{shipment}")))
            .into_paginator()
            .items()
            .send();
        while let Some(item) = own.next().await {
            let item = item.map_err(|error| Error::aws(&tried, &error))?;
            items::file(&item, &mut book).map_err(|error| unreadable(&tried, &error))?;
        }
        Ok(book)
    }

    /// The tasks of those ids, as far as they are there, in no order.
    ///
    /// # Errors
    /// See [`Self::table_book`].
    pub async fn tasks_named(&self, ids: &[&str]) -> Result<Vec<Task>, Error> {
        let table = self.stack.table()?;
        let tried = format!("reading {} tasks from {table}", ids.len());
        let failed = |error: &dyn std::error::Error| {
            Error::environment(&tried, causes(error), "May the credentials do BatchGetItem?")
        };
        let mut book = TableBook::default();
        for chunk in ids.chunks(MOST_KEYS) {
            let keys: Vec<_> = chunk.iter().map(|id| key(format!("TASK#{id}"), "TASK")).collect();
            let keys = KeysAndAttributes::builder().set_keys(Some(keys)).build();
            let mut left =
                HashMap::from([(table.to_owned(), keys.map_err(|error| failed(&error))?)]);
            for round in 0.. {
                let call = self.dynamo.batch_get_item().set_request_items(Some(left));
                let answer = call.send().await.map_err(|error| Error::aws(&tried, &error))?;
                for item in answer.responses.unwrap_or_default().into_values().flatten() {
                    items::file(&item, &mut book).map_err(|error| unreadable(&tried, &error))?;
                }
                left = answer.unprocessed_keys.unwrap_or_default();
                if left.is_empty() {
                    break;
                }
                let Some(wait) = backoff(round) else {
                    let problem = "DynamoDB has no room for these reads";
                    return Err(Error::environment(&tried, problem, "Try again when it is quiet."));
                };
                tokio::time::sleep(wait).await;
            }
        }
        Ok(book.tasks)
    }

    /// Every task of a shipment, by a scan: no index serves a question that only people
    /// ask.
    ///
    /// # Errors
    /// See [`Self::table_book`].
    pub async fn tasks_of(&self, shipment: &str, pace: &mut Pace) -> Result<Vec<Task>, Error> {
        let table = self.stack.table()?;
        let tried = format!("looking for the tasks of shipment {shipment} in {table}");
        let mut book = TableBook::default();
        let mut pages = self
            .dynamo
            .scan()
            .table_name(table)
            .limit(Pace::PAGE)
            .filter_expression("sk = :task AND shipment = :shipment")
            .expression_attribute_values(":task", AttributeValue::S("TASK".to_owned()))
            .expression_attribute_values(":shipment", AttributeValue::S(shipment.to_owned()))
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Error::aws(&tried, &error))?;
            for item in page.items() {
                items::file(item, &mut book).map_err(|error| unreadable(&tried, &error))?;
            }
            pace.page(u64::try_from(page.scanned_count()).unwrap_or(0)).await;
        }
        Ok(book.tasks)
    }
}

/// How long to wait before what DynamoDB left out is asked for once more: twice as long
/// each time, six seconds in all, then no more. Source: BatchGetItem API reference, which
/// asks for exponential backoff.
fn backoff(round: u32) -> Option<Duration> {
    (round < 7).then(|| Duration::from_millis(50 << round))
}

fn unreadable(tried: &str, error: &items::Unreadable) -> Error {
    Error::environment(tried, error, "Was it written by a newer release than this command?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_asked_for_with_patience_and_not_for_ever() {
        let waits: Vec<_> = (0..).map_while(backoff).collect();
        assert_eq!(waits.first(), Some(&Duration::from_millis(50)));
        assert!(waits.is_sorted() && waits.iter().sum::<Duration>() < Duration::from_secs(7));
    }
}
