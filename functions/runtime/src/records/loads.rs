//! Pack and unpack: which load was in which, when.
//!
//! Condition: nothing is known of this end of the stay, or something older.
//! Losing means that something newer is known.

use super::{Records, identifiers, keys};
use crate::table::item::{Fields, Item, expiry, number, text};
use crate::table::{Change, Written, key};
use flotilla_shipment::identifier::Identifier;
use flotilla_shipment::load::{Load, Stay};
use flotilla_shipment::ports::Loads;
use flotilla_task::StoreError;
use jiff::Timestamp;
use std::time::Duration;

const PACKED: &str = "packed_at";
const UNPACKED: &str = "unpacked_at";

impl Loads for Records {
    async fn load(&self, load: &Identifier) -> Result<Load, StoreError> {
        // The sort keys are neighbours: CHILD#..., OWNER.
        let items = self.table.between(keys::identifier(load), keys::CHILD, keys::OWNER).await?;
        let mut known = Load::default();
        for item in &items {
            let sort = Fields(item).text("sk")?;
            match sort.strip_prefix(keys::CHILD) {
                None => known.owner = Some(identifiers::owner_in(item)?),
                Some(keys::EVERY_CHILD) => known.emptied = moment(item, UNPACKED)?,
                Some(child) => {
                    let child = child.parse().map_err(|_| crate::table::item::wrong("sk", sort))?;
                    let stay =
                        Stay { packed: moment(item, PACKED)?, unpacked: moment(item, UNPACKED)? };
                    known.contents.insert(child, stay);
                }
            }
        }
        Ok(known)
    }

    async fn pack(
        &self,
        parent: &Identifier,
        child: &Identifier,
        at: Timestamp,
        message: &str,
    ) -> Result<bool, StoreError> {
        newest(self, parent, Some(child), (PACKED, at), message).await
    }

    async fn unpack(
        &self,
        parent: &Identifier,
        child: Option<&Identifier>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        newest(self, parent, child, (UNPACKED, at), "").await.map(|_| ())
    }
}

/// For how long a stay is remembered after the last word on it: longer than any
/// voyage, since events of a container are resolved by it until it is unpacked.
const VOYAGE: Duration = Duration::from_secs(180 * 86_400);

/// Keeps the newest moment of one end of a stay, and says whether that was news. A
/// refusal that brings back this message's own write is one whose answer was lost.
async fn newest(
    records: &Records,
    parent: &Identifier,
    child: Option<&Identifier>,
    (end, at): (&str, Timestamp),
    message: &str,
) -> Result<bool, StoreError> {
    let change = Change {
        key: key(keys::identifier(parent), keys::child(child)),
        condition: format!("attribute_not_exists(#{end}) OR #{end} < :at"),
        expression: format!("SET #{end} = :at, #message = :message, #expires_at = :expires"),
        values: Item::from([
            (":at".to_owned(), number(at.as_millisecond())),
            (":message".to_owned(), text(message)),
            (":expires".to_owned(), expiry(Records::now(), VOYAGE)),
        ]),
    };
    Ok(match records.table.update(change).await? {
        Written::Applied(_) => true,
        Written::Refused(old) => {
            old.is_some_and(|old| Fields(&old).text("message").is_ok_and(|by| by == message))
        }
    })
}

fn moment(item: &Item, name: &str) -> Result<Option<Timestamp>, StoreError> {
    let milliseconds = Fields(item).maybe(name, |fields| fields.number::<i64>(name))?;
    let read = |ms: i64| {
        Timestamp::from_millisecond(ms)
            .map_err(|error| crate::table::item::wrong(name, &error.to_string()))
    };
    milliseconds.map(read).transpose()
}
