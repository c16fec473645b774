//! Keep a cursor: how far a source was read, and who may go on.
//!
//! Condition: the item is at the epoch before the new one, or is not there before
//! the first. Losing means that somebody else has written since; or that this very
//! write was made by an earlier try whose answer was lost, which the writer's id
//! tells, since no attempt writes two things at one epoch.

use super::{Records, keys};
use crate::table::item::{Fields, Item, json, number};
use crate::table::{Written, key};
use flotilla_shipment::pull::Cursor;
use flotilla_shipment::pull::ports::{Cursors, Kept};
use flotilla_task::{Source, StoreError};

impl Cursors for Records {
    async fn cursor(&self, source: &Source) -> Result<Cursor, StoreError> {
        let item = self.table.get(key(keys::source(source), keys::CURSOR)).await?;
        item.as_ref().map_or_else(|| Ok(Cursor::default()), from_item)
    }

    async fn keep_cursor(&self, source: &Source, cursor: &Cursor) -> Result<Kept, StoreError> {
        let epoch = cursor.epoch.get();
        let mut item = key(keys::source(source), keys::CURSOR);
        item.extend([("epoch".to_owned(), number(epoch)), ("doc".to_owned(), json(cursor)?)]);
        let (condition, values) = if epoch <= 1 {
            ("attribute_not_exists(pk)", Item::new())
        } else {
            ("#epoch = :before", Item::from([(":before".to_owned(), number(epoch - 1))]))
        };
        match self.table.put(item, condition, values).await? {
            Written::Applied(_) => Ok(Kept::Mine),
            Written::Refused(old) => {
                let old = old.as_ref().map(from_item).transpose()?.unwrap_or_default();
                Ok(if old == *cursor { Kept::Mine } else { Kept::Lost(Box::new(old)) })
            }
        }
    }
}

fn from_item(item: &Item) -> Result<Cursor, StoreError> {
    Fields(item).json("doc")
}
