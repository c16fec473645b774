#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod model;

use super::*;
use crate::books::Fate;
use flotilla_shipment::inbound::{self, Inbound, Kind, Subject};
use flotilla_shipment::places::Places;
use flotilla_shipment::process::check;
use flotilla_task::envelope::Envelope;
use model::Model;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

fn settings() -> Settings {
    Settings {
        shipments: 300,
        events: 2000,
        seed: 7,
        run: "t".to_owned(),
        until: "2026-11-27T08:00:00Z".parse().unwrap(),
        crowd: Crowd::default(),
    }
}

/// An event as the fleet's readers take it, or why they do not.
type Read = Result<Inbound, String>;

/// What the readers make of a message: each of its events by itself. Values are
/// judged, too, as far as that needs no more than the event.
fn read(body: &str) -> Result<Vec<Read>, String> {
    let envelope = Envelope::parse(body).map_err(|reason| reason.to_string())?;
    let kind = inbound::kind_of(&envelope.kind).map_err(|error| error.to_string())?;
    let data = envelope.data().unwrap();
    if data.len() > 65_536 {
        return Err("too large".to_owned());
    }
    let time: Timestamp = envelope.time.as_deref().unwrap().parse().unwrap();
    if time.as_second() < settings().until.as_second() - 30 * 86_400 {
        return Err("before the horizon".to_owned());
    }
    let pieces = inbound::pieces(kind, data, 50).map_err(|error| error.to_string())?;
    let pieces = pieces.unwrap_or_else(|| vec![data.to_owned()]);
    Ok(pieces.iter().map(|piece| read_one(kind, piece)).collect())
}

fn places() -> &'static Places {
    static PLACES: OnceLock<Places> = OnceLock::new();
    PLACES.get_or_init(|| Places::bundled().unwrap())
}

fn read_one(kind: Kind, piece: &str) -> Read {
    let inbound = inbound::read(kind, piece).map_err(|error| error.to_string())?;
    check(&inbound.received, places(), settings().until).map_err(|error| error.to_string())?;
    Ok(inbound)
}

/// Every message with what the readers make of it.
fn all(day: &Plan) -> impl Iterator<Item = (&Entry, &str, Result<Vec<Read>, String>)> {
    day.entries.iter().zip(&day.bodies).map(|(entry, body)| (entry, body.as_str(), read(body)))
}

fn events(day: &Plan) -> impl Iterator<Item = &Event> {
    day.entries.iter().flat_map(|entry| &entry.events)
}

/// How many different events a day has.
fn different(day: &Plan) -> usize {
    let names: BTreeSet<_> = events(day).filter_map(|event| event.id.as_deref()).collect();
    names.len() + events(day).filter(|event| event.id.is_none()).count()
}

#[test]
fn the_same_seed_is_the_same_day_and_another_is_another() {
    let day = plan(&settings()).unwrap();
    assert_eq!(day, plan(&settings()).unwrap());
    assert_ne!(day.bodies, plan(&Settings { seed: 8, ..settings() }).unwrap().bodies);
}

#[test]
fn another_run_shares_no_name_with_the_first() {
    let names = |run: &str| -> BTreeSet<String> {
        let day = plan(&Settings { run: run.to_owned(), ..settings() }).unwrap();
        let mut names: BTreeSet<String> = events(&day).filter_map(|e| e.id.clone()).collect();
        names.extend(events(&day).flat_map(|e| e.expected.shipments().map(str::to_owned)));
        for (_, _, read) in all(&day) {
            for inbound in read.into_iter().flatten().flatten() {
                match inbound.subject {
                    Subject::Order { names: all, .. } | Subject::Loads { loads: all, .. } => {
                        names.extend(all.iter().map(|load| load.index_key()));
                    }
                    Subject::Nobody(_) => {}
                }
            }
        }
        names
    };
    let (first, second) = (names("a"), names("b"));
    assert!(first.len() > 2500, "{}", first.len());
    assert!(first.is_disjoint(&second), "{:?}", first.intersection(&second).next());
}

#[test]
fn the_numbers_are_those_that_were_asked_for() {
    let day = plan(&settings()).unwrap();
    assert_eq!(different(&day), 2000);
    assert_eq!(events(&day).filter(|event| event.what == "order").count(), 300);
    let copies = day.messages.len() - day.entries.len();
    assert!(copies > 60, "{copies} messages come again");
    let bodies: BTreeSet<_> = day.entries.iter().map(|e| &e.body_hash).collect();
    assert_eq!(bodies.len(), day.entries.len(), "each body is found again by its hash");
    assert!(day.messages.iter().all(|m| (0.0..=1.0).contains(&m.share)));
    let tasks: usize = events(&day).map(|event| event.expected.shipments().count()).sum();
    assert!((2000..3200).contains(&tasks), "{tasks} tasks are a load of about a minute");

    let error = plan(&Settings { events: 100, ..settings() }).unwrap_err().to_string();
    assert!(error.contains("--events 100: 300 shipments need at least"), "{error}");
    for (shipments, events) in [(3, 40), (1, 36), (40, 130), (40, 600), (300, 5000)] {
        let day = plan(&Settings { shipments, events, ..settings() }).unwrap();
        assert_eq!(different(&day), events as usize, "{shipments}/{events}");
    }
}

/// The readers know every event by the id that the books have, refuse those that
/// must be refused, alone, and take the others.
#[test]
fn every_good_event_is_read_under_its_id_and_every_bad_one_is_refused() {
    let day = plan(&settings()).unwrap();
    for (entry, body, read) in all(&day) {
        assert!(body.len() <= 1_048_576, "{:?}: {}", entry.events, body.len());
        let read = match read {
            Ok(read) => read,
            Err(problem) => {
                assert!(entry.is_bad() && entry.events.len() == 1, "{:?}: {problem}", entry.events);
                continue;
            }
        };
        assert_eq!(read.len(), entry.events.len(), "{:?}", entry.events);
        for (event, read) in entry.events.iter().zip(read) {
            let label = entry.label(event);
            match (&event.expected, read) {
                (Fate::Taken { .. }, Ok(inbound)) => {
                    let own = Envelope::parse(body).unwrap().id.into_owned();
                    let id = inbound.event.map_or(own, |id| id.to_string());
                    assert_eq!(event.id.as_ref(), Some(&id), "{label}");
                }
                (Fate::Rejected { .. }, Err(_)) => {}
                (Fate::Taken { .. }, Err(problem)) => panic!("{label}: {problem}"),
                (Fate::Rejected { codes }, Ok(_)) => panic!("{label}: not {codes:?}"),
            }
        }
    }
}

#[test]
fn bad_events_are_refused_for_what_is_wrong_with_them() {
    let day = plan(&settings()).unwrap();
    let mut problems: BTreeMap<String, String> = BTreeMap::new();
    for (entry, _, read) in all(&day) {
        for (event, read) in entry.events.iter().zip(read.into_iter().flatten()) {
            if let Err(problem) = read {
                problems.insert(event.what.clone(), problem);
            }
        }
    }
    for (what, words) in [
        ("SSCC with a wrong check digit", "wrong check digit in SSCC"),
        ("GLN with a wrong check digit", "wrong check digit in GLN"),
        ("container with a wrong check digit", "wrong check digit in container"),
        ("EPCIS event from the future", "in the future"),
        ("a pallet on itself", "got the parent itself"),
        ("DCSA event without a time", "eventDateTime: missing"),
        ("EPCIS event without an action", "expected ADD, OBSERVE or DELETE"),
        ("EPCIS event in no zone", "expected an offset"),
        ("DCSA event of an unknown type", "expected TRANSPORT, EQUIPMENT or SHIPMENT"),
    ] {
        let problem = problems.get(what).unwrap_or_else(|| panic!("{what} in {problems:?}"));
        assert!(problem.contains(words), "{what}: {problem}");
    }
}

#[test]
fn a_bad_event_stands_among_good_ones_too() {
    let day = plan(&settings()).unwrap();
    let among = |entry: &&Entry| {
        let good = |event: &Event| matches!(event.expected, Fate::Taken { .. });
        entry.is_bad() && entry.events.iter().any(good)
    };
    assert!(day.entries.iter().filter(among).count() >= 2);
}

/// Each event concerns those whom it concerns by the rules, as a small model of
/// them says, in whatever order the messages come.
#[test]
fn the_expectations_hold_by_the_rules_whatever_the_order_of_arrival() {
    let mut dice = fastrand::Rng::with_seed(3);
    for seed in [7, 8, 9] {
        let day = plan(&Settings { seed, ..settings() }).unwrap();
        let mut order: Vec<usize> = day.messages.iter().map(|message| message.entry).collect();
        let read: Vec<_> = day.bodies.iter().map(|body| read(body).unwrap_or_default()).collect();
        for round in 0..3 {
            let mut model = Model::default();
            for entry in &order {
                let events = day.entries[*entry].events.iter().zip(&read[*entry]);
                for (event, inbound) in
                    events.filter_map(|(e, read)| Some((e, read.as_ref().ok()?)))
                {
                    let name = day.entries[*entry].name(event).unwrap();
                    model.take(name, inbound);
                }
            }
            for entry in &day.entries {
                for event in &entry.events {
                    let Some(name) = entry.name(event) else { continue };
                    let Fate::Taken { shipments, waits } = &event.expected else { continue };
                    let label = format!("seed {seed}, round {round}: {}", entry.label(event));
                    assert_eq!(&model.tasks(name), shipments, "{label}");
                    assert_eq!(&model.waits(name), waits, "{label}");
                }
            }
            dice.shuffle(&mut order);
        }
    }
}

#[test]
fn all_kinds_of_events_and_of_trouble_are_in_it() {
    let day = plan(&settings()).unwrap();
    let mut kinds: BTreeMap<_, u32> = BTreeMap::new();
    for event in events(&day) {
        *kinds.entry(event.what.as_str()).or_default() += 1;
    }
    for (kind, least) in [
        ("not JSON", 1),
        ("half a message", 1),
        ("not a CloudEvent", 1),
        ("a JSON list", 1),
        ("unknown type", 1),
        ("newer version", 1),
        ("promised before ordered", 1),
        ("30 February", 1),
        ("hour 25", 1),
        ("negative weight", 1),
        ("in the next century", 1),
        ("400 days old", 1),
        ("no destination", 1),
        ("no items", 1),
        ("no identifier", 1),
        ("wrong check digit", 1),
        ("unknown milestone", 1),
        ("above 64 KiB", 1),
        ("1 MiB", 1),
        ("orphan", 5),
        ("delayed", 30),
        ("estimated", 30),
        ("damaged", 5),
        ("alarm", 2),
        ("measured", 10),
        ("withdrawn", 10),
        ("stopped", 2),
        ("delivered", 20),
        ("stacked", 4),
        ("packed", 10),
        ("unpacked", 8),
        ("gated in", 10),
        ("sailed", 10),
        ("discharged", 8),
        ("empty returned", 8),
        ("truck departed", 5),
        ("items only", 20),
    ] {
        let count = kinds.get(kind).copied().unwrap_or_default();
        assert!(count >= least, "{kind}: {count} in {kinds:?}");
    }
    assert_eq!((kinds["newer version"], kinds["1 MiB"]), (1, 1));
    let largest = day.entries.iter().find(|e| e.events[0].what == "1 MiB").unwrap();
    assert_eq!(largest.bytes, 1_048_576);
}

/// Both standards in their forms, beside the fleet's own documents.
#[test]
fn the_standards_are_spoken_in_all_their_forms() {
    let bodies = plan(&settings()).unwrap().bodies.join("\n");
    for (form, least) in [
        ("\"flotilla.epcis.v2\"", 400),
        ("\"flotilla.dcsa.v2\"", 100),
        ("\"flotilla.tracking.v1\"", 300),
        ("\"EPCISDocument\"", 100),
        ("\"EPCISQueryDocument\"", 10),
        ("\"data\":[{", 10),
        ("urn:epc:id:sscc:", 200),
        ("https://id.gs1.org/00/", 200),
        ("https://wms.example.com/goods/00/", 50),
        ("urn:epc:id:bic:", 20),
        ("urn:epc:id:sgln:", 100),
        ("https://id.gs1.org/414/", 100),
        ("\"geo:", 20),
        ("\"UNLocationCode\"", 100),
        ("\"latitude\"", 5),
        ("urn:epcglobal:cbv:bizstep:", 20),
        ("https://ref.gs1.org/cbv/BizStep-", 20),
        ("\"errorDeclaration\"", 10),
        ("\"sensorElementList\"", 10),
        ("\"ALARM_CONDITION\"", 2),
        ("\"AggregationEvent\"", 20),
        ("\"TransactionEvent\"", 3),
        ("\"TransformationEvent\"", 3),
        ("\"EQUIPMENT\"", 50),
        ("\"TRANSPORT\"", 50),
        ("\"SHIPMENT\"", 2),
        ("\"EST\"", 30),
        ("\"type\":\"bol\"", 5),
        ("\"example:shift\"", 50),
    ] {
        let count = bodies.matches(form).count();
        assert!(count >= least, "{form}: {count}");
    }
}

#[test]
fn events_overtake_orders_and_later_ones_and_some_come_twice() {
    let day = plan(&settings()).unwrap();
    let times: Vec<Option<Timestamp>> =
        day.bodies.iter().map(|body| Envelope::parse(body).ok()?.time?.parse().ok()).collect();
    let mut ordered = BTreeSet::new();
    let (mut before, mut older) = (0, 0);
    let mut newest: BTreeMap<&str, Timestamp> = BTreeMap::new();
    let mut copies: BTreeMap<usize, u32> = BTreeMap::new();
    for message in &day.messages {
        *copies.entry(message.entry).or_default() += 1;
        let Some(time) = times[message.entry] else { continue };
        for event in &day.entries[message.entry].events {
            for shipment in event.expected.shipments() {
                if event.what == "order" {
                    ordered.insert(shipment);
                    continue;
                }
                before += u32::from(!ordered.contains(shipment));
                let last = newest.entry(shipment).or_insert(time);
                older += u32::from(time < *last);
                *last = time.max(*last);
            }
        }
    }
    assert!(before > 20, "{before} before their order");
    assert!(older > 40, "{older} older than one before");
    assert!(copies.values().any(|n| *n == 3) && copies.values().filter(|n| **n == 2).count() > 50);
    let mut told: BTreeMap<&str, u32> = BTreeMap::new();
    for id in events(&day).filter_map(|event| event.id.as_deref()) {
        *told.entry(id).or_default() += 1;
    }
    assert!(told.values().filter(|n| **n == 2).count() >= 8, "in other messages, too");
}

#[test]
fn one_event_may_concern_several_shipments_and_wait_for_one_more() {
    let day = plan(&settings()).unwrap();
    let several = events(&day).filter(|event| event.expected.shipments().count() > 1).count();
    assert!(several > 100, "{several}");
    let waits = |event: &&Event| match &event.expected {
        Fate::Taken { shipments, waits } => !shipments.is_empty() && !waits.is_empty(),
        Fate::Rejected { .. } => false,
    };
    assert!(events(&day).filter(waits).count() >= 3);
}

#[test]
fn nothing_happens_after_the_end_of_the_day() {
    let day = plan(&settings()).unwrap();
    for (entry, body) in day.entries.iter().zip(&day.bodies).filter(|(entry, _)| !entry.is_bad()) {
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        let time: Timestamp = body["time"].as_str().unwrap().parse().unwrap();
        assert!(time <= settings().until, "{:?}", entry.events);
        if entry.events[0].what == "delayed" {
            let estimate = body["data"]["estimated_arrival"].as_str().unwrap();
            assert!(estimate.parse::<Timestamp>().unwrap() > time);
        }
    }
}

#[test]
fn check_digits_are_right_and_every_name_has_one_owner() {
    use flotilla_shipment::identifier::{Identifier, Scheme};
    for serial in [0, 1, 99, 123_456_789, 987_654_321_987] {
        Identifier::new(Scheme::Sscc, &sscc(serial)).unwrap();
    }
    let mut names = codes::Names::new("r");
    for _ in 0..500 {
        Identifier::new(Scheme::Container, &names.container()).unwrap();
    }
    let day = plan(&settings()).unwrap();
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    for (entry, _, read) in all(&day).filter(|(entry, ..)| !entry.is_bad()) {
        for inbound in read.into_iter().flatten().flatten() {
            let Subject::Order { names, shipment } = inbound.subject else { continue };
            assert_eq!(entry.events[0].expected, Fate::task(shipment.as_str()));
            for identifier in names {
                assert_eq!(owners.insert(identifier.index_key(), shipment.to_string()), None);
            }
        }
    }
}

#[test]
fn the_places_are_those_of_the_place_file() {
    let places = places();
    let known = |code: &str| places.get(&code.parse().unwrap()).is_some();
    for code in PLACES.iter().chain(&codes::OVERSEAS).chain(&codes::CALLS) {
        assert!(known(code), "{code}");
    }
    for (at, code) in PLACES.iter().enumerate() {
        let by_gln = places.get(&codes::gln(at + 1).parse().unwrap());
        assert_eq!(by_gln, places.get(&code.parse().unwrap()), "{code}");
    }
}

/// In a load test one tenant is ten times as loud as each other, a tenth of what
/// happens to single shipments happens to one, and nothing waits for long.
#[test]
fn a_crowd_is_as_uneven_as_it_was_asked_to_be() {
    let noisy = Some(Noisy { tenant: "globex", factor: 10 });
    let crowd = Crowd { noisy, hot_shipment: 10, hot_lane: 30, prompt: true };
    let crowded = Settings { crowd, ..settings() };
    let day = plan(&crowded).unwrap();
    assert_eq!(day, plan(&crowded).unwrap(), "the same seed is the same day");
    assert_eq!(different(&day), 2000);
    let orders =
        || day.entries.iter().zip(&day.tenants).filter(|(e, _)| e.events[0].what == "order");
    let loud = orders().filter(|(_, tenant)| **tenant == "globex").count();
    assert!((230..270).contains(&loud), "{loud} of 300, ten twelfths are 250");
    let mut about: BTreeMap<&str, u32> = BTreeMap::new();
    for shipment in events(&day).flat_map(|event| event.expected.shipments()) {
        *about.entry(shipment).or_default() += 1;
    }
    let mut most: Vec<u32> = about.into_values().collect();
    most.sort_unstable();
    assert!(most[299] > 80 && most[298] < 40, "{} and {}", most[299], most[298]);
    let hot = |body: &&String| {
        body.contains(r#""origin":"NLRTM""#) && body.contains(r#""destination":"DEBER""#)
    };
    let over = day.bodies.iter().filter(hot).count();
    assert!((80..140).contains(&over), "{over} of 300 orders go over the hot lane");
    let whats: BTreeSet<&str> = events(&day).map(|event| event.what.as_str()).collect();
    assert!(!whats.contains("newer version"), "{whats:?}");
    assert!(day.bodies.iter().all(|body| body.len() < 500_000), "none of the largest");
    for (_, body, read) in all(&day).filter(|(entry, ..)| !entry.is_bad()) {
        assert!(read.unwrap().iter().all(Result::is_ok), "{body}");
    }
}
