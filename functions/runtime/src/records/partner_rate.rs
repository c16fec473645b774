//! Rate: an environment takes a block of calls out of what all of them may make.
//!
//! Condition: the bucket is full, and is set to now and the calls' time; or it is
//! not, has room for them, and their time is added. Neither names the value that was
//! seen, so that environments which take at the same time do not get in each other's
//! way. Losing means that it has become the other of the two, or that there is no
//! room; the bucket that is returned says which.

use super::{Records, keys};
use crate::table::item::{Fields, Item, number};
use crate::table::{Change, Written, key};
use flotilla_shipment::partner::Taken;
use flotilla_shipment::partner::rate::{Bucket, Rate, Take, micros};
use flotilla_task::{StoreError, Timestamp};
use std::time::Duration;

/// The bucket may become the other of the two so often while it is taken from.
const ROUNDS: usize = 3;
/// When to ask again after that.
const AGAIN: Duration = Duration::from_millis(200);

pub(super) async fn take(
    records: &Records,
    partner: &str,
    rate: Rate,
    calls: u32,
    now: Timestamp,
) -> Result<Taken, StoreError> {
    // Most likely it is not full: somebody asks because there is much to do.
    let mut next = Take::Add(rate.micros(calls));
    for _ in 0..ROUNDS {
        let (condition, expression, values) = match next {
            Take::NotYet(wait) => return Ok(Taken::NotYet(wait)),
            Take::Set(full_at) => (
                "attribute_not_exists(pk) OR #full_at <= :now",
                "SET #full_at = :full_at",
                vec![(":now", micros(now)), (":full_at", full_at)],
            ),
            Take::Add(cost) => (
                "#full_at > :now AND #full_at <= :most",
                "SET #full_at = #full_at + :cost",
                vec![
                    (":now", micros(now)),
                    (":most", (micros(now) + rate.micros(rate.burst)).saturating_sub(cost)),
                    (":cost", cost),
                ],
            ),
        };
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), number(value)));
        let change = Change {
            key: key(keys::partner(partner), keys::RATE),
            condition: condition.to_owned(),
            expression: expression.to_owned(),
            values: values.collect::<Item>(),
        };
        match records.table.update(change).await? {
            Written::Applied(_) => return Ok(Taken::Granted),
            Written::Refused(old) => {
                let full_at = old.as_ref().map(|item| Fields(item).number("full_at"));
                let bucket = Bucket { full_at: full_at.transpose()?.unwrap_or_default() };
                next = bucket.take(rate, calls, now);
            }
        }
    }
    Ok(Taken::NotYet(AGAIN))
}
