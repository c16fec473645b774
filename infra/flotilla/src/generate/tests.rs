#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use super::*;
use flotilla_shipment::inbound::{self, Kind, Subject};
use flotilla_task::envelope::Envelope;
use std::collections::{BTreeMap, BTreeSet};

fn settings() -> Settings {
    Settings {
        shipments: 300,
        events: 2000,
        seed: 7,
        run: "t".to_owned(),
        until: "2026-11-27T08:00:00Z".parse().unwrap(),
    }
}

/// What the shape of a body says, without the fleet.
fn read(body: &str) -> Result<inbound::Inbound, String> {
    let envelope = Envelope::parse(body).map_err(|reason| reason.to_string())?;
    let kind = inbound::kind_of(&envelope.kind).map_err(|error| error.to_string())?;
    inbound::read(kind, envelope.data().unwrap()).map_err(|error| error.to_string())
}

#[test]
fn the_same_seed_is_the_same_day_and_another_is_another() {
    let day = plan(&settings()).unwrap();
    assert_eq!(day, plan(&settings()).unwrap());
    assert_ne!(day.bodies, plan(&Settings { seed: 8, ..settings() }).unwrap().bodies);
}

#[test]
fn another_run_shares_no_name_with_the_first() {
    let names = |run: &str| -> BTreeSet<_> {
        let day = plan(&Settings { run: run.to_owned(), ..settings() }).unwrap();
        day.entries.iter().flat_map(|e| [e.event.clone(), e.shipment.clone()]).flatten().collect()
    };
    assert!(names("a").is_disjoint(&names("b")));
}

#[test]
fn the_numbers_are_those_that_were_asked_for() {
    let day = plan(&settings()).unwrap();
    assert_eq!(day.entries.len(), 2000);
    assert_eq!(day.entries.iter().filter(|e| e.what == "order").count(), 300);
    assert!(day.messages.len() > 2050, "duplicates come on top: {}", day.messages.len());
    let bodies: BTreeSet<_> = day.entries.iter().map(|e| &e.body_hash).collect();
    assert_eq!(bodies.len(), 2000, "each body is found again by its hash");
    assert!(day.messages.iter().all(|m| (0.0..=1.0).contains(&m.share)));
    let error = plan(&Settings { events: 100, ..settings() }).unwrap_err().to_string();
    assert!(error.contains("--events 100: 300 shipments need at least"), "{error}");
    plan(&Settings { shipments: 3, events: 40, ..settings() }).unwrap();
}

#[test]
fn every_good_message_is_one_and_every_bad_one_is_none() {
    let day = plan(&settings()).unwrap();
    for (entry, body) in day.entries.iter().zip(&day.bodies) {
        assert!(body.len() <= 1_048_576, "{}: {}", entry.label(), body.len());
        match &entry.expected {
            Fate::Task | Fate::Parked => {
                let inbound = read(body).unwrap_or_else(|e| panic!("{}: {e}", entry.label()));
                let is_order = matches!(inbound.subject, Subject::Order { .. });
                assert_eq!(is_order, entry.what == "order");
                assert!(body.len() < 65_536);
            }
            Fate::Rejected { codes } => {
                // Values are judged later than shapes; what is odd about these is a value.
                let values = ["promised before ordered", "30 February", "hour 25"];
                let values = [&values[..], &["negative weight", "unknown milestone"]].concat();
                let values =
                    [&values[..], &["above 64 KiB", "in the next century", "400 days old"]];
                let by_value = values.concat().contains(&entry.what.as_str());
                assert_eq!(read(body).is_ok(), by_value, "{}: {codes:?}", entry.label());
            }
        }
    }
}

#[test]
fn all_kinds_of_trouble_are_in_it() {
    let day = plan(&settings()).unwrap();
    let mut kinds: BTreeMap<_, u32> = BTreeMap::new();
    for entry in &day.entries {
        *kinds.entry(entry.what.as_str()).or_default() += 1;
    }
    for kind in [
        "not JSON",
        "half a message",
        "not a CloudEvent",
        "a JSON list",
        "unknown type",
        "newer version",
        "promised before ordered",
        "30 February",
        "hour 25",
        "negative weight",
        "in the next century",
        "400 days old",
        "no destination",
        "no items",
        "no identifier",
        "wrong check digit",
        "unknown milestone",
        "above 64 KiB",
        "1 MiB",
        "orphan",
        "delayed",
        "damaged",
        "delivered",
    ] {
        assert!(kinds.contains_key(kind), "{kind} in {kinds:?}");
    }
    assert!(kinds["delayed"] > 30, "{kinds:?}");
    assert_eq!((kinds["newer version"], kinds["1 MiB"]), (1, 1));
    let largest = day.entries.iter().find(|e| e.what == "1 MiB").unwrap();
    assert_eq!(largest.bytes, 1_048_576);
}

#[test]
fn tracking_overtakes_orders_and_later_milestones_and_some_come_twice() {
    let day = plan(&settings()).unwrap();
    let mut ordered = BTreeSet::new();
    let (mut before, mut older) = (0, 0);
    let mut newest: BTreeMap<&str, String> = BTreeMap::new();
    let mut copies: BTreeMap<usize, u32> = BTreeMap::new();
    for message in &day.messages {
        *copies.entry(message.entry).or_default() += 1;
        let entry = &day.entries[message.entry];
        let (Some(shipment), Fate::Task) = (entry.shipment.as_deref(), &entry.expected) else {
            continue;
        };
        if entry.what == "order" {
            ordered.insert(shipment);
            continue;
        }
        before += u32::from(!ordered.contains(shipment));
        let body: serde_json::Value = serde_json::from_str(&day.bodies[message.entry]).unwrap();
        let at = body["data"]["occurred_at"].as_str().unwrap().to_owned();
        let last = newest.entry(shipment).or_insert_with(|| at.clone());
        older += u32::from(at < *last);
        *last = at.max(last.clone());
    }
    assert!(before > 20, "{before} before their order");
    assert!(older > 40, "{older} older than one before");
    assert!(copies.values().any(|n| *n == 3) && copies.values().filter(|n| **n == 2).count() > 50);
}

#[test]
fn nothing_happens_after_the_end_of_the_day() {
    let day = plan(&settings()).unwrap();
    for (entry, body) in day.entries.iter().zip(&day.bodies) {
        if entry.expected == Fate::Task {
            let body: serde_json::Value = serde_json::from_str(body).unwrap();
            let time: Timestamp = body["time"].as_str().unwrap().parse().unwrap();
            assert!(time <= settings().until, "{}", entry.label());
            if entry.what == "delayed" {
                let estimate = body["data"]["estimated_arrival"].as_str().unwrap();
                assert!(estimate.parse::<Timestamp>().unwrap() > time);
            }
        }
    }
}

#[test]
fn check_digits_are_right() {
    use flotilla_shipment::identifier::{Identifier, Scheme};
    for serial in [0, 1, 99, 123_456_789, 987_654_321_987] {
        Identifier::new(Scheme::Sscc, &sscc(serial)).unwrap();
    }
    let day = plan(&settings()).unwrap();
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    for (entry, body) in day.entries.iter().zip(&day.bodies) {
        if entry.what == "order" {
            let envelope = Envelope::parse(body).unwrap();
            let order = inbound::read(Kind::Order, envelope.data().unwrap()).unwrap();
            let Subject::Order { names, .. } = order.subject else { panic!("an order") };
            for identifier in names {
                let owner = entry.shipment.clone().unwrap();
                assert_eq!(owners.insert(identifier.index_key(), owner), None);
            }
        }
    }
}
