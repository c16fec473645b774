#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use super::*;
use crate::books::{
    Booking, DeadLetter, Decided, Entry, Fate, Notice, Parked, SlotItem, Task, Why,
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
        what: what.to_owned(),
        source: Some("urn:s".to_owned()),
        event: Some(event.to_owned()),
        shipment: Some("S1".to_owned()),
        body_hash: format!("body-{event}"),
        bytes: 400,
        expected,
        sent: 1,
        sent_at_ms: Some(1000),
    }
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
        let mut twice = entry(0, "order", "e1", Fate::Task);
        twice.sent = 2;
        Self {
            sent: SentBook {
                run: "r".to_owned(),
                seed: 1,
                entries: vec![
                    twice,
                    entry(1, "delayed", "e2", Fate::Task),
                    entry(2, "damaged", "e3", Fate::Task),
                    entry(3, "negative weight", "e4", Fate::rejected(&["invalid_field"])),
                    entry(4, "orphan", "e5", Fate::Parked),
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
                dead_letters: vec![DeadLetter {
                    stage: Stage::Ingestion,
                    body_hash: "body-e4".to_owned(),
                    bytes: 400,
                    code: Some("invalid_field".to_owned()),
                    reason: Some("items[0].weight.value: expected more than zero".to_owned()),
                    task: None,
                }],
            },
            world: WorldBook {
                bookings: vec![booking("SW-1", 1, "cancelled"), booking("SW-2", 2, "live")],
                notices: vec![notice("t3/notice")],
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
            let event = books.sent.entries[what].event.clone().unwrap();
            books.table.tasks.retain(|task| task.event != event);
            books.table.parked.retain(|parked| parked.event != event);
            books.table.dead_letters.retain(|letter| letter.body_hash != format!("body-{event}"));
        });
        assert_eq!(findings.lost_events.len(), 1, "{what}: {findings:#?}");
        assert_eq!(findings.lost_events[0].what, Books::agreeing().sent.entries[what].label());
    }
}

#[test]
fn what_sqs_never_took_is_not_lost() {
    let findings = Books::changed(|books| {
        books.sent.entries.push(Entry { sent: 0, ..entry(5, "arrived", "e6", Fate::Task) });
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
    assert_eq!(figures(&misfiled), (0, 0, 1, 0), "{misfiled:#?}");
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
