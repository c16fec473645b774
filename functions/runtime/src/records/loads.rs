//! Pack and unpack: which load was in which, when.
//!
//! Condition: nothing is known of this end of the stay, or something older.
//! Losing means that something newer is known.

use super::{Records, identifiers, keys};
use crate::table::item::{Fields, Item, expiry, number};
use crate::table::{Change, key};
use flotilla_shipment::identifier::Identifier;
use flotilla_shipment::load::{Load, Stay};
use flotilla_shipment::ports::Loads;
use flotilla_task::StoreError;
use jiff::Timestamp;

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
    ) -> Result<(), StoreError> {
        newest(self, parent, Some(child), PACKED, at).await
    }

    async fn unpack(
        &self,
        parent: &Identifier,
        child: Option<&Identifier>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        newest(self, parent, child, UNPACKED, at).await
    }
}

/// Keeps the newest moment of one end of a stay. What nobody has touched for the
/// horizon is forgotten: no event from before it is taken any more.
async fn newest(
    records: &Records,
    parent: &Identifier,
    child: Option<&Identifier>,
    end: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let change = Change {
        key: key(keys::identifier(parent), keys::child(child)),
        condition: format!("attribute_not_exists(#{end}) OR #{end} < :at"),
        expression: format!("SET #{end} = :at, #expires_at = :expires"),
        values: Item::from([
            (":at".to_owned(), number(at.as_millisecond())),
            (":expires".to_owned(), expiry(Records::now(), records.horizon)),
        ]),
    };
    records.table.update(change).await.map(|_| ())
}

fn moment(item: &Item, name: &str) -> Result<Option<Timestamp>, StoreError> {
    let milliseconds = Fields(item).maybe(name, |fields| fields.number::<i64>(name))?;
    let read = |ms: i64| {
        Timestamp::from_millisecond(ms)
            .map_err(|error| crate::table::item::wrong(name, &error.to_string()))
    };
    milliseconds.map(read).transpose()
}
