//! Events that wait until somebody says which shipment they belong to.

use super::Cloud;
use crate::error::Error;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

/// One event that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The load it waits for, `sscc:003456789012345670`.
    pub load: String,
    /// Since when.
    pub since: Timestamp,
}

impl Cloud {
    /// Every event that waits, the longest first. Asks the index of what needs
    /// attention, so it costs no scan, and lags behind the table by moments.
    ///
    /// # Errors
    /// [`Error::Environment`] when DynamoDB does not answer.
    pub async fn waiting(&self) -> Result<Vec<Waiting>, Error> {
        let table = self.stack.table()?;
        let tried = format!("listing what waits in {table}");
        let mut items = self
            .dynamo
            .query()
            .table_name(table)
            .index_name("attention")
            .key_condition_expression("attention = :waiting")
            .expression_attribute_values(":waiting", AttributeValue::S("parked".to_owned()))
            .into_paginator()
            .items()
            .send();
        let mut waiting = Vec::new();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| Error::aws(&tried, &error))?;
            let load = item.get("pk").and_then(|pk| pk.as_s().ok()?.strip_prefix("ID#"));
            let since = item.get("attention_at").and_then(|at| at.as_n().ok()?.parse().ok());
            let since = since.and_then(|ms| Timestamp::from_millisecond(ms).ok());
            if let Some((load, since)) = load.zip(since) {
                waiting.push(Waiting { load: load.to_owned(), since });
            }
        }
        Ok(waiting)
    }
}
