//! On a deployed fleet: what is pulled becomes tasks that end, what is bad is refused
//! alone, and a source that is broken is seen.

use crate::told::{document, loaded, moved, seen};
use crate::{FILE, LINE, WAREHOUSE, YARD, names};
use flotilla_shipment::identifier::Identifier;
use flotilla_shipment::pull::Code;
use flotilla_tests::{
    Fleet, PATIENCE, cloud_event, container, fresh, order_data, pallet, task_from, task_of, until,
};
use serde_json::{Value, json};

/// More than a page of the stand-in's sources has.
const EVENTS: usize = 22;

/// A booked shipment that sources know by its pallet, its booking and its container.
struct Shipment {
    id: String,
    booking: String,
    pallet: Identifier,
    container: Identifier,
}

async fn ordered(fleet: &Fleet) -> Shipment {
    let (event, id, booking) = (fresh("order"), fresh("SHP"), fresh("BKR"));
    let shipment = Shipment { id, booking, pallet: pallet(), container: container() };
    let mut data = order_data(&shipment.id, &shipment.booking, 60);
    data["identifiers"] = json!([
        {"scheme": "booking", "value": shipment.booking},
        {"scheme": "sscc", "value": shipment.pallet.value()},
        {"scheme": "container", "value": shipment.container.value()},
    ]);
    fleet.ingest(&[cloud_event(&event, "flotilla.order.v1", &data)]).await;
    fleet.completed(&task_of(&event, &shipment.id)).await;
    shipment
}

impl Shipment {
    fn seen(&self, id: &str) -> Value {
        seen(id, &format!("https://id.gs1.org/00/{}", self.pallet.value()))
    }
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn what_every_kind_of_source_tells_goes_all_its_way() {
    let fleet = Fleet::connect().await;
    fleet
        .with_moods(async {
            fleet.calm().await;
            let shipment = ordered(&fleet).await;
            let of = |what: &str| names(&fresh(what), EVENTS);
            let (stored, told, rows) = (of("urn:uuid:w"), of("line"), of("move"));
            let events: Vec<_> = stored.iter().map(|id| shipment.seen(id)).collect();
            fleet.tell_world("warehouse/capture", &document(&events)).await;
            let events: Vec<_> = told.iter().map(|id| loaded(id, &shipment.booking)).collect();
            fleet.tell_world("tracking/v2/events", &json!(events)).await;
            let events: Vec<_> =
                rows.iter().map(|id| moved(id, shipment.container.value(), "IN")).collect();
            fleet.tell_world("yard/moves", &json!(events)).await;
            let sources = [(WAREHOUSE, &stored), (LINE, &told), (YARD, &rows), (FILE, &rows)];
            for (source, _) in sources {
                fleet.forget_pulls(source).await;
                fleet.pull(source).await;
            }
            for (source, ids) in sources {
                let finished = fleet.pulled(source).await.finished.unwrap();
                assert!(finished.events >= EVENTS as u64, "{source}: {finished:?}");
                for id in ids {
                    fleet.completed(&task_from(source, id, &shipment.id)).await;
                }
            }
            // Nothing has changed since: the file's tag says so.
            let before = fleet.answers("yard", "304").await;
            let pulled = fleet.cursor(FILE).await.finished;
            fleet.pull(FILE).await;
            until("the file to be asked for again", PATIENCE, || async {
                (fleet.cursor(FILE).await.finished != pulled).then_some(())
            })
            .await;
            assert_eq!(fleet.answers("yard", "304").await, before + 1);
        })
        .await;
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn an_event_of_the_future_is_refused_alone_and_a_broken_source_is_seen() {
    let fleet = Fleet::connect().await;
    fleet
        .with_moods(async {
            fleet.calm().await;
            let shipment = ordered(&fleet).await;
            // What other tests have told stands before it and is pulled first.
            fleet.pull(LINE).await;
            fleet.pulled(LINE).await;
            fleet.forget_pulls(LINE).await;
            let ids = names(&fresh("line"), 3);
            let mut events: Vec<_> = ids.iter().map(|id| loaded(id, &shipment.booking)).collect();
            events[1]["eventDateTime"] = json!(flotilla_tests::in_hours(24 * 366));
            fleet.tell_world("tracking/v2/events", &json!(events)).await;
            fleet.tell_world("oddities/tracking", &json!({"oddity": "html"})).await;
            fleet.pull(LINE).await;
            let said = format!("{LINE}: html: expected data, got a page for people");
            let letter = fleet.letter("Ingestion", "flotilla.pull.v1").await;
            assert_eq!((letter.code.as_str(), letter.reason), ("failed", said));
            let cursor = fleet.cursor(LINE).await;
            // A call that came twice finds the same.
            assert_eq!(cursor.problem.unwrap().code, Code::Html);
            assert!(cursor.failures >= 1);
            fleet.tell_world("oddities/tracking", &json!({"oddity": "none"})).await;
            fleet.send("IngestionQueueUrl", &letter.body).await;
            let cursor = fleet.pulled(LINE).await;
            assert_eq!((cursor.problem, cursor.failures), (None, 0));
            for id in [&ids[0], &ids[2]] {
                fleet.completed(&task_from(LINE, id, &shipment.id)).await;
            }
            let letter = fleet.letter("Ingestion", &ids[1]).await;
            assert_eq!(letter.code, "invalid_field");
            assert!(letter.reason.contains("in the future"), "{}", letter.reason);
        })
        .await;
}
