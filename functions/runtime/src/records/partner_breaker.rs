//! Breaker: a partner's state changes for all environments.
//!
//! Condition: it is still the version that was seen; none where none was ever
//! written. Losing means that another environment has changed it; it is returned.

use super::{Records, keys};
use crate::table::item::{Fields, Item, number, text, wrong};
use crate::table::{Change, Written, key};
use flotilla_shipment::partner::{Breaker, Changed, Seen};
use flotilla_task::StoreError;

pub(super) async fn read(records: &Records, partner: &str) -> Result<Seen, StoreError> {
    let item = records.table.get(key(keys::partner(partner), keys::BREAKER)).await?;
    item.as_ref().map_or(Ok(Seen::default()), from_item)
}

/// `by` is new for each change, so that one whose answer was lost is recognised.
pub(super) async fn change(
    records: &Records,
    partner: &str,
    seen: Seen,
    to: Breaker,
    by: &str,
) -> Result<Changed, StoreError> {
    let version = seen.version + 1;
    let (until, times, step) = match to {
        Breaker::Closed => (0, 0, 0),
        Breaker::Open { until, times } | Breaker::Probing { until, times } => {
            (until.as_millis(), times, 0)
        }
        Breaker::Closing { step, times } => (0, times, step),
    };
    let mut values = Item::from([
        (":next".to_owned(), number(version)),
        (":state".to_owned(), text(to.name())),
        (":until".to_owned(), number(until)),
        (":times".to_owned(), number(times)),
        (":step".to_owned(), number(step)),
        (":by".to_owned(), text(by)),
    ]);
    let condition = if seen.version == 0 {
        "attribute_not_exists(pk)"
    } else {
        values.insert(":seen".to_owned(), number(seen.version));
        "#version = :seen"
    };
    let change = Change {
        key: key(keys::partner(partner), keys::BREAKER),
        condition: condition.to_owned(),
        expression: "SET #version = :next, #state = :state, #until = :until, #times = :times, \
                     #step = :step, #by = :by"
            .to_owned(),
        values,
    };
    match records.table.update(change).await? {
        Written::Applied(_) => Ok(Changed::Written(Seen { version, breaker: to })),
        Written::Refused(None) => Ok(Changed::Lost(Seen::default())),
        Written::Refused(Some(old)) => {
            let found = from_item(&old)?;
            let is_mine = found.version == version && Fields(&old).text("by")? == by;
            Ok(if is_mine { Changed::Written(found) } else { Changed::Lost(found) })
        }
    }
}

fn from_item(item: &Item) -> Result<Seen, StoreError> {
    let fields = Fields(item);
    let (until, times) = (fields.time("until")?, fields.number("times")?);
    let breaker = match fields.text("state")? {
        "closed" => Breaker::Closed,
        "open" => Breaker::Open { until, times },
        "probing" => Breaker::Probing { until, times },
        "closing" => Breaker::Closing { step: fields.number("step")?, times },
        other => return Err(wrong("state", other)),
    };
    Ok(Seen { version: fields.number("version")?, breaker })
}
