//! Remember: a concluded event is folded into the shipment's record.
//!
//! Condition: the record is at the version that was folded. Losing means that
//! another event of the shipment was faster: the record that comes back is
//! folded again, so the newest event wins in whatever order they arrive.

use super::{Records, decisions, keys, outcomes};
use crate::table::item::{Fields, Item, json, number, text};
use crate::table::{Written, key};
use flotilla_shipment::lane::Outcome;
use flotilla_shipment::memory::{Folded, ShipmentState};
use flotilla_shipment::payload::Concluded;
use flotilla_shipment::ports::Remember;
use flotilla_task::{ShipmentId, StoreError, TaskId};

/// Races lost in a row before the event goes back to the queue.
const RACES: u32 = 8;

/// A shipment's state at a version.
pub(super) struct Versioned {
    pub(super) version: u64,
    pub(super) state: ShipmentState,
}

pub(super) fn from_item(item: &Item) -> Result<Versioned, StoreError> {
    let fields = Fields(item);
    Ok(Versioned { version: fields.number("version")?, state: fields.json("doc")? })
}

impl Remember for Records {
    async fn remember(
        &self,
        shipment: &ShipmentId,
        task: &TaskId,
        concluded: &Concluded,
    ) -> Result<ShipmentState, StoreError> {
        let mut old = self.table.get(key(keys::shipment(shipment), keys::SHIPMENT)).await?;
        for _ in 0..RACES {
            let known = old.as_ref().map(from_item).transpose()?;
            let version = known.as_ref().map_or(0, |known| known.version);
            let folded =
                ShipmentState::fold(known.as_ref().map(|known| &known.state), concluded, task);
            let state = match (folded, known) {
                (Folded::Changed(state), _) => *state,
                (Folded::Stale, Some(known)) => return Ok(known.state),
                (Folded::Stale, None) => {
                    return Err(StoreError::Rejected("nothing known, yet stale".to_owned()));
                }
            };
            let mut item = key(keys::shipment(shipment), keys::SHIPMENT);
            item.extend([
                ("version".to_owned(), number(version.saturating_add(1))),
                ("doc".to_owned(), json(&state)?),
                ("task".to_owned(), text(task.as_str())),
            ]);
            let (condition, values) = if version == 0 {
                ("attribute_not_exists(pk)", Item::new())
            } else {
                ("#version = :version", Item::from([(":version".to_owned(), number(version))]))
            };
            match self.table.put(item, condition, values).await? {
                Written::Applied(_) => return Ok(state),
                Written::Refused(now) => old = now,
            }
        }
        Err(StoreError::Unavailable(format!("lost {RACES} races for {shipment} in a row")))
    }

    async fn log(
        &self,
        shipment: &ShipmentId,
        task: &TaskId,
        concluded: &Concluded,
    ) -> Result<(), StoreError> {
        decisions::log(self, shipment, task, concluded).await
    }

    async fn count(&self, shipment: &ShipmentId, outcome: &Outcome) -> Result<bool, StoreError> {
        outcomes::count(self, shipment, outcome).await
    }
}
