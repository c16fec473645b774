//! Resume: a person takes the pause of a partner back.
//!
//! Condition: the breaker's, since it is the same item: still the version that was
//! seen. Losing means that an environment or another person has changed it; it is
//! returned, and what follows from it may be written.

use super::Records;
use super::partner_breaker::{self, SET};
use flotilla_shipment::partner::{Changed, Seen};
use flotilla_task::{StoreError, Timestamp};

pub(super) async fn resume(
    records: &Records,
    partner: &str,
    seen: Seen,
    now: Timestamp,
    by: String,
) -> Result<Changed, StoreError> {
    let values = partner_breaker::values(seen.resumed(now));
    let expression = format!("{SET} REMOVE #paused_until");
    partner_breaker::write(records, partner, seen, by, (&expression, values)).await
}
