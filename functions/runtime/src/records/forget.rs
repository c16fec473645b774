//! Forget: a shipment's personal data is erased, and a note stays in its place.
//!
//! Condition: the contact is still the one that was read, or there is none. Losing
//! means that an order's contact came between, which is read and erased in turn.
//! The note names no value; it keeps an order from before from bringing the data
//! back, and goes once every such order is older than the horizon.

use super::{Records, keys};
use crate::table::item::{Fields, Item, expiry, json, number, text};
use crate::table::{Written, key};
use flotilla_shipment::answers::{Erased, Forget};
use flotilla_task::{ShipmentId, StoreError, Timestamp};
use serde_json::{Map, Value};

/// When the data was erased, in milliseconds.
pub(super) const FORGOTTEN: &str = "forgotten_at";
/// Races lost in a row before the request goes back to the queue.
const RACES: u32 = 8;

impl Forget for Records {
    async fn forget(
        &self,
        shipment: &ShipmentId,
        asked: &str,
        now: Timestamp,
    ) -> Result<Erased, StoreError> {
        let at = key(keys::shipment(shipment), keys::CONTACT);
        let mut old = self.table.get(at.clone()).await?;
        for _ in 0..RACES {
            if let Some(told) = old.as_ref().and_then(|item| told(item, asked)) {
                return told;
            }
            let erased = Erased { at: now, fields: fields(old.as_ref()) };
            let mut note = at.clone();
            note.extend([
                (FORGOTTEN.to_owned(), number(now.as_millis())),
                ("asked".to_owned(), text(asked)),
                ("erased".to_owned(), json(&erased.fields)?),
                ("expires_at".to_owned(), expiry(now, self.horizon)),
            ]);
            let (condition, values) = unchanged(old.as_ref());
            match self.table.put(note, condition, values).await? {
                Written::Applied(_) => return Ok(erased),
                Written::Refused(came) => old = came,
            }
        }
        Err(StoreError::Unavailable(format!("lost {RACES} races for {shipment} in a row")))
    }
}

impl Records {
    /// The names of the personal fields that a shipment has on record; their values
    /// are not told.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub async fn personal(&self, shipment: &ShipmentId) -> Result<Vec<String>, StoreError> {
        let item = self.table.get(key(keys::shipment(shipment), keys::CONTACT)).await?;
        Ok(fields(item.as_ref()))
    }

    /// What a request to forget has erased; `None` until it is carried out, and when
    /// another one was carried out since.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer, or the note cannot be read.
    pub async fn forgotten(
        &self,
        shipment: &ShipmentId,
        asked: &str,
    ) -> Result<Option<Erased>, StoreError> {
        let item = self.table.get(key(keys::shipment(shipment), keys::CONTACT)).await?;
        item.as_ref().and_then(|item| told(item, asked)).transpose()
    }
}

/// What this very request was told before.
fn told(item: &Item, asked: &str) -> Option<Result<Erased, StoreError>> {
    let fields = Fields(item);
    let again = item.contains_key(FORGOTTEN) && fields.text("asked").is_ok_and(|by| by == asked);
    again.then(|| Ok(Erased { at: fields.time(FORGOTTEN)?, fields: fields.json("erased")? }))
}

/// The names of the contact's fields. One that cannot be read is erased as a whole.
fn fields(item: Option<&Item>) -> Vec<String> {
    let Some(item) = item.filter(|item| item.contains_key("doc")) else { return Vec::new() };
    match Fields(item).json::<Map<_, Value>>("doc") {
        Ok(contact) => contact.keys().map(|name| format!("contact.{name}")).collect(),
        Err(_unreadable) => vec!["contact".to_owned()],
    }
}

fn unchanged(old: Option<&Item>) -> (&'static str, Item) {
    let value = |name: &str| old.and_then(|item| item.get(name)).cloned();
    match (old, value("doc"), value(FORGOTTEN)) {
        (None, _, _) => ("attribute_not_exists(pk)", Item::new()),
        (Some(_), Some(doc), _) => ("#doc = :doc", Item::from([(":doc".to_owned(), doc)])),
        (Some(_), None, Some(at)) => {
            ("#forgotten_at = :was", Item::from([(":was".to_owned(), at)]))
        }
        (Some(_), None, None) => ("attribute_exists(pk)", Item::new()),
    }
}
