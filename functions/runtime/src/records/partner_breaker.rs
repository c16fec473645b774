//! Breaker: a partner's state changes for all environments.
//!
//! Condition: it is still the version that was seen; none where none was ever
//! written. Losing means that another environment or a person has changed it; it is
//! returned. A person's pause, which stands in the same item, is left as it is.

use super::{Records, keys};
use crate::table::item::{Fields, Item, number, text, wrong};
use crate::table::{Change, Written, key};
use flotilla_shipment::partner::{Breaker, Changed, Seen};
use flotilla_task::StoreError;

/// Sets every attribute of [`values`].
pub(super) const SET: &str = "SET #version = :next, #by = :by, #state = :state, \
                              #until = :until, #times = :times, #step = :step";

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
    by: String,
) -> Result<Changed, StoreError> {
    write(records, partner, seen, by, (SET, values(to))).await
}

/// The attributes of a state.
pub(super) fn values(of: Breaker) -> Item {
    let (until, times, step) = match of {
        Breaker::Closed => (0, 0, 0),
        Breaker::Open { until, times } | Breaker::Probing { until, times } => {
            (until.as_millis(), times, 0)
        }
        Breaker::Closing { step, times } => (0, times, step),
    };
    Item::from([
        (":state".to_owned(), text(of.name())),
        (":until".to_owned(), number(until)),
        (":times".to_owned(), number(times)),
        (":step".to_owned(), number(step)),
    ])
}

/// One write of the item under the condition that all of its writes share. The
/// expression sets `#version = :next` and `#by = :by` besides its own.
pub(super) async fn write(
    records: &Records,
    partner: &str,
    seen: Seen,
    by: String,
    (expression, mut values): (&str, Item),
) -> Result<Changed, StoreError> {
    let version = seen.version + 1;
    values.insert(":next".to_owned(), number(version));
    values.insert(":by".to_owned(), text(by.as_str()));
    let condition = if seen.version == 0 {
        "attribute_not_exists(pk)"
    } else {
        values.insert(":seen".to_owned(), number(seen.version));
        "#version = :seen"
    };
    let change = Change {
        key: key(keys::partner(partner), keys::BREAKER),
        condition: condition.to_owned(),
        expression: expression.to_owned(),
        values,
    };
    match records.table.update(change).await? {
        Written::Applied(item) => from_item(&item).map(Changed::Written),
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
    // Items of releases that knew no pause have none.
    let paused_until = fields.maybe("paused_until", |fields| fields.time("paused_until"))?;
    Ok(Seen { version: fields.number("version")?, breaker, paused_until })
}
