//! The whole way, from an event in the ingestion queue to what is booked and remembered.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops by panicking")]

use flotilla_runtime::table::item::Fields;
use flotilla_shipment::answers::{Answers, Page};
use flotilla_shipment::identifier::{Identifier, Scheme};
use flotilla_shipment::ports::{Lanes, Parking};
use flotilla_shipment::week::Week;
use flotilla_task::{Payload, ReasonCode, ShipmentId, Stage, StageMessage, StatusKind};
use flotilla_tests::{
    Fleet, PATIENCE, batch, cloud_event, fresh, in_hours, now, order, order_data, renamed, task_of,
    tracking, until,
};
use serde_json::{Value, json};

/// A shipment of its own, its booking reference, and the order that makes it.
struct Case {
    fleet: Fleet,
    shipment: String,
    reference: String,
    ordered: String,
}

impl Case {
    async fn new() -> Self {
        let fleet = Fleet::connect().await;
        Self { fleet, shipment: fresh("SHP"), reference: fresh("BKR"), ordered: fresh("order") }
    }

    fn order(&self) -> String {
        order(&self.ordered, &self.shipment, &self.reference, 60)
    }

    /// With its order booked.
    async fn booked() -> Self {
        let case = Self::new().await;
        case.fleet.ingest(&[case.order()]).await;
        case.fleet.completed(&task_of(&case.ordered, &case.shipment)).await;
        case
    }

    /// Sends a tracking event, waits until its task is completed, and says what was decided.
    async fn tracked(&self, event: &str, milestone: &str, more: &Value) -> Value {
        self.fleet.ingest(&[tracking(event, &self.reference, milestone, more)]).await;
        let record = self.fleet.completed(&task_of(event, &self.shipment)).await;
        self.fleet.logged(&record).await
    }

    async fn known(&self) -> Value {
        self.fleet
            .records
            .known(&ShipmentId::new(&self.shipment).unwrap(), &Page::default())
            .await
            .unwrap()
    }

    async fn tasks(&self) -> usize {
        let items = self.fleet.items_with(&format!("\"{}\"", self.shipment)).await;
        items.iter().filter(|item| Fields(item).text("sk").unwrap() == "TASK").count()
    }
}

fn action(logged: &Value) -> &Value {
    &logged["decision"]["action"]
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn an_order_is_booked_once_and_remembered() {
    let case = Case::booked().await;
    let bookings = case.fleet.bookings(&case.shipment).await;
    assert_eq!(bookings.len(), 1, "{bookings:?}");
    assert_eq!(bookings[0]["status"], "live");
    assert_eq!(bookings[0]["key"], format!("{}/main/1", case.shipment));
    let known = case.known().await;
    assert_eq!(known["slot"]["status"]["booking"]["reference"], bookings[0]["reference"]);
    assert_eq!(known["decisions"].as_array().unwrap().len(), 1, "{known}");
    let notices = case.fleet.ledger("notices", &case.shipment).await;
    assert_eq!(notices.len(), 1, "{notices:?}");
}

/// The messages of all stages are looked at where they come to rest: one that
/// processing refused, one that waits at communication, and the decision log.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_contact_stands_in_the_contact_item_and_nowhere_else() {
    let (case, person, begun) = (Case::new().await, fresh("person"), now());
    let fleet = &case.fleet;
    let changed = |event: &str, change: &dyn Fn(&mut Value)| {
        let mut data = order_data(&fresh("SHP"), &fresh("BKR"), 60);
        data["contact"] = json!({"name": person, "email": format!("{person}@example.org"),
            "phone": person, "address": format!("{person} Street 1")});
        change(&mut data);
        let shipment = data["shipment"].as_str().unwrap().to_owned();
        (task_of(event, &shipment), cloud_event(event, "flotilla.order.v1", &data))
    };
    let (good, held, bad) = (fresh("order"), fresh("order"), fresh("order"));
    let (good, good_order) = changed(&good, &|_| {});
    let (held, held_order) = changed(&held, &|d| d["items"][0]["value"]["currency"] = "XXX".into());
    let (bad, bad_order) = changed(&bad, &|d| d["promised"] = in_hours(-2).into());
    fleet.ingest(&[good_order, held_order, bad_order]).await;

    fleet.completed(&good).await;
    let held = fleet.ended(&held).await;
    assert_eq!((held.stage, held.status.kind()), (Stage::Communication, StatusKind::Held));
    assert_eq!(held.reason.as_ref().unwrap().code, ReasonCode::Policy);
    let at_communication = StageMessage::stored_in(&held).to_json().unwrap();
    assert!(!at_communication.contains(&person), "{at_communication}");
    let at_processing = fleet.letter("Processing", bad.as_str()).await.body;
    assert!(!at_processing.contains(&person), "{at_processing}");

    let items = fleet.items_with(&person).await;
    let sorts: Vec<_> = items.iter().map(|item| Fields(item).text("sk").unwrap()).collect();
    assert_eq!(sorts, ["CONTACT"; 2], "an order that makes no sense leaves nothing behind");
    let mut logged = String::new();
    for agent in ["Ingestion", "Processing", "Decision", "Communication", "State"] {
        logged.push_str(&fleet.logs(agent, begun).await);
    }
    assert!(logged.contains(good.as_str()), "the logs are there");
    assert!(!logged.contains(&person), "the contact is in the logs");
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn the_same_event_again_is_one_task_and_one_booking() {
    let case = Case::new().await;
    case.fleet.ingest(&[case.order(), case.order(), case.order()]).await;
    let first = case.fleet.completed(&task_of(&case.ordered, &case.shipment)).await;
    // Once more, long after: as Lambda calls it, to know when it was worked on.
    let answer = case.fleet.invoke("Ingestion", &batch(&[case.order()], 1)).await;
    assert_eq!(answer["batchItemFailures"], json!([]));
    assert_eq!(case.tasks().await, 1);
    assert_eq!(case.fleet.bookings(&case.shipment).await.len(), 1);
    let after = case.fleet.completed(&first.id).await;
    assert_eq!(after, first, "a duplicate changes nothing");
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_delay_rebooks_and_exactly_one_booking_is_live() {
    let case = Case::booked().await;
    let late = json!({"estimated_arrival": in_hours(200)});
    let logged = case.tracked(&fresh("track"), "delayed", &late).await;
    assert!(action(&logged)["rebook"].is_object(), "{logged}");
    let bookings = case.fleet.bookings(&case.shipment).await;
    let told: Vec<_> = bookings.iter().map(|b| (&b["generation"], &b["status"])).collect();
    assert_eq!(told, [(&json!(1), &json!("cancelled")), (&json!(2), &json!("live"))]);
    let known = case.known().await;
    assert_eq!(known["slot"]["status"]["booking"]["reference"], bookings[1]["reference"]);
}

/// Each decides on the booking it saw; the slot's version lets one of them book.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn twenty_delays_at_the_same_moment_leave_one_live_booking() {
    let case = Case::booked().await;
    let events: Vec<_> = (0..20).map(|_| fresh("track")).collect();
    let late = json!({"estimated_arrival": in_hours(200), "occurred_at": in_hours(0)});
    let body = |event: &String| tracking(event, &case.reference, "delayed", &late);
    case.fleet.ingest(&events.iter().map(body).collect::<Vec<_>>()).await;
    for event in &events {
        case.fleet.completed(&task_of(event, &case.shipment)).await;
    }
    let live = case.fleet.live(&case.shipment).await;
    assert_eq!(live.len(), 1, "{live:?}");
    let known = case.known().await;
    assert_eq!(known["slot"]["status"]["booking"]["reference"], live[0]["reference"]);
    // A rescue is taken back only by one that is faster by hours.
    let bookings = case.fleet.bookings(&case.shipment).await;
    assert!(bookings.len() <= 3, "{bookings:?}");
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn an_event_before_its_order_waits_for_it_and_is_released() {
    let (case, event) = (Case::new().await, fresh("track"));
    let identifier = Identifier::new(Scheme::Booking, &case.reference).unwrap();
    case.fleet.ingest(&[tracking(&event, &case.reference, "picked_up", &json!({}))]).await;
    let parked = until("the event to be parked", PATIENCE, || async {
        Some(case.fleet.records.parked(&identifier).await.unwrap()).filter(|all| !all.is_empty())
    })
    .await;
    assert_eq!(parked[0].event.as_str(), event);
    assert_eq!(case.tasks().await, 0);
    case.fleet.ingest(&[case.order()]).await;
    case.fleet.completed(&task_of(&event, &case.shipment)).await;
    assert!(case.fleet.records.parked(&identifier).await.unwrap().is_empty());
}

/// What the carrier calls its booking is known only once it is booked.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn an_event_that_waits_for_a_carriers_reference_is_released_by_its_booking() {
    let (fleet, event, reference) = (Fleet::connect().await, fresh("track"), fresh("ST"));
    let identifier = Identifier::new(Scheme::Booking, &reference).unwrap();
    fleet.ingest(&[tracking(&event, &reference, "departed", &json!({}))]).await;
    until("the event to be parked", PATIENCE, || async {
        (!fleet.records.parked(&identifier).await.unwrap().is_empty()).then_some(())
    })
    .await;
    let mut booked = renamed("state/booked.json");
    let json = booked.payload.as_json().replace("ST-500501", &reference);
    booked.payload = Payload::from_json(json);
    fleet.seed(&booked, now()).await;
    fleet.send("StateQueueUrl", &booked.to_json().unwrap()).await;
    fleet.completed(&booked.task).await;
    fleet.completed(&task_of(&event, booked.shipment.as_str())).await;
    assert!(fleet.records.parked(&identifier).await.unwrap().is_empty());
}

/// An event that is parked while its order looks for parked events is neither
/// found by the order nor left behind: ingestion parks, then looks again.
#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn events_at_the_same_moment_as_their_orders_are_never_left_behind() {
    let fleet = Fleet::connect().await;
    let (mut bodies, mut tasks, mut waiting) = (Vec::new(), Vec::new(), Vec::new());
    for at in 0..40 {
        let (shipment, reference) = (fresh("SHP"), fresh("BKR"));
        let (ordered, tracked) = (fresh("order"), fresh("track"));
        let mut data = order_data(&shipment, &reference, 60);
        // The shortest way from the index to the look at what is parked.
        data.as_object_mut().unwrap().remove("contact");
        bodies.push(cloud_event(&ordered, "flotilla.order.v1", &data));
        bodies.push(tracking(&tracked, &reference, "picked_up", &json!({})));
        if at % 2 == 0 {
            let last = bodies.len() - 1;
            bodies.swap(last, last - 1);
        }
        tasks.extend([task_of(&ordered, &shipment), task_of(&tracked, &shipment)]);
        waiting.push(Identifier::new(Scheme::Booking, &reference).unwrap());
    }
    fleet.ingest(&bodies).await;
    for task in &tasks {
        fleet.completed(task).await;
    }
    for identifier in &waiting {
        assert!(fleet.records.parked(identifier).await.unwrap().is_empty(), "{identifier}");
    }
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn an_older_milestone_that_comes_later_does_not_win() {
    let case = Case::booked().await;
    let (newer, older) = (fresh("track"), fresh("track"));
    let arrived = json!({"place": "DEHAM"});
    case.tracked(&newer, "arrived", &arrived).await;
    let before = case.known().await;
    // Late beyond rescue, had it been the newest word.
    let late = json!({"occurred_at": in_hours(-1), "place": "NLRTM",
        "estimated_arrival": in_hours(200)});
    let logged = case.tracked(&older, "delayed", &late).await;
    assert_eq!(action(&logged), "keep", "{logged}");
    let after = case.known().await;
    assert_eq!(after["state"]["position"], before["state"]["position"]);
    assert_eq!(after["state"]["position"]["value"]["milestone"], "arrived");
    assert_eq!(after["state"]["last"], before["state"]["last"]);
    assert_eq!(case.fleet.bookings(&case.shipment).await.len(), 1);
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn a_delivery_is_learned_once_even_under_two_event_ids() {
    let case = Case::new().await;
    let (origin, destination) = (place("QM"), place("QN"));
    let mut data = order_data(&case.shipment, &case.reference, 60);
    data["origin"] = origin.as_str().into();
    data["destination"] = destination.as_str().into();
    let ordered = cloud_event(&case.ordered, "flotilla.order.v1", &data);
    case.fleet.ingest(&[ordered]).await;
    case.fleet.completed(&task_of(&case.ordered, &case.shipment)).await;
    for _ in 0..2 {
        let event = fresh("track");
        let same = tracking(&event, &case.reference, "delivered", &json!({}));
        case.fleet.ingest(&[same.clone(), same]).await;
        case.fleet.completed(&task_of(&event, &case.shipment)).await;
    }
    let (origin, destination) = (origin.parse().unwrap(), destination.parse().unwrap());
    let week = Week::of(jiff::Timestamp::now());
    // The test may run over midnight between two weeks.
    let weeks = week.before(1)..=week.before(-1);
    let lanes = case.fleet.records.lane(&origin, &destination, weeks).await.unwrap();
    assert_eq!(lanes.len(), 1, "{lanes:?}");
    let learned = lanes[0].sums;
    assert_eq!((learned.count, learned.on_time), (1, 1), "{lanes:?}");
    let cost = case.fleet.bookings(&case.shipment).await[0]["cost_cents"].clone();
    assert_eq!(json!(learned.cost_cents), cost, "what it really cost");
}

/// A place that no other test uses, so that its lane is this test's alone.
fn place(country: &str) -> String {
    let letters = std::iter::repeat_with(|| fastrand::char('A'..='Z'));
    country.chars().chain(letters.take(3)).collect()
}
