#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use super::*;
use crate::books::{
    Booking, DeadLetter, Decided, Entry, Event, Fate, Notice, Parked, SlotItem, Task, Why,
};
use flotilla_shipment::payload::Concluded;
use flotilla_task::{Stage, StatusKind};
use serde_json::json;

/// Three books that agree: an order that was booked, a delay that was rebooked,
/// a notice, one event refused, one parked, and one message sent twice.
struct Books {
    sent: SentBook,
    table: TableBook,
    world: WorldBook,
}

fn entry(number: usize, what: &str, event: &str, expected: Fate) -> Entry {
    Entry {
        number,
        source: Some("urn:s".to_owned()),
        events: vec![told(what, event, expected)],
        body_hash: format!("body-{event}"),
        bytes: 400,
        sent: 1,
        sent_at_ms: Some(1000),
    }
}

fn told(what: &str, event: &str, expected: Fate) -> Event {
    Event { what: what.to_owned(), id: Some(event.to_owned()), expected }
}

fn task(id: &str, event: &str, status: StatusKind) -> Task {
    Task {
        id: id.to_owned(),
        shipment: "S1".to_owned(),
        source: "urn:s".to_owned(),
        event: event.to_owned(),
        stage: Stage::State,
        status,
        attempts: 0,
        why: None,
        created_at: 1100,
        updated_at: 1900,
        ended_at: Some(1900),
    }
}

fn decided(
    task: &str,
    action: serde_json::Value,
    reference: Option<&str>,
    notified: bool,
) -> Decided {
    let booking = reference.map(|reference| {
        json!({"carrier": "swift", "service": "express", "reference": reference, "cost_cents": 900})
    });
    let concluded: Concluded = serde_json::from_value(json!({
        "event": {"tracking": {"milestone": "delayed", "at": "2026-11-27T08:00:00Z"}},
        "known": {
            "from": "NLRTM", "to": "DEBER", "g": 1200,
            "value": "1.00 EUR",
            "promised": "2026-11-30T17:00:00Z", "level": "standard",
            "as_of": "2026-11-27T08:00:00Z", "slot": {"gen": 0},
        },
        "decision": {"action": action, "reason": "because", "policy": "p@1", "decided_on": 0},
        "booking": booking,
        "notified": notified,
    }))
    .unwrap();
    Decided { shipment: "S1".to_owned(), logged_at: 1, task: task.to_owned(), concluded }
}

fn booking(reference: &str, generation: u64, status: &str) -> Booking {
    Booking {
        carrier: "swift".to_owned(),
        reference: reference.to_owned(),
        key: format!("S1/main/{generation}"),
        via: None,
        shipment: "S1".to_owned(),
        leg: "main".to_owned(),
        generation,
        service: "express".to_owned(),
        status: status.to_owned(),
        booked_at: "2026-11-27T08:00:00Z".parse().unwrap(),
        cancelled_at: None,
        cost_cents: None,
        requests: 1,
    }
}

fn slot(status: serde_json::Value) -> SlotItem {
    let slot = serde_json::from_value(json!({"generation": 2, "status": status})).unwrap();
    SlotItem { shipment: "S1".to_owned(), leg: "main".to_owned(), slot }
}

fn notice(key: &str) -> Notice {
    Notice { key: key.to_owned(), shipment: "S1".to_owned(), task: "t3".to_owned(), requests: 1 }
}

impl Books {
    fn agreeing() -> Self {
        let choice = json!({"carrier": "swift", "service": "express", "cost": 900});
        let live = json!({"status": "live", "task": "t2", "booking": {
            "carrier": "swift", "service": "express", "reference": "SW-2", "cost_cents": 900}});
        let mut twice = entry(0, "order", "e1", Fate::task("S1"));
        twice.sent = 2;
        Self {
            sent: SentBook {
                run: "r".to_owned(),
                seed: 1,
                entries: vec![
                    twice,
                    entry(1, "delayed", "e2", Fate::task("S1")),
                    entry(2, "damaged", "e3", Fate::task("S1")),
                    entry(3, "negative weight", "e4", Fate::rejected(&["invalid_field"])),
                    entry(4, "orphan", "e5", Fate::nobody().and_waits("sscc:1")),
                ],
            },
            table: TableBook {
                tasks: vec![
                    task("t1", "e1", StatusKind::Completed),
                    task("t2", "e2", StatusKind::Completed),
                    task("t3", "e3", StatusKind::Completed),
                ],
                parked: vec![Parked {
                    identifier: "sscc:1".to_owned(),
                    source: "urn:s".to_owned(),
                    event: "e5".to_owned(),
                }],
                slots: vec![slot(live)],
                decisions: vec![
                    decided("t1", json!({"book": choice}), Some("SW-1"), false),
                    decided("t2", json!({"rebook": choice}), Some("SW-2"), false),
                    decided("t3", json!("notify"), None, true),
                ],
                lanes: Vec::new(),
                dead_letters: vec![DeadLetter {
                    stage: Stage::Ingestion,
                    body_hash: "body-e4".to_owned(),
                    events: vec![("urn:s".to_owned(), "e4".to_owned())],
                    bytes: 400,
                    code: Some("invalid_field".to_owned()),
                    reason: Some("items[0].weight.value: expected more than zero".to_owned()),
                    task: None,
                }],
            },
            world: WorldBook {
                bookings: vec![booking("SW-1", 1, "cancelled"), booking("SW-2", 2, "live")],
                notices: vec![notice("t3/notice")],
                customer_events: Vec::new(),
                calls: std::collections::BTreeMap::new(),
            },
        }
    }

    fn findings(&self) -> Findings {
        reconcile(&self.sent, &self.table, &self.world)
    }

    fn changed(change: impl FnOnce(&mut Self)) -> Findings {
        let mut books = Self::agreeing();
        change(&mut books);
        books.findings()
    }
}

/// Lost, doubled, unexpected, held.
fn figures(findings: &Findings) -> (usize, usize, usize, usize) {
    (findings.lost(), findings.doubled(), findings.unexpected.len(), findings.held.len())
}

#[test]
fn books_that_agree_find_nothing_and_count_everything() {
    let findings = Books::agreeing().findings();
    assert_eq!(figures(&findings), (0, 0, 0, 0), "{findings:#?}");
    assert!(findings.clean());
    let counts = findings.counts;
    assert_eq!((counts.accepted, counts.duplicates, counts.parked), (3, 1, 1));
    assert_eq!(counts.rejected["invalid_field"], 1);
    assert_eq!(counts.tasks["completed"], 3);
    assert_eq!((counts.decisions["book"], counts.decisions["rebook"]), (1, 1));
}

#[test]
fn a_broken_hand_off_and_a_broken_guard_raise_both_figures() {
    let findings = Books::changed(|books| {
        // The hand-off to decision: acknowledged, never sent.
        books.table.tasks[1].status = StatusKind::Pending;
        books.table.tasks[1].stage = Stage::Decision;
        books.table.decisions.remove(1);
        // The slot's guard: two delay events both booked on one generation.
        books.world.bookings.push(booking("SW-3", 2, "live"));
    });
    assert_eq!(figures(&findings), (1, 2, 0, 0), "{findings:#?}");
    assert!(findings.lost_events[0].why.contains("still pending at decision"));
    assert!(findings.doubled_legs[0].why.contains("generation 2 was booked as swift SW-2"));
    assert!(findings.doubled_legs[1].why.contains("2 bookings are live at once"));
}

#[test]
fn an_event_that_is_nowhere_is_lost_whatever_it_was() {
    for what in 0..5 {
        let findings = Books::changed(|books| {
            let event = books.sent.entries[what].events[0].id.clone().unwrap();
            books.table.tasks.retain(|task| task.event != event);
            books.table.parked.retain(|parked| parked.event != event);
            books.table.dead_letters.retain(|letter| letter.body_hash != format!("body-{event}"));
        });
        assert_eq!(findings.lost_events.len(), 1, "{what}: {findings:#?}");
        let entry = &Books::agreeing().sent.entries[what];
        assert_eq!(findings.lost_events[0].what, entry.label(&entry.events[0]));
    }
}

#[test]
fn what_sqs_never_took_is_not_lost() {
    let findings = Books::changed(|books| {
        books.sent.entries.push(Entry { sent: 0, ..entry(5, "arrived", "e6", Fate::task("S1")) });
    });
    assert!(findings.clean());
}

#[test]
fn a_good_event_that_stays_parked_is_lost() {
    let findings = Books::changed(|books| {
        books.table.tasks.remove(2);
        books.table.decisions.remove(2);
        books.world.notices.clear();
        books.table.parked[0].event = "e3".to_owned();
        books.sent.entries.pop();
    });
    assert_eq!(figures(&findings), (1, 0, 0, 0), "{findings:#?}");
    assert!(findings.lost_events[0].why.contains("still parked under sscc:1"));
}

#[test]
fn held_tasks_are_listed_and_excuse_their_reservation() {
    let findings = Books::changed(|books| {
        books.table.tasks[1].status = StatusKind::Held;
        let why = Why { code: "ambiguous".to_owned(), text: "tortoise: 500".to_owned() };
        books.table.tasks[1].why = Some(why);
        books.table.decisions.remove(1);
        books.table.slots[0] = slot(json!({"status": "booking", "task": "t2"}));
    });
    assert_eq!(figures(&findings), (0, 0, 0, 1), "{findings:#?}");
    assert!(findings.held[0].why.contains("ambiguous: tortoise: 500"));
}

#[test]
fn bookings_that_only_one_side_knows_are_lost() {
    let nobody_booked = Books::changed(|books| books.world.bookings.clear());
    // The slot's and both decisions'.
    assert_eq!(figures(&nobody_booked), (3, 0, 0, 0), "{nobody_booked:#?}");

    let cancelled =
        Books::changed(|books| books.world.bookings[1] = booking("SW-2", 2, "cancelled"));
    assert_eq!(figures(&cancelled), (1, 0, 0, 0), "{cancelled:#?}");

    let forgotten = Books::changed(|books| books.table.slots[0] = slot(json!({"status": "free"})));
    assert_eq!(figures(&forgotten), (1, 0, 0, 0), "{forgotten:#?}");
    assert!(forgotten.lost_legs[0].why.contains("no slot knows of swift SW-2"));

    let unsettled = Books::changed(|books| {
        books.table.slots[0] = slot(json!({"status": "booking", "task": "t2"}));
    });
    assert_eq!(figures(&unsettled), (1, 0, 0, 0), "{unsettled:#?}");
    assert!(unsettled.lost_legs[0].why.contains("which is completed, and never settled"));

    let without = Books::changed(|books| books.table.decisions[0].concluded.booking = None);
    assert_eq!(figures(&without), (1, 0, 0, 0), "{without:#?}");
}

#[test]
fn a_completed_task_without_a_decision_is_lost() {
    let findings = Books::changed(|books| {
        books.table.decisions.remove(0);
    });
    assert_eq!(figures(&findings), (1, 0, 0, 0), "{findings:#?}");
}

#[test]
fn two_tasks_or_two_notices_are_doubled() {
    let tasks = Books::changed(|books| {
        let twin = Task { id: "t9".to_owned(), ..task("t1", "e1", StatusKind::Completed) };
        books.table.tasks.push(twin);
    });
    assert_eq!(figures(&tasks), (0, 1, 0, 0), "{tasks:#?}");
    let notices = Books::changed(|books| books.world.notices.push(notice("t3/again")));
    assert_eq!(figures(&notices), (0, 1, 0, 0), "{notices:#?}");
    let repeated = Books::changed(|books| books.world.notices[0].requests = 5);
    assert!(repeated.clean(), "one key, many requests: one notice");
}

#[test]
fn a_notice_that_dispatch_never_got_is_lost() {
    let findings = Books::changed(|books| books.world.notices.clear());
    assert_eq!(figures(&findings), (1, 0, 0, 0), "{findings:#?}");
}

#[test]
fn wrong_acceptance_and_wrong_refusal_are_unexpected() {
    let taken = Books::changed(|books| {
        books.table.dead_letters.clear();
        books.table.tasks.push(task("t4", "e4", StatusKind::Completed));
        books.table.decisions.push(decided("t4", json!("keep"), None, false));
    });
    assert_eq!(figures(&taken), (0, 0, 1, 0), "{taken:#?}");
    let refused = Books::changed(|books| {
        books.table.tasks[0].status = StatusKind::Failed;
        books.table.tasks[0].why = Some(Why { code: "failed".into(), text: "no carrier".into() });
    });
    assert_eq!(figures(&refused), (0, 0, 1, 0), "{refused:#?}");
    let wrong = Books::changed(|books| books.table.dead_letters[0].code = Some("loop".to_owned()));
    assert_eq!(figures(&wrong), (0, 0, 1, 0), "{wrong:#?}");
    let stranger = Books::changed(|books| {
        books.table.tasks.push(task("t7", "never", StatusKind::Completed));
    });
    assert_eq!(figures(&stranger), (0, 0, 1, 0), "{stranger:#?}");
    let misfiled = Books::changed(|books| books.table.tasks[0].shipment = "S2".to_owned());
    assert_eq!(figures(&misfiled), (1, 0, 1, 0), "of S2 unexpected, of S1 lost: {misfiled:#?}");
}

#[test]
fn refusals_count_as_failed_tasks_too_and_the_largest_need_no_reason() {
    let failed = Books::changed(|books| {
        books.table.dead_letters.clear();
        let mut failed = task("t4", "e4", StatusKind::Failed);
        failed.why = Some(Why { code: "invalid_field".into(), text: "weight".into() });
        books.table.tasks.push(failed);
    });
    assert!(failed.clean(), "{failed:#?}");
    assert_eq!(failed.counts.rejected["invalid_field"], 1);
    let silent = |bytes| {
        Books::changed(|books| {
            books.sent.entries[3].bytes = bytes;
            books.table.dead_letters[0].code = None;
        })
    };
    assert!(silent(1_048_576).clean());
    assert_eq!(figures(&silent(400)), (0, 0, 1, 0));
}

#[test]
fn other_runs_are_left_alone() {
    let findings = Books::changed(|books| {
        let mut foreign = task("x", "other", StatusKind::Pending);
        foreign.shipment = "SHP-of-another-run".to_owned();
        books.table.tasks.push(foreign);
        let mut foreign = booking("SW-9", 1, "live");
        foreign.shipment = "SHP-of-another-run".to_owned();
        books.world.bookings.push(foreign);
    });
    assert!(findings.clean(), "{findings:#?}");
    assert_eq!(findings.counts.tasks["completed"], 3);
}

/// A pallet's departure: it concerns S1 and S2, and waits for one more parcel.
fn shared(books: &mut Books) {
    let expected = Fate::tasks(["S1", "S2"]).and_waits("sscc:7");
    books.sent.entries.push(entry(5, "departed", "e6", expected));
    for (id, shipment) in [("t6", "S1"), ("t7", "S2")] {
        let task = task(id, "e6", StatusKind::Completed);
        books.table.tasks.push(Task { shipment: shipment.to_owned(), ..task });
        books.table.decisions.push(decided(id, json!("keep"), None, false));
    }
    books.table.parked.push(waiting("e6", "sscc:7"));
}

fn waiting(event: &str, load: &str) -> Parked {
    Parked { identifier: load.to_owned(), source: "urn:s".to_owned(), event: event.to_owned() }
}

#[test]
fn one_event_is_one_task_for_each_of_its_shipments() {
    let with = |change: fn(&mut Books)| {
        Books::changed(|books| {
            shared(books);
            change(books);
        })
    };
    let right = with(|_| {});
    assert!(right.clean(), "{right:#?}");
    assert_eq!((right.counts.accepted, right.counts.parked), (4, 2));

    let missing = with(|books| drop(books.table.tasks.pop()));
    assert_eq!(figures(&missing), (1, 0, 0, 0), "{missing:#?}");
    assert!(missing.lost_events[0].why.contains("no task of shipment S2"), "{missing:#?}");

    let twice = with(|books| {
        let again = Task { id: "t8".to_owned(), ..books.table.tasks[4].clone() };
        books.table.tasks.push(again);
    });
    assert_eq!(figures(&twice), (0, 1, 0, 0), "{twice:#?}");
    assert!(twice.doubled_events[0].why.contains("2 tasks of shipment S2: t7, t8"));

    let forgotten = with(|books| books.table.parked.retain(|parked| parked.event != "e6"));
    assert_eq!(figures(&forgotten), (1, 0, 0, 0), "{forgotten:#?}");
    assert!(forgotten.lost_events[0].why.contains("had to wait under sscc:7"));

    // Left behind by a killed function: harmless, and shown.
    let left = with(|books| books.table.parked.push(waiting("e6", "sscc:1")));
    assert!(left.clean(), "{left:#?}");
    assert_eq!(left.counts.left_parked, 1);
}

#[test]
fn an_event_that_concerns_nobody_leaves_nothing_behind() {
    let with = |change: fn(&mut Books)| {
        Books::changed(|books| {
            books.sent.entries.push(entry(5, "items only", "e6", Fate::nobody()));
            change(books);
        })
    };
    let right = with(|_| {});
    assert!(right.clean(), "{right:#?}");
    assert_eq!(right.counts.ignored, 1);
    for wrong in [
        with(|books| books.table.tasks.push(task("t6", "e6", StatusKind::Completed))),
        with(|books| books.table.parked.push(waiting("e6", "sscc:9"))),
        with(|books| books.sent.entries[5].body_hash = "body-e4".to_owned()),
    ] {
        assert_eq!(figures(&wrong), (0, 0, 1, 0), "{wrong:#?}");
    }
}

/// A document of two events is cut: the bad one is refused under its own id, in a
/// message with another body.
#[test]
fn a_bad_event_in_a_document_is_found_by_its_id_and_does_not_hide_its_neighbour() {
    let with = |change: fn(&mut Books)| {
        Books::changed(|books| {
            let mut document = entry(5, "arrived", "e6", Fate::task("S1"));
            document.events.push(told("wrong", "e7", Fate::rejected(&["invalid_field"])));
            books.sent.entries.push(document);
            books.table.tasks.push(task("t6", "e6", StatusKind::Completed));
            books.table.decisions.push(decided("t6", json!("keep"), None, false));
            books.table.dead_letters.push(DeadLetter {
                body_hash: "a piece".to_owned(),
                events: vec![
                    ("urn:s".to_owned(), "m-1/2".to_owned()),
                    ("urn:s".to_owned(), "e7".to_owned()),
                ],
                ..books.table.dead_letters[0].clone()
            });
            change(books);
        })
    };
    let right = with(|_| {});
    assert!(right.clean(), "{right:#?}");
    assert_eq!(right.counts.rejected["invalid_field"], 2);
    let lost = with(|books| drop(books.table.dead_letters.pop()));
    assert_eq!(figures(&lost), (1, 0, 0, 0), "{lost:#?}");
    assert!(lost.lost_events[0].what.contains("wrong (e7)"));
    let suffered = with(|books| {
        books.table.tasks.pop();
        books.table.dead_letters[1].events.push(("urn:s".to_owned(), "e6".to_owned()));
    });
    assert_eq!(figures(&suffered), (0, 0, 1, 0), "{suffered:#?}");
    assert!(suffered.unexpected[0].why.contains("a good event was refused"));
}

#[test]
fn the_same_event_in_another_message_is_a_copy() {
    let findings = Books::changed(|books| {
        let mut page = entry(5, "delayed", "e2", Fate::task("S1"));
        page.events.push(told("damaged", "e3", Fate::task("S1")));
        page.sent = 2;
        books.sent.entries.push(page);
    });
    assert!(findings.clean(), "{findings:#?}");
    assert_eq!((findings.counts.events, findings.counts.duplicates), (5, 1 + 4));
}

#[test]
fn the_customer_is_told_once_and_only_what_was_decided() {
    let with = |told: &[&str], tell: bool| {
        Books::changed(|books| {
            let concluded = &mut books.table.decisions[2].concluded;
            concluded.decision.tell_customer = tell;
            concluded.customer_told = tell;
            books.world.customer_events = told.iter().map(|key| notice(key)).collect();
        })
    };
    assert!(with(&["t3/customer"], true).clean());
    assert_eq!(figures(&with(&[], true)), (1, 0, 0, 0));
    assert_eq!(figures(&with(&["t3/customer", "t3/other"], true)), (0, 1, 0, 0));
    assert_eq!(figures(&with(&["t3/customer", "t3/customer"], true)), (0, 1, 0, 0));
    assert_eq!(figures(&with(&["t3/customer"], false)), (0, 0, 1, 0));
}
