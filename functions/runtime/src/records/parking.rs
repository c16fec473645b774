//! Park: an event waits for its order.
//!
//! Condition: not parked yet. Losing means that the same event came twice,
//! which is fine: the first copy waits.

use super::{Records, keys};
use crate::table::item::{Fields, Item, number, text};
use crate::table::key;
use flotilla_shipment::identifier::Identifier;
use flotilla_shipment::ports::Parked;
use flotilla_task::{EventId, Source, StoreError};

pub(super) async fn park(
    records: &Records,
    identifier: &Identifier,
    parked: &Parked,
) -> Result<(), StoreError> {
    let mut item = key(keys::identifier(identifier), keys::parked(&parked.source, &parked.event));
    item.extend([
        ("source".to_owned(), text(parked.source.as_str())),
        ("event".to_owned(), text(parked.event.as_str())),
        ("body".to_owned(), text(&parked.body)),
        ("parked_at".to_owned(), number(parked.parked_at.as_millis())),
    ]);
    records.table.put(item, "attribute_not_exists(pk)", Item::new()).await.map(|_| ())
}

pub(super) fn from_item(item: &Item) -> Result<Parked, StoreError> {
    let fields = Fields(item);
    Ok(Parked {
        source: fields.id("source", Source::new)?,
        event: fields.id("event", EventId::new)?,
        body: fields.text("body")?.to_owned(),
        parked_at: fields.time("parked_at")?,
    })
}
