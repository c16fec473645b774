//! Everything at once, on a deployed fleet: sources are pulled while one partner is
//! down and another is slow.

use crate::told::{document, loaded, seen};
use crate::{LINE, WAREHOUSE, names};
use flotilla_shipment::identifier::Identifier;
use flotilla_task::{ReasonCode, StatusKind, TaskId};
use flotilla_tests::{
    Fleet, PATIENCE, cloud_event, fresh, order_data, pallet, task_from, task_of, until,
};
use serde_json::json;

/// The carrier of an order promised in 60 hours; it honours keys.
const SLOW: (&str, i64) = ("steady", 60);
/// The one for 96 hours; it ignores keys.
const DOWN: (&str, i64) = ("tortoise", 96);

/// An order on its way to a carrier.
struct Shipment {
    id: String,
    order: TaskId,
    booking: String,
    pallet: Identifier,
}

async fn order(fleet: &Fleet, promised: i64) -> Shipment {
    let (event, id, booking) = (fresh("order"), fresh("SHP"), fresh("BKR"));
    let pallet = pallet();
    let mut data = order_data(&id, &booking, promised);
    data["identifiers"] = json!([
        {"scheme": "booking", "value": booking},
        {"scheme": "sscc", "value": pallet.value()},
    ]);
    fleet.ingest(&[cloud_event(&event, "flotilla.order.v1", &data)]).await;
    Shipment { order: task_of(&event, &id), id, booking, pallet }
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn two_sources_are_pulled_while_one_partner_is_down_and_another_is_slow() {
    let fleet = Fleet::connect().await;
    fleet
        .with_moods(async {
            fleet.calm().await;
            // About as long as its caller waits: some answers come, some are too late.
            fleet.mood(SLOW.0, &json!({"latency_ms": [1800, 2600]})).await;
            // It books and never says so.
            fleet.mood(DOWN.0, &json!({"lose_answer_rate": 1})).await;
            let (mut slow, mut down) = (Vec::new(), Vec::new());
            for _ in 0..4 {
                slow.push(order(&fleet, SLOW.1).await);
            }
            for _ in 0..3 {
                down.push(order(&fleet, DOWN.1).await);
            }
            let all: Vec<&Shipment> = slow.iter().chain(&down).collect();
            let (stored, told) = (names(&fresh("urn:uuid:w"), 4), names(&fresh("line"), 4));
            for shipment in &all {
                let sscc = format!("https://id.gs1.org/00/{}", shipment.pallet.value());
                let at = |id: &String| format!("{id}-{}", shipment.id);
                let events: Vec<_> = stored.iter().map(|id| seen(&at(id), &sscc)).collect();
                fleet.tell_world("warehouse/capture", &document(&events)).await;
                let events: Vec<_> =
                    told.iter().map(|id| loaded(&at(id), &shipment.booking)).collect();
                fleet.tell_world("tracking/v2/events", &json!(events)).await;
            }
            for source in [WAREHOUSE, LINE] {
                fleet.forget_pulls(source).await;
                fleet.pull(source).await;
            }
            for (source, ids) in [(WAREHOUSE, &stored), (LINE, &told)] {
                fleet.pulled(source).await;
                for shipment in &all {
                    for id in ids {
                        let event = format!("{id}-{}", shipment.id);
                        fleet.completed(&task_from(source, &event, &shipment.id)).await;
                    }
                }
            }
            // Held, not booked twice: nobody can tell whether it was booked.
            for shipment in &down {
                let record = fleet.ended(&shipment.order).await;
                assert_eq!(record.status.kind(), StatusKind::Held, "{record:?}");
                assert_eq!(record.reason.unwrap().code, ReasonCode::Ambiguous);
                let bookings = fleet.bookings(&shipment.id).await;
                assert_eq!(bookings.len(), 1, "{bookings:?}");
                assert_eq!(bookings[0]["requests"], 1);
            }
            until("the slow carrier to have booked", PATIENCE, || async {
                (!fleet.bookings(&slow[0].id).await.is_empty()).then_some(())
            })
            .await;
            fleet.calm().await;
            fleet.mood(SLOW.0, &json!({"latency_ms": [0, 0]})).await;
            fleet.start_afresh(SLOW.0).await;
            for shipment in &slow {
                let record = fleet.ended_within(2 * PATIENCE, &shipment.order).await;
                assert_eq!(record.status.kind(), StatusKind::Completed, "{record:?}");
                let bookings = fleet.bookings(&shipment.id).await;
                assert_eq!(bookings.len(), 1, "{bookings:?}");
                assert_eq!(
                    (&bookings[0]["carrier"], &bookings[0]["status"]),
                    (&json!(SLOW.0), &json!("live"))
                );
            }
            for partner in [SLOW.0, DOWN.0] {
                fleet.start_afresh(partner).await;
            }
        })
        .await;
}
