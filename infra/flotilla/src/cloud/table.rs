//! The fleet's table: scans for the book, counts for the progress, one shipment.

use super::Cloud;
use crate::books::{TableBook, items};
use crate::error::Error;
use aws_sdk_dynamodb::types::AttributeValue;
use flotilla_task::{Stage, StatusKind};
use std::collections::BTreeMap;

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

    /// What the table holds about one shipment: its own items by key, its tasks
    /// by a scan, for no index serves a question that only people ask.
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
        let mut tasks = self
            .dynamo
            .scan()
            .table_name(table)
            .consistent_read(true)
            .filter_expression("sk = :task AND shipment = :shipment")
            .expression_attribute_values(":task", AttributeValue::S("TASK".to_owned()))
            .expression_attribute_values(":shipment", AttributeValue::S(shipment.to_owned()))
            .into_paginator()
            .items()
            .send();
        while let Some(item) = tasks.next().await {
            let item = item.map_err(|error| Error::aws(&tried, &error))?;
            items::file(&item, &mut book).map_err(|error| unreadable(&tried, &error))?;
        }
        Ok(book)
    }
}

fn unreadable(tried: &str, error: &items::Unreadable) -> Error {
    Error::environment(tried, error, "Was it written by a newer release than this command?")
}
