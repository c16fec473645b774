//! The sparse index of what needs somebody: failed and held tasks, parked events.

use super::Cloud;
use crate::error::Error;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;

/// What is asked for, and in which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Tasks that failed, the newest first: the old ones are known.
    Failed,
    /// Tasks that wait for a person, the one that has waited longest first.
    Held,
    /// Events that wait until somebody says whose they are, the longest first.
    Parked,
}

impl Wanted {
    /// The value of the attribute `attention`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Held => "held",
            Self::Parked => "parked",
        }
    }
}

/// An entry of the index: the key of an item and since when it stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The item's partition.
    pub pk: String,
    /// Since when, in milliseconds since 1970.
    pub since_ms: u64,
}

impl Entry {
    /// The id of the task, where it is one.
    #[must_use]
    pub fn task(&self) -> Option<&str> {
        self.pk.strip_prefix("TASK#")
    }
}

/// The newest entries, counted up to a limit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Newest {
    /// The newest first.
    pub entries: Vec<Entry>,
    /// Whether there are more.
    pub more: bool,
}

impl Cloud {
    /// Every such entry. Costs no scan: about one read unit for a hundred of them. The
    /// index follows the table by moments, so an item may have moved on.
    ///
    /// # Errors
    /// [`Error::Environment`] when DynamoDB does not answer.
    pub async fn attention(&self, wanted: Wanted) -> Result<Vec<Entry>, Error> {
        let (query, tried) = self.wanted(wanted)?;
        let query = query.scan_index_forward(wanted != Wanted::Failed);
        let mut items = query.into_paginator().items().send();
        let mut entries = Vec::new();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| Error::aws(&tried, &error))?;
            entries.extend(entry(&item));
        }
        Ok(entries)
    }

    /// The newest of them, at most so many, in one request: for a look that is taken
    /// again and again.
    ///
    /// # Errors
    /// See [`Self::attention`].
    pub async fn newest(&self, wanted: Wanted, most: i32) -> Result<Newest, Error> {
        let (query, tried) = self.wanted(wanted)?;
        let answer = query.scan_index_forward(false).limit(most).send().await;
        let answer = answer.map_err(|error| Error::aws(&tried, &error))?;
        let more = answer.last_evaluated_key().is_some_and(|key| !key.is_empty());
        Ok(Newest { entries: answer.items().iter().filter_map(entry).collect(), more })
    }

    fn wanted(&self, wanted: Wanted) -> Result<(QueryFluentBuilder, String), Error> {
        let table = self.stack.table()?;
        let query = self
            .dynamo
            .query()
            .table_name(table)
            .index_name("attention")
            .key_condition_expression("attention = :wanted")
            .expression_attribute_values(":wanted", AttributeValue::S(wanted.as_str().to_owned()));
        Ok((query, format!("listing what is {} in {table}", wanted.as_str())))
    }
}

fn entry(item: &HashMap<String, AttributeValue>) -> Option<Entry> {
    let pk = item.get("pk")?.as_s().ok()?.clone();
    let since_ms = item.get("attention_at")?.as_n().ok()?.parse().ok()?;
    Some(Entry { pk, since_ms })
}
