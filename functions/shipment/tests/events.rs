//! Every message body of `events/send` does here what it is a sample of.
#![allow(clippy::unwrap_used, reason = "a test's helpers stop the test")]

use flotilla_shipment::Invalid;
use flotilla_shipment::decide::decide;
use flotilla_shipment::inbound::{self, Inbound, TypeError};
use flotilla_shipment::memory::{Folded, Memory, ShipmentState, outcome};
use flotilla_shipment::payload::Normalised;
use flotilla_shipment::places::Places;
use flotilla_shipment::policy::Policy;
use flotilla_shipment::process::{is_ready, normalise};
use flotilla_shipment::slot::{Booking, Generation, Slot, SlotStatus};
use flotilla_task::{EventId, TaskId};
use jiff::Timestamp;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../events/send")
}

fn body(name: &str) -> Value {
    let text = fs::read_to_string(folder().join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn read(body: &Value) -> Result<Inbound, Invalid> {
    let kind = inbound::kind_of(body["type"].as_str().unwrap()).unwrap();
    inbound::read(kind, &body["data"].to_string())
}

/// Samples are fixed, so they are read at a fixed time.
fn now() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

fn run(body: &Value, memory: Option<&Memory>) -> Result<Normalised, Invalid> {
    let received = read(body)?.received;
    assert!(is_ready(&received, memory));
    normalise(&received, memory, &Places::bundled().unwrap(), now())
}

#[test]
fn the_good_samples_tell_a_shipments_story() {
    let policy = Policy::bundled().unwrap();
    let places = Places::bundled().unwrap();
    let mut memory: Option<Memory> = None;
    let mut story = Vec::new();
    for name in [
        "order.json",
        "order-amended.json",
        "tracking-picked-up.json",
        "epcis-packed.json",
        "dcsa-departed.json",
        "dcsa-estimated.json",
        "tracking-delayed.json",
        "tracking-delivered.json",
    ] {
        let body = body(name);
        let normalised = run(&body, memory.as_ref()).unwrap();
        let event = EventId::new(body["id"].as_str().unwrap()).unwrap();
        let task = TaskId::new(format!("task-{event}")).unwrap();
        let decision = decide(&policy, &places, &normalised, &[], &task);
        let booked = decision.action.booking().map(|choice| Booking {
            carrier: choice.carrier.clone(),
            service: choice.service.clone(),
            via: choice.via.clone(),
            reference: "X-1".into(),
            cost_cents: choice.cost_cents,
        });
        story.push(match &booked {
            Some(b) => format!("{} {}/{}", decision.action.kind(), b.carrier, b.service),
            None => decision.action.kind().to_owned(),
        });
        let before = memory.take();
        let slot = before.as_ref().map_or_else(Slot::default, |memory| memory.slot.clone());
        let slot = match &booked {
            Some(booking) => Slot {
                generation: slot.generation.next(),
                status: SlotStatus::Live { booking: booking.clone(), task: task.clone() },
            },
            None => slot,
        };
        let concluded = normalised.decided(decision).conclude(booked, false);
        let state = before.as_ref().map(|memory| &memory.state);
        let Folded::Changed(state) = ShipmentState::fold(state, &concluded, &task) else {
            panic!("{name} was stale");
        };
        memory = Some(Memory { state: *state, slot });
    }
    let (first, rest) = story.split_first().unwrap();
    let (last, kept) = rest.split_last().unwrap();
    let (rebooked, kept) = kept.split_last().unwrap();
    assert_eq!(
        (first.as_str(), rebooked.as_str()),
        ("book tortoise/economy", "rebook steady/standard")
    );
    assert!(last == "keep" && kept.iter().all(|decided| decided == "keep"), "{story:?}");
    let memory = memory.unwrap();
    assert_eq!(memory.slot.generation, Generation(2));
    let order = memory.state.order.as_ref().unwrap();
    assert_eq!(order.value.ids.len(), 3, "the amended order brought a waybill");
    assert_eq!(order.value.facts.weight_g, 3600 + 227);
    let outcome = outcome(&memory.state).unwrap();
    assert_eq!((outcome.carrier.as_str(), outcome.on_time), ("steady", true));
    let kept = serde_json::to_string(&memory.state).unwrap();
    assert!(!kept.contains("Erika") && !kept.contains("Storm"), "{kept}");
}

#[test]
fn the_malformed_samples_are_refused_for_the_reason_in_their_name() {
    // Each with the stage that finds it.
    let table = [
        (
            "negative-weight.json",
            "processing",
            "items[1].weight.value: must not be negative, got -3 kg",
        ),
        (
            "impossible-times.json",
            "processing",
            "promised: must be after ordered_at 2026-11-20T08:00:00Z, got 2026-11-19T17:00:00Z",
        ),
        ("missing-field.json", "ingestion", "items[0].weight.unit: missing"),
        (
            "wrong-check-digit.json",
            "ingestion",
            "identifiers[0].value: wrong check digit in SSCC 003456789012345675: expected 0, got 5",
        ),
        (
            "aggregation-contains-itself.json",
            "ingestion",
            "childEPCs[2]: expected what is in the parent, got the parent itself",
        ),
        (
            "wrong-container-number.json",
            "ingestion",
            "equipmentReference: wrong check digit in container CSQU3054384: expected 3, got 4",
        ),
        ("dcsa-without-time.json", "ingestion", "eventDateTime: missing"),
        (
            "wrong-currency.json",
            "processing",
            "items[0].value.currency: expected a currency code of three capital letters such as EUR, got \"euro\"",
        ),
        (
            "unknown-unit.json",
            "processing",
            "items[0].weight.unit: expected kg, g, lb or oz, got \"stone\"",
        ),
    ];
    for (name, stage, reason) in table {
        let body = body(&format!("bad/{name}"));
        let error = match read(&body) {
            Err(error) => {
                assert_eq!(stage, "ingestion", "{name}");
                error
            }
            Ok(_) => {
                assert_eq!(stage, "processing", "{name}");
                run(&body, None).unwrap_err()
            }
        };
        assert_eq!(error.to_string(), reason, "{name}");
    }
    let of = |name: &str| {
        let body = body(&format!("bad/{name}"));
        inbound::kind_of(body["type"].as_str().unwrap())
    };
    assert!(matches!(of("unknown-type.json"), Err(TypeError::Unknown(_))));
    assert!(matches!(of("newer-version.json"), Err(TypeError::Newer { version: 2, .. })));
    // The envelope's faults are found before this crate is asked.
    assert!(body("bad/not-cloudevent.json").get("specversion").is_none());
    let text = fs::read_to_string(folder().join("bad/not-json.txt")).unwrap();
    assert!(serde_json::from_str::<Value>(&text).is_err());
    let known = 14;
    assert_eq!(
        fs::read_dir(folder().join("bad")).unwrap().count(),
        known,
        "a sample without a test"
    );
}

#[test]
fn an_event_from_the_future_is_refused() {
    let order = body("order.json");
    let normalised = run(&order, None).unwrap();
    let task = TaskId::new("t").unwrap();
    let (policy, places) = (Policy::bundled().unwrap(), Places::bundled().unwrap());
    let decision = decide(&policy, &places, &normalised, &[], &task);
    let concluded = normalised.decided(decision).conclude(None, false);
    let Folded::Changed(state) = ShipmentState::fold(None, &concluded, &task) else {
        panic!("the first is never stale");
    };
    let memory = Memory { state: *state, slot: Slot::default() };
    let error = run(&body("bad/from-the-future.json"), Some(&memory)).unwrap_err();
    assert_eq!(error.field, "occurred_at");
    assert!(error.problem.contains("in the future"), "{error}");
}
