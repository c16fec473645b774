//! Park: an event waits until somebody says whose its load is. Keep: an event of
//! a load that holds others stays at hand for what is learned of its contents.
//!
//! Condition: not there yet. Losing means that the same event came twice, which
//! is fine: the first copy waits.
//!
//! Parked events stand in the sparse index of what needs attention, so that they
//! are listed and expired without a scan.

use super::{Records, keys};
use crate::table::item::{Fields, Item, expiry, number, text};
use crate::table::{key, unavailable};
use crate::trace::store;
use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use flotilla_shipment::identifier::Identifier;
use flotilla_shipment::ports::{Parked, Parking};
use flotilla_task::{EventId, Source, StoreError, Timestamp};

/// The value of `attention` by which parked events are found.
const WAITING: &str = "parked";
/// The index of what needs attention.
const ATTENTION: &str = "attention";
/// So many overdue events are told at once.
const PAGE: i32 = 50;

impl Parking for Records {
    async fn park(&self, load: &Identifier, parked: &Parked) -> Result<(), StoreError> {
        let since = number(parked.parked_at.as_millis());
        let mut item = to_item(load, keys::parked(&parked.source, &parked.event), parked);
        item.extend([("attention".to_owned(), text(WAITING)), ("attention_at".to_owned(), since)]);
        self.table.put(item, "attribute_not_exists(pk)", Item::new()).await.map(|_| ())
    }

    async fn keep(
        &self,
        load: &Identifier,
        event: &Parked,
        at: jiff::Timestamp,
    ) -> Result<(), StoreError> {
        let sort = keys::kept(at, Some((&event.source, &event.event)));
        let mut item = to_item(load, sort, event);
        item.insert("expires_at".to_owned(), expiry(event.parked_at, self.horizon));
        self.table.put(item, "attribute_not_exists(pk)", Item::new()).await.map(|_| ())
    }

    async fn kept(
        &self,
        load: &Identifier,
        since: jiff::Timestamp,
    ) -> Result<Vec<Parked>, StoreError> {
        let (from, to) = (keys::kept(since, None), keys::after(keys::KEPT));
        let items = self.table.between(keys::identifier(load), &from, &to).await?;
        items.iter().map(from_item).collect()
    }

    async fn parked(&self, load: &Identifier) -> Result<Vec<Parked>, StoreError> {
        let (pk, to) = (keys::identifier(load), keys::after(keys::PARKED));
        let items = self.table.between(pk, keys::PARKED, &to).await?;
        items.iter().map(from_item).collect()
    }

    async fn unpark(&self, load: &Identifier, parked: &Parked) -> Result<(), StoreError> {
        let sort = keys::parked(&parked.source, &parked.event);
        self.table.delete(key(keys::identifier(load), sort)).await
    }

    async fn overdue(&self, before: Timestamp) -> Result<Vec<(Identifier, Parked)>, StoreError> {
        let call = self
            .table
            .client
            .query()
            .table_name(&self.table.name)
            .index_name(ATTENTION)
            .key_condition_expression("attention = :waiting AND attention_at < :before")
            .expression_attribute_values(":waiting", text(WAITING))
            .expression_attribute_values(":before", number(before.as_millis()))
            .limit(PAGE)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let output = store("Query", &self.table.name, call.send()).await.map_err(unavailable)?;
        self.table.meter.read(output.consumed_capacity());
        let mut overdue = Vec::new();
        for found in output.items() {
            let (pk, sk) = (Fields(found).text("pk")?, Fields(found).text("sk")?);
            let load = keys::identifier_in(pk)?;
            // The index follows the table a moment later: it may be released by now.
            if let Some(item) = self.table.get(key(pk, sk)).await? {
                overdue.push((load, from_item(&item)?));
            }
        }
        Ok(overdue)
    }
}

fn to_item(load: &Identifier, sort: String, event: &Parked) -> Item {
    let mut item = key(keys::identifier(load), sort);
    item.extend([
        ("source".to_owned(), text(event.source.as_str())),
        ("event".to_owned(), text(event.event.as_str())),
        ("body".to_owned(), text(&event.body)),
        ("parked_at".to_owned(), number(event.parked_at.as_millis())),
    ]);
    item
}

fn from_item(item: &Item) -> Result<Parked, StoreError> {
    let fields = Fields(item);
    Ok(Parked {
        source: fields.id("source", Source::new)?,
        event: fields.id("event", EventId::new)?,
        body: fields.text("body")?.to_owned(),
        parked_at: fields.time("parked_at")?,
    })
}
