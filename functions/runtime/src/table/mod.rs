//! The one DynamoDB table: conditional writes, reads, and what they cost.

mod error;
pub mod item;
mod surely;

pub use error::unavailable;
pub use surely::surely;

use crate::meter::Meter;
use crate::trace::store;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{
    Get, ReturnConsumedCapacity, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactGetItem,
};
use error::old_item;
use flotilla_task::StoreError;
use item::{Item, text};
use std::collections::HashMap;
use std::sync::Arc;

/// The table's client, name and meter.
#[derive(Debug, Clone)]
pub struct Table {
    /// The client.
    pub client: Client,
    /// The table's name.
    pub name: String,
    /// Counts units.
    pub meter: Arc<Meter>,
}

/// What came of a conditional write.
#[derive(Debug)]
pub enum Written {
    /// The item as it is now.
    Applied(Item),
    /// The condition did not hold; the item as it is, if there is one.
    Refused(Option<Item>),
}

/// One conditional `UpdateItem`. Attribute names are written `#name`.
#[derive(Debug)]
pub struct Change {
    /// The item's key.
    pub key: Item,
    /// The condition.
    pub condition: String,
    /// The update expression.
    pub expression: String,
    /// The values of both.
    pub values: Item,
}

/// The key of an item.
#[must_use]
pub fn key(pk: impl Into<String>, sk: impl Into<String>) -> Item {
    Item::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
}

/// The names behind every `#name` of an expression. Every attribute is written
/// so, because many good names are reserved words.
#[must_use]
pub fn names_in(expressions: &[&str]) -> HashMap<String, String> {
    expressions
        .iter()
        .flat_map(|e| e.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '#')))
        .filter_map(|word| Some((word.to_owned(), word.strip_prefix('#')?.to_owned())))
        .collect()
}

impl Table {
    /// Puts an item under a condition.
    ///
    /// # Errors
    /// [`StoreError`] when the store gave no certain answer, or refused the request itself.
    pub async fn put(
        &self,
        item: Item,
        condition: &str,
        values: Item,
    ) -> Result<Written, StoreError> {
        let names = names_in(&[condition]);
        let call = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item.clone()))
            .condition_expression(condition)
            .set_expression_attribute_names((!names.is_empty()).then_some(names))
            .set_expression_attribute_values((!values.is_empty()).then_some(values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match store("PutItem", &self.name, call.send()).await {
            Ok(output) => {
                self.meter.wrote(output.consumed_capacity());
                Ok(Written::Applied(item))
            }
            Err(error) => self.refused(old_item(error)?),
        }
    }

    /// Updates an item under a condition.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub async fn update(&self, change: Change) -> Result<Written, StoreError> {
        let names = names_in(&[&change.condition, &change.expression]);
        let call = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(change.key))
            .condition_expression(change.condition)
            .update_expression(change.expression)
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(change.values))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match store("UpdateItem", &self.name, call.send()).await {
            Ok(output) => {
                self.meter.wrote(output.consumed_capacity());
                Ok(Written::Applied(output.attributes.unwrap_or_default()))
            }
            Err(error) => self.refused(old_item(error)?),
        }
    }

    fn refused(&self, old: Option<Item>) -> Result<Written, StoreError> {
        self.meter.write_refused();
        Ok(Written::Refused(old))
    }

    /// Reads one item, up to date.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub async fn get(&self, key: Item) -> Result<Option<Item>, StoreError> {
        let call = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let output = store("GetItem", &self.name, call.send()).await.map_err(unavailable)?;
        self.meter.read(output.consumed_capacity());
        Ok(output.item)
    }

    /// Reads the items of one partition whose sort keys lie between two, up to date.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub async fn between(&self, pk: String, from: &str, to: &str) -> Result<Vec<Item>, StoreError> {
        self.pages(self.range(pk, from, to).consistent_read(true)).await
    }

    /// The same for half the price: writes of the last second may be missing.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub async fn lately(&self, pk: String, from: &str, to: &str) -> Result<Vec<Item>, StoreError> {
        self.pages(self.range(pk, from, to)).await
    }

    async fn pages(&self, range: QueryFluentBuilder) -> Result<Vec<Item>, StoreError> {
        let (mut items, mut start) = (Vec::new(), None);
        loop {
            let page = range.clone().set_exclusive_start_key(start);
            let output = store("Query", &self.name, page.send()).await.map_err(unavailable)?;
            self.meter.read(output.consumed_capacity());
            items.extend(output.items.unwrap_or_default());
            start = output.last_evaluated_key;
            if start.is_none() {
                return Ok(items);
            }
        }
    }

    /// Reads items as they stood together at one moment.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub async fn together(&self, keys: Vec<Item>) -> Result<Vec<Option<Item>>, StoreError> {
        let get = |key| {
            let get = Get::builder().table_name(&self.name).set_key(Some(key)).build();
            get.map(|get| TransactGetItem::builder().get(get).build())
        };
        let gets: Vec<_> = keys
            .into_iter()
            .map(get)
            .collect::<Result<_, _>>()
            .map_err(|error| StoreError::Rejected(error.to_string()))?;
        let call = self
            .client
            .transact_get_items()
            .set_transact_items(Some(gets))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let output =
            store("TransactGetItems", &self.name, call.send()).await.map_err(unavailable)?;
        for consumed in output.consumed_capacity() {
            self.meter.read(Some(consumed));
        }
        Ok(output.responses.unwrap_or_default().into_iter().map(|answer| answer.item).collect())
    }

    /// Reads the last items of one partition whose sort keys lie between two, the
    /// last first, up to date; at most so many.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub async fn last(
        &self,
        pk: String,
        (from, to): (&str, &str),
        limit: i32,
    ) -> Result<Vec<Item>, StoreError> {
        let call =
            self.range(pk, from, to).consistent_read(true).scan_index_forward(false).limit(limit);
        let output = store("Query", &self.name, call.send()).await.map_err(unavailable)?;
        self.meter.read(output.consumed_capacity());
        Ok(output.items.unwrap_or_default())
    }

    fn range(&self, pk: String, from: &str, to: &str) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", text(pk))
            .expression_attribute_values(":from", text(from))
            .expression_attribute_values(":to", text(to))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    /// Deletes an item; one that is not there is fine.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub async fn delete(&self, key: Item) -> Result<(), StoreError> {
        let call = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(key))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let output = store("DeleteItem", &self.name, call.send()).await.map_err(unavailable)?;
        self.meter.wrote(output.consumed_capacity());
        Ok(())
    }
}
