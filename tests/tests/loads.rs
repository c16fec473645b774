//! Events about loads: pallets in containers, many shipments in one event, many
//! events in one document, and loads that nobody knows yet.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops by panicking")]

use flotilla_runtime::table::item::Fields;
use flotilla_shipment::identifier::{Identifier, Scheme};
use flotilla_shipment::ports::{Loads, Parked, Parking};
use flotilla_task::EventId;
use flotilla_tests::{
    Fleet, PATIENCE, cloud_event, container, fresh, in_hours, name_of, now, order_data, pallet,
    task_of, until,
};
use serde_json::{Value, json};

const EPCIS: &str = "flotilla.epcis.v2";
const DCSA: &str = "flotilla.dcsa.v2";

/// A pallet or a container in the words of EPCIS.
fn uri(load: &Identifier) -> String {
    if load.scheme() == Scheme::Container {
        return format!("urn:epc:id:bic:{}", load.value());
    }
    format!("https://id.gs1.org/00/{}", load.value())
}

/// A shipment with one pallet and its order.
struct Ordered {
    shipment: String,
    event: String,
    pallet: Identifier,
}

impl Ordered {
    fn new() -> Self {
        Self { shipment: fresh("SHP"), event: fresh("order"), pallet: pallet() }
    }

    fn body(&self) -> String {
        let mut data = order_data(&self.shipment, &fresh("BKR"), 60);
        data["identifiers"] = json!([{"scheme": "sscc", "value": self.pallet.value()}]);
        cloud_event(&self.event, "flotilla.order.v1", &data)
    }
}

async fn ordered(fleet: &Fleet, count: usize) -> Vec<Ordered> {
    let orders: Vec<_> = (0..count).map(|_| Ordered::new()).collect();
    fleet.ingest(&orders.iter().map(Ordered::body).collect::<Vec<_>>()).await;
    for order in &orders {
        fleet.completed(&task_of(&order.event, &order.shipment)).await;
    }
    orders
}

fn event_id() -> String {
    format!("ni:///sha-256;{:032x}?ver=CBV2.0", fastrand::u128(..))
}

fn epcis(kind: &str, id: &str, hours: i64, more: &Value) -> Value {
    let mut event = json!({
        "type": kind,
        "eventID": id,
        "eventTime": in_hours(hours),
        "eventTimeZoneOffset": "+00:00",
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        event[name] = value.clone();
    }
    event
}

/// The message that says which loads are in another, such as pallets in a container.
fn packing(id: &str, hours: i64, parent: &Identifier, loads: &[&Identifier]) -> String {
    let children: Vec<_> = loads.iter().map(|pallet| uri(pallet)).collect();
    let more = json!({
        "action": "ADD", "bizStep": "packing", "parentID": uri(parent), "childEPCs": children,
    });
    cloud_event(&fresh("message"), EPCIS, &epcis("AggregationEvent", id, hours, &more))
}

/// The message that a container has left.
fn departure(id: &str, hours: i64, container: &Identifier) -> String {
    let data = json!({
        "eventID": id,
        "eventType": "EQUIPMENT",
        "eventDateTime": in_hours(hours),
        "eventCreatedDateTime": in_hours(hours),
        "eventClassifierCode": "ACT",
        "equipmentEventTypeCode": "GTOT",
        "emptyIndicatorCode": "LADEN",
        "equipmentReference": container.value(),
        "eventLocation": {"UNLocationCode": "NLRTM"},
    });
    cloud_event(&fresh("message"), DCSA, &data)
}

fn uuid() -> String {
    let bits = fastrand::u128(..);
    let hex = format!("{bits:032x}");
    format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

async fn is_parked(fleet: &Fleet, load: &Identifier) {
    until(&format!("an event to be parked under {load}"), PATIENCE, || async {
        (!fleet.records.parked(load).await.unwrap().is_empty()).then_some(())
    })
    .await;
}

async fn is_known(fleet: &Fleet, load: &Identifier) {
    until(&format!("{load} to be known"), PATIENCE, || async {
        fleet.records.load(load).await.unwrap().is_known().then_some(())
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_containers_event_is_a_task_for_every_shipment_in_it() {
    let fleet = Fleet::connect().await;
    let orders = ordered(&fleet, 3).await;
    let container = container();
    let (packed, left) = (event_id(), uuid());
    let pallets = [&orders[0].pallet, &orders[1].pallet];
    fleet.ingest(&[packing(&packed, -2, &container, &pallets)]).await;
    for order in &orders[..2] {
        fleet.completed(&task_of(&packed, &order.shipment)).await;
    }
    let message = departure(&left, -1, &container);
    fleet.ingest(&[message.clone(), message]).await;
    for order in &orders[..2] {
        let record = fleet.completed(&task_of(&left, &order.shipment)).await;
        assert_eq!(fleet.logged(&record).await["event"]["tracking"]["milestone"], "departed");
    }
    let tasks = fleet.items_with(&left).await;
    let tasks = tasks.iter().filter(|item| Fields(item).text("sk").unwrap() == "TASK");
    assert_eq!(tasks.count(), 2, "the third pallet is not in the container");
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_pallet_that_was_taken_out_is_not_concerned_any_more() {
    let fleet = Fleet::connect().await;
    let orders = ordered(&fleet, 2).await;
    let container = container();
    let pallets = [&orders[0].pallet, &orders[1].pallet];
    let out = json!({
        "action": "DELETE", "bizStep": "unpacking",
        "parentID": uri(&container), "childEPCs": [uri(&orders[1].pallet)],
    });
    let (packed, unpacked, left) = (event_id(), event_id(), uuid());
    let unpacking = epcis("AggregationEvent", &unpacked, -2, &out);
    // The unpacking is told first.
    fleet.ingest(&[cloud_event(&fresh("message"), EPCIS, &unpacking)]).await;
    fleet.completed(&task_of(&unpacked, &orders[1].shipment)).await;
    fleet.ingest(&[packing(&packed, -3, &container, &pallets)]).await;
    for order in &orders {
        fleet.completed(&task_of(&packed, &order.shipment)).await;
    }
    fleet.ingest(&[departure(&left, -1, &container)]).await;
    fleet.completed(&task_of(&left, &orders[0].shipment)).await;
    let tasks = fleet.items_with(&left).await;
    assert!(!format!("{tasks:?}").contains(&orders[1].shipment), "{tasks:?}");
}

/// First nobody knows what is in the container, then nobody knows whose it is.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_containers_event_waits_for_its_contents_and_for_their_order() {
    let fleet = Fleet::connect().await;
    let (order, container, left) = (Ordered::new(), container(), uuid());
    fleet.ingest(&[departure(&left, -1, &container)]).await;
    is_parked(&fleet, &container).await;
    fleet.ingest(&[packing(&event_id(), -2, &container, &[&order.pallet])]).await;
    is_known(&fleet, &container).await;
    is_parked(&fleet, &order.pallet).await;
    fleet.ingest(&[order.body()]).await;
    fleet.completed(&task_of(&left, &order.shipment)).await;
    for load in [&container, &order.pallet] {
        until(&format!("nothing to wait for {load}"), PATIENCE, || async {
            fleet.records.parked(load).await.unwrap().is_empty().then_some(())
        })
        .await;
    }
}

/// The container has left before anybody says that a second pallet is in it.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_pallet_that_is_told_late_gets_what_happened_to_its_container() {
    let fleet = Fleet::connect().await;
    let (orders, container) = (ordered(&fleet, 2).await, container());
    let (first, second, left) = (event_id(), event_id(), uuid());
    fleet.ingest(&[packing(&first, -3, &container, &[&orders[0].pallet])]).await;
    fleet.completed(&task_of(&first, &orders[0].shipment)).await;
    fleet.ingest(&[departure(&left, -1, &container)]).await;
    fleet.completed(&task_of(&left, &orders[0].shipment)).await;
    let late = packing(&second, -2, &container, &[&orders[1].pallet]);
    fleet.ingest(&[late.clone(), late]).await;
    fleet.completed(&task_of(&second, &orders[1].shipment)).await;
    fleet.completed(&task_of(&left, &orders[1].shipment)).await;
}

/// Packing events are about what is in the loads that they name, as all events are.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_parcel_that_is_told_late_was_loaded_with_its_pallet() {
    let fleet = Fleet::connect().await;
    let (orders, outer, container) = (ordered(&fleet, 2).await, pallet(), container());
    let (first, late, loaded) = (event_id(), event_id(), event_id());
    fleet.ingest(&[packing(&first, -4, &outer, &[&orders[0].pallet])]).await;
    fleet.completed(&task_of(&first, &orders[0].shipment)).await;
    fleet.ingest(&[packing(&loaded, -2, &container, &[&outer])]).await;
    fleet.completed(&task_of(&loaded, &orders[0].shipment)).await;
    fleet.ingest(&[packing(&late, -3, &outer, &[&orders[1].pallet])]).await;
    fleet.completed(&task_of(&loaded, &orders[1].shipment)).await;
}

/// More shipments than one message creates tasks for.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn an_event_of_many_shipments_is_a_task_for_each() {
    let fleet = Fleet::connect().await;
    let orders: Vec<_> = (0..60).map(|_| Ordered::new()).collect();
    fleet.ingest(&orders.iter().map(Ordered::body).collect::<Vec<_>>()).await;
    let container = container();
    let pallets: Vec<_> = orders.iter().map(|order| &order.pallet).collect();
    let (packed, left) = (event_id(), uuid());
    fleet.ingest(&[packing(&packed, -2, &container, &pallets)]).await;
    for order in &orders {
        is_known(&fleet, &order.pallet).await;
        fleet.completed(&task_of(&packed, &order.shipment)).await;
    }
    fleet.ingest(&[departure(&left, -1, &container)]).await;
    for order in &orders {
        fleet.completed(&task_of(&left, &order.shipment)).await;
    }
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_long_document_is_a_task_for_each_event_and_a_wrong_one_is_refused_alone() {
    let fleet = Fleet::connect().await;
    let order = ordered(&fleet, 1).await.remove(0);
    let ids: Vec<_> = (0..120).map(|_| event_id()).collect();
    let seen = |(at, id): (usize, &String)| {
        let more = json!({
            "action": "OBSERVE", "bizStep": "inspecting", "epcList": [uri(&order.pallet)],
        });
        let hours = if at == 57 { 48 } else { -1 };
        epcis("ObjectEvent", id, hours, &more)
    };
    let events: Vec<_> = ids.iter().enumerate().map(seen).collect();
    let document = json!({
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": in_hours(0),
        "epcisBody": {"eventList": events},
    });
    fleet.ingest(&[cloud_event(&fresh("document"), EPCIS, &document)]).await;
    for (at, id) in ids.iter().enumerate() {
        if at != 57 {
            fleet.completed(&task_of(id, &order.shipment)).await;
        }
    }
    let letter = fleet.letter("Ingestion", &ids[57]).await;
    assert_eq!(letter.code, "invalid_field");
    assert!(letter.reason.contains("in the future"), "{}", letter.reason);
    assert!(!letter.body.contains(&ids[58]), "only the wrong event: {}", letter.body);
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn an_event_of_single_items_concerns_nobody() {
    let (fleet, since, id) = (Fleet::connect().await, now(), event_id());
    let more = json!({
        "action": "OBSERVE", "bizStep": "inspecting",
        "epcList": ["urn:epc:id:sgtin:4012345.011111.9876"],
    });
    let event = epcis("ObjectEvent", &id, -1, &more);
    fleet.ingest(&[cloud_event(&fresh("message"), EPCIS, &event)]).await;
    until("the event to be named in the log", PATIENCE, || async {
        let logs = fleet.logs("Ingestion", since).await;
        logs.lines()
            .any(|line| line.contains("concerns nobody") && line.contains(&id))
            .then_some(())
    })
    .await;
    assert!(fleet.items_with(&id).await.is_empty());
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn an_event_that_nobody_claims_is_given_up_with_its_reason() {
    let fleet = Fleet::connect().await;
    let overdue = fleet.park_overdue().await;
    let recent =
        Parked { parked_at: now(), event: EventId::new(fresh("x")).unwrap(), ..overdue.clone() };
    fleet.records.park(&name_of(&recent), &recent).await.unwrap();
    let expire = cloud_event(&fresh("expire"), "flotilla.expire.v1", &json!({}));
    fleet.ingest(&[expire]).await;
    let letter = fleet.letter("Ingestion", overdue.event.as_str()).await;
    assert_eq!(letter.code, "expired");
    let name = name_of(&overdue);
    assert!(letter.reason.contains(&name.to_string()), "{}", letter.reason);
    until("the given up event to be forgotten", PATIENCE, || async {
        fleet.records.parked(&name).await.unwrap().is_empty().then_some(())
    })
    .await;
    let waiting = fleet.records.parked(&name_of(&recent)).await.unwrap();
    assert_eq!(waiting.len(), 1, "not overdue");
}
