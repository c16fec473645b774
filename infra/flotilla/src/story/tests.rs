#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use super::*;
use crate::books::SlotItem;
use crate::books::{Booking, Entry, Event, Fate, Why};
use flotilla_task::Stage;
use serde_json::{Value, json};

fn decided(logged_at: u64, event: Value, action: Value, booking: Value) -> Decided {
    let concluded = serde_json::from_value(json!({
        "event": event,
        "known": {
            "from": "NLRTM", "to": "DEBER", "g": 2450, "value": "99.80 EUR",
            "promised": "2026-11-30T17:00:00Z", "level": "standard",
            "as_of": "2026-11-27T08:00:00Z", "slot": {"gen": 0},
        },
        "decision": {
            "action": action, "reason": "It is the cheapest that keeps the promise.",
            "options": ["tortoise/economy 781 2026-11-30T02:30Z safe"],
            "policy": "default@1", "decided_on": 0,
        },
        "booking": booking,
    }))
    .unwrap();
    Decided { shipment: "S1".to_owned(), logged_at, task: format!("t{logged_at}"), concluded }
}

fn task(id: &str, created_at: u64) -> Task {
    Task {
        id: id.to_owned(),
        shipment: "S1".to_owned(),
        source: "urn:s".to_owned(),
        event: id.to_owned(),
        stage: flotilla_task::Stage::State,
        status: StatusKind::Completed,
        attempts: 0,
        why: None,
        created_at,
        updated_at: 900,
        ended_at: Some(900),
    }
}

fn book() -> TableBook {
    let booking = |carrier: &str, reference: &str| json!({"carrier": carrier, "service": "economy", "reference": reference, "cost_cents": 781});
    let choice = |carrier: &str| json!({"carrier": carrier, "service": "economy", "cost": 781});
    TableBook {
        // Out of order, as a scan returns them.
        decisions: vec![
            decided(
                2,
                json!({"tracking": {"milestone": "picked_up", "at": "2026-11-27T09:00:00Z"}}),
                json!("keep"),
                Value::Null,
            ),
            decided(
                1,
                json!({"order": {"at": "2026-11-27T08:00:00Z", "ids": ["booking:BKR-77"]}}),
                json!({"book": choice("tortoise")}),
                booking("tortoise", "TO-1"),
            ),
            decided(
                3,
                json!({"tracking": {"milestone": "delayed", "at": "2026-11-28T08:00:00Z",
                       "place": "DEHAM", "eta": "2026-12-02T08:00:00Z"}}),
                json!({"rebook": choice("swift")}),
                booking("swift", "SW-2"),
            ),
        ],
        slots: vec![SlotItem {
            shipment: "S1".to_owned(),
            leg: "main".to_owned(),
            slot: serde_json::from_value(json!({"generation": 2, "status": {
                "status": "live", "task": "t3", "booking": booking("swift", "SW-2")}}))
            .unwrap(),
        }],
        tasks: vec![task("t1", 100), task("t2", 300), task("t3", 200)],
        ..TableBook::default()
    }
}

#[test]
fn it_is_told_from_order_to_booking() {
    let live = Booking {
        carrier: "swift".to_owned(),
        reference: "SW-2".to_owned(),
        key: "S1/main/2".to_owned(),
        via: Some("DEHAM".to_owned()),
        shipment: "S1".to_owned(),
        leg: "main".to_owned(),
        generation: 2,
        service: "economy".to_owned(),
        status: "live".to_owned(),
        booked_at: "2026-11-28T08:01:00Z".parse().unwrap(),
        cancelled_at: None,
        cost_cents: Some(781),
        requests: 2,
    };
    let world = WorldBook { bookings: vec![live], ..WorldBook::default() };
    let line = json!({"fields": {"message": "claimed", "task": "t1", "epoch": 3}}).to_string();
    let steps = [Step::read(Stage::Communication, 1_795_766_402_000, &line).unwrap()];
    let story = tell("S1", &book(), Some(&world), &steps);
    let expected =
        "  S1: NLRTM to DEBER, 2.45 kg worth 99.80 EUR, standard, promised for Mon 30 Nov 17:00 UTC
    Fri 27 Nov 08:00 UTC  order, known as booking:BKR-77
        task t1
          Fri 27 Nov 08:00:02.000  communication  claimed: epoch 3
        decided: book tortoise economy for 7.81. It is the cheapest that keeps the promise.
          weighed: tortoise economy for 7.81, there Mon 30 Nov 02:30 UTC, keeps the promise
        booked: tortoise economy as TO-1 for 7.81
    Fri 27 Nov 09:00 UTC  picked_up (came after newer ones)
        task t2
        decided: keep. It is the cheapest that keeps the promise.
          weighed: tortoise economy for 7.81, there Mon 30 Nov 02:30 UTC, keeps the promise
    Sat 28 Nov 08:00 UTC  delayed at DEHAM, now expected Wed 2 Dec 08:00 UTC
        task t3
        decided: rebook swift economy for 7.81. It is the cheapest that keeps the promise.
          weighed: tortoise economy for 7.81, there Mon 30 Nov 02:30 UTC, keeps the promise
        booked: swift economy as SW-2 for 7.81
    leg main: swift economy SW-2 is live
    the carriers' own books: swift SW-2 over DEHAM (live, asked 2 times)
";
    assert_eq!(story, expected);
}

#[test]
fn an_unknown_shipment_has_a_short_story() {
    assert!(tell("S9", &book(), None, &[]).contains("knows nothing of this shipment"));
}

#[test]
fn a_task_without_a_decision_says_where_it_stands() {
    let why = Why { code: "invalid_field".to_owned(), text: "items[0].weight".to_owned() };
    let failed = Task { status: StatusKind::Failed, why: Some(why), ..task("t4", 400) };
    let book = TableBook { tasks: vec![failed], ..TableBook::default() };
    let expected = "  S1
    event t4 of urn:s: failed at state: items[0].weight (invalid_field)
        task t4
";
    assert_eq!(tell("S1", &book, None, &[]), expected);
}

#[test]
fn one_that_was_rebooked_is_picked() {
    let mut table = book();
    let mut plain = table.decisions[1].clone();
    plain.shipment = "S0".to_owned();
    table.decisions.push(plain);
    let entry = |shipment: &str| Entry {
        number: 0,
        source: None,
        events: vec![Event { what: "order".to_owned(), id: None, expected: Fate::task(shipment) }],
        body_hash: String::new(),
        bytes: 1,
        sent: 1,
        sent_at_ms: None,
    };
    let mut sent = SentBook { entries: vec![entry("S0"), entry("S1")], ..SentBook::default() };
    assert_eq!(pick(&Findings::default(), &sent, &table).as_deref(), Some("S1"));
    sent.entries.pop();
    assert_eq!(pick(&Findings::default(), &sent, &table).as_deref(), Some("S0"));
    sent.entries.clear();
    assert_eq!(pick(&Findings::default(), &sent, &table), None);
}
