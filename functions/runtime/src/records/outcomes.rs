//! Count: a booking's outcome enters its lane's statistics of that week.
//!
//! Condition: no marker for this booking yet. Marker and sums are one
//! transaction, so an outcome is counted exactly once however often its event
//! comes. Losing means that it was counted before.

use super::{Records, keys};
use crate::table::item::{Item, number};
use crate::table::{key, names_in, unavailable};
use crate::trace::store;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Put, ReturnConsumedCapacity, TransactWriteItem, Update};
use flotilla_shipment::lane::{Outcome, Sums};
use flotilla_shipment::policy::MOST_WEEKS;
use flotilla_shipment::week::Week;
use flotilla_task::{ShipmentId, StoreError};

pub(super) async fn count(
    records: &Records,
    shipment: &ShipmentId,
    outcome: &Outcome,
) -> Result<bool, StoreError> {
    let items = [mark(records, shipment, outcome), add(records, shipment, outcome)];
    let items = items
        .into_iter()
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| StoreError::Rejected(error.to_string()))?;
    let call = records
        .table
        .client
        .transact_write_items()
        .set_transact_items(Some(items))
        .return_consumed_capacity(ReturnConsumedCapacity::Total);
    match store("TransactWriteItems", &records.table.name, call.send()).await {
        Ok(output) => {
            for consumed in output.consumed_capacity() {
                records.table.meter.wrote(Some(consumed));
            }
            Ok(true)
        }
        Err(error) => {
            let counted = matches!(
                error.as_service_error(),
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled))
                    if cancelled
                        .cancellation_reasons()
                        .iter()
                        .any(|reason| reason.code() == Some("ConditionalCheckFailed"))
            );
            if counted {
                records.table.meter.write_refused();
                return Ok(false);
            }
            Err(unavailable(error))
        }
    }
}

fn mark(
    records: &Records,
    shipment: &ShipmentId,
    outcome: &Outcome,
) -> Result<TransactWriteItem, BuildError> {
    let put = Put::builder()
        .table_name(&records.table.name)
        .set_item(Some(key(keys::shipment(shipment), keys::outcome(outcome.generation))))
        .condition_expression("attribute_not_exists(pk)")
        .build()?;
    Ok(TransactWriteItem::builder().put(put).build())
}

fn add(
    records: &Records,
    shipment: &ShipmentId,
    outcome: &Outcome,
) -> Result<TransactWriteItem, BuildError> {
    let expression = "SET #expires_at = :expires_at \
                      ADD #count :count, #on_time :on_time, #minutes :minutes, #pace :pace, \
                      #pace_sq :pace_sq, #cost_cents :cost_cents, #quoted_cents :quoted_cents";
    let sums = Sums::of(outcome);
    let values = Item::from([
        (":expires_at".to_owned(), number(expires(outcome.week()))),
        (":count".to_owned(), number(sums.count)),
        (":on_time".to_owned(), number(sums.on_time)),
        (":minutes".to_owned(), number(sums.minutes)),
        (":pace".to_owned(), number(sums.pace)),
        (":pace_sq".to_owned(), number(sums.pace_sq)),
        (":cost_cents".to_owned(), number(sums.cost_cents)),
        (":quoted_cents".to_owned(), number(sums.quoted_cents)),
    ]);
    let update = Update::builder()
        .table_name(&records.table.name)
        .set_key(Some(key(
            keys::lane(&outcome.lane(), shipment),
            keys::carrier_week(outcome.week(), &outcome.carrier, &outcome.service),
        )))
        .update_expression(expression)
        .set_expression_attribute_names(Some(names_in(&[expression])))
        .set_expression_attribute_values(Some(values))
        .build()?;
    Ok(TransactWriteItem::builder().update(update).build())
}

/// When a week's sums can go, in seconds since 1970: once no policy may count
/// them any more. The same whoever writes, so that writes commute.
fn expires(week: Week) -> i64 {
    // One more, for a decision in the last week that counts them.
    week.before(-(MOST_WEEKS + 1)).start().as_second()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weeks_sums_outlive_every_policy_that_may_count_them() {
        let week: Week = "2026W01".parse().unwrap();
        let last: Week = "2026W52".parse().unwrap();
        assert_eq!(last.since(week) + 1, MOST_WEEKS, "the last that counts it");
        assert!(expires(week) > last.before(-1).start().as_second());
    }
}
