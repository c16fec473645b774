//! What the recorded messages mean.

use flotilla_shipment::inbound::{self, Contents, Packing, Subject};
use flotilla_shipment::payload::{RawTracking, Received};
use flotilla_task::envelope::Envelope;
use flotilla_task::message::check_type;
use flotilla_task::*;
use flotilla_tests::recorded::values;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Debug;

/// The messages between agents that this release writes: to each stage, of each
/// kind of event and of each action.
pub(crate) fn written() -> BTreeMap<String, Value> {
    let mut written = BTreeMap::new();
    let mut write = |stage: Stage, name: &str, payload: Result<Payload, Failure>| {
        let body = StageMessage { payload: payload.unwrap(), ..message(stage) };
        let body = serde_json::from_str(&body.to_json().unwrap()).unwrap();
        written.insert(format!("task-{stage}-{name}"), body);
    };
    write(Stage::Processing, "order", Payload::write(&values::received_order()));
    write(Stage::Processing, "tracking", Payload::write(&values::received_tracking()));
    write(Stage::Decision, "order", Payload::write(&values::normalised_order()));
    write(Stage::Decision, "tracking", Payload::write(&values::normalised_tracking()));
    for action in values::actions() {
        let name = action.kind();
        write(Stage::Communication, name, Payload::write(&values::decided(action)));
    }
    write(Stage::State, "order", Payload::write(&values::concluded_order()));
    write(Stage::State, "delivery", Payload::write(&values::concluded_delivery()));
    written
}

fn message(stage: Stage) -> StageMessage {
    StageMessage {
        task: values::concluding(),
        shipment: ShipmentId::new("SHP-000301").unwrap(),
        tenant: Some(Tenant::new("acme").unwrap()),
        stage,
        epoch: Epoch::new(7),
        resends: 1,
        hops: 3,
        trace: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
        payload: Payload::none(),
    }
}

/// Reads one as its receiver does, and compares.
pub(crate) fn means_what_it_meant(name: &str, body: &str) {
    let envelope = Envelope::parse(body).unwrap();
    match name.split_once('-') {
        Some(("task", what)) => {
            let (stage, what) = what.split_once('-').unwrap();
            let stage = Stage::from_name(stage).unwrap();
            let read = StageMessage::from_envelope(&envelope).unwrap();
            calls_for_work(stage, what, &read.payload);
            assert_eq!(read, StageMessage { payload: read.payload.clone(), ..message(stage) });
        }
        Some(("document", what)) => is_read(what, &envelope),
        Some(("call", what)) => {
            let kind = what.split('-').next().unwrap();
            check_type(&envelope.kind, &format!("flotilla.{kind}"), 1).unwrap();
        }
        _ => panic!("say what {name} means"),
    }
}

fn calls_for_work(stage: Stage, what: &str, payload: &Payload) {
    match (stage, what) {
        (Stage::Processing, "order") => is(payload.read(), values::received_order()),
        (Stage::Processing, "tracking") => is(payload.read(), values::received_tracking()),
        (Stage::Decision, "order") => is(payload.read(), values::normalised_order()),
        (Stage::Decision, "tracking") => is(payload.read(), values::normalised_tracking()),
        (Stage::Communication, kind) => {
            let action = values::actions().into_iter().find(|action| action.kind() == kind);
            is(payload.read(), values::decided(action.unwrap()));
        }
        (Stage::State, "order") => is(payload.read(), values::concluded_order()),
        (Stage::State, "delivery") => is(payload.read(), values::concluded_delivery()),
        (Stage::Ingestion | Stage::Processing | Stage::Decision | Stage::State, _) => {
            panic!("say what {stage} is to make of {what}")
        }
    }
}

fn is<T: PartialEq + Debug>(read: Result<T, Failure>, meant: T) {
    assert_eq!(read.unwrap(), meant);
}

/// Documents from outside, as they wait on the queue or are parked.
fn is_read(what: &str, envelope: &Envelope<'_>) {
    let kind = inbound::kind_of(&envelope.kind).unwrap();
    let read = inbound::read(kind, envelope.data().unwrap()).unwrap();
    let tracking = |milestone: &str, at: &str, zone: Option<&str>, place: Option<&str>| {
        Received::Tracking(RawTracking {
            milestone: milestone.into(),
            occurred_at: at.into(),
            zone: zone.map(str::to_owned),
            place: place.map(str::to_owned),
            estimated_arrival: None,
            estimated_for: None,
            withdraws: None,
        })
    };
    let loads = |loads: &[&str], packing| Subject::Loads {
        loads: loads.iter().map(|load| values::of(load)).collect(),
        packing,
    };
    match what {
        "order" => {
            let Received::Order(order) = values::received_order() else { panic!("an order") };
            let names = order.ids.clone();
            let shipment = ShipmentId::new("SHP-000123").unwrap();
            assert_eq!(read.subject, Subject::Order { shipment, names });
            assert_eq!(json!(read.contact), json!({"name": "Ada Personal"}));
            let bare = Received::Order(order);
            assert_eq!(read.received.in_zone(Some("Europe/Berlin")), bare);
        }
        "tracking" => {
            let Received::Tracking(meant) = values::received_tracking() else { panic!("tracking") };
            let meant = RawTracking { estimated_for: None, withdraws: None, ..meant };
            assert_eq!(read.subject, loads(&["booking:BKR-77"], None));
            assert_eq!(read.received.in_zone(Some("+01:00")), Received::Tracking(meant));
        }
        "epcis" => {
            let parent = values::of("container:CSQU3054383");
            let packed = [values::of("sscc:003456789012345670")];
            let contents = Contents::These(packed.to_vec());
            let packing = Some(Packing { parent, contents, inside: true });
            assert_eq!(
                read.subject,
                loads(&["container:CSQU3054383", "sscc:003456789012345670"], packing)
            );
            let place = Some("https://id.example.com/414/9521234000013");
            let meant = tracking("seen", "2026-11-20T18:40:00+01:00", None, place);
            assert_eq!(read.received, meant);
            assert_eq!(envelope.after.as_deref(), Some("SHP-000122"));
            assert_eq!(envelope.hops, Some(2));
        }
        "dcsa" => {
            assert_eq!(read.subject, loads(&["booking:BKR-77", "container:CSQU3054383"], None));
            let meant = tracking("departed", "2026-11-20T19:10:00+01:00", None, Some("NLRTM"));
            assert_eq!(read.received, meant);
        }
        _ => panic!("say what document {what} means"),
    }
}
