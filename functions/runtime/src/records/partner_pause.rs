//! Pause: a person has all environments leave a partner alone until a moment.
//!
//! Condition: the breaker's, since it is the same item: still the version that was
//! seen. Losing means that an environment or another person has changed it; it is
//! returned, and the pause may be written over that.

use super::Records;
use super::partner_breaker::{self, SET};
use crate::table::item::number;
use flotilla_shipment::partner::{Changed, Seen};
use flotilla_task::{StoreError, Timestamp};

pub(super) async fn pause(
    records: &Records,
    partner: &str,
    seen: Seen,
    until: Timestamp,
    by: String,
) -> Result<Changed, StoreError> {
    // The state is written as it was seen, which the condition makes sure of, so that
    // an item that was never written before is whole.
    let mut values = partner_breaker::values(seen.breaker);
    values.insert(":paused_until".to_owned(), number(until.as_millis()));
    let expression = format!("{SET}, #paused_until = :paused_until");
    partner_breaker::write(records, partner, seen, by, (&expression, values)).await
}
