#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use super::*;
use crate::books::Why;
use flotilla_task::{Stage, StatusKind};

/// Fri 27 Nov 2026 08:00 UTC.
const EIGHT: u64 = 1_795_766_400_000;

fn task(id: &str, stage: Stage, code: &str, text: &str) -> Task {
    let why = Why { code: code.to_owned(), text: text.to_owned() };
    Task {
        id: format!("{id:0>32}"),
        shipment: "SHP-1".to_owned(),
        source: "urn:shop".to_owned(),
        event: "order-1".to_owned(),
        stage,
        status: StatusKind::Failed,
        attempts: 1,
        why: (!code.is_empty()).then_some(why),
        created_at: EIGHT - 60_000,
        updated_at: EIGHT,
        ended_at: Some(EIGHT),
    }
}

fn failed() -> List {
    let tasks = vec![
        task("a", Stage::Processing, "invalid_field", "items[0].weight: expected more than 0"),
        task("b", Stage::Processing, "invalid_field", &"long ".repeat(40)),
        task("c", Stage::Communication, "retries_exhausted", "500"),
    ];
    List { what: "failed", total: 5, tasks, scanned: None }
}

#[test]
fn a_list_has_a_line_for_each_and_says_how_many_are_missing() {
    let words = failed().words();
    let lines: Vec<_> = words.lines().collect();
    assert_eq!(
        lines[..2],
        [
            "TASK                              SHIPMENT  STAGE          SINCE                 \
             FAILURES  REASON",
            "0000000000000000000000000000000a  SHP-1     processing     Fri 27 Nov 08:00 UTC  \
             \u{20}      1  invalid_field: items[0].weight: expected more than 0",
        ]
    );
    assert!(lines[2].ends_with("long long …"), "{}", lines[2]);
    assert_eq!(lines[4], "... and 2 more; --limit lists more, --by-reason counts");
    assert!(lines[5].starts_with("5 tasks are failed. `flotilla task ID`"), "{}", lines[5]);
    let document = failed().document();
    assert_eq!((&document["total"], &document["what"]), (&json!(5), &json!("failed")));
    assert_eq!(document["tasks"][0]["reason"]["code"], "invalid_field");
    assert_eq!(document["tasks"][0]["updated_at"], "2026-11-27T08:00:00Z");
}

#[test]
fn the_largest_group_of_a_reason_comes_first() {
    let list = failed();
    let words = list.groups_words();
    let counts: Vec<_> = words.lines().skip(1).take(2).map(|line| line.trim_start()).collect();
    assert!(counts[0].starts_with("2  processing     invalid_field"), "{words}");
    assert!(counts[1].starts_with("1  communication  retries_exhausted"), "{words}");
    assert!(words.contains("... and 2 more that were not looked at"), "{words}");
    let document = list.groups_document();
    assert_eq!(document["groups"][0]["count"], 2);
    assert_eq!(document["groups"][1]["example"]["task"], "0000000000000000000000000000000c");
}

#[test]
fn a_scan_says_what_it_took_and_an_empty_list_that_it_is_one() {
    let scanned = Scanned { idle: Duration::from_secs(21_600), open: 1_234, read_units: 12_500 };
    let mut list = List { what: "stuck", total: 0, tasks: Vec::new(), scanned: Some(scanned) };
    assert_eq!(
        list.words(),
        "No task is stuck, untouched for 21,600 s.\n\
         The scan found 1,234 open tasks and took 12,500 read units.\n"
    );
    assert_eq!(list.document()["scanned"]["read_units"], 12_500);
    list.tasks.push(task("d", Stage::State, "", ""));
    list.total = 1;
    assert!(list.words().contains("  -\n1 task is stuck"), "{}", list.words());
    let none = List { what: "held", total: 0, tasks: Vec::new(), scanned: None };
    assert_eq!(none.words(), "No task is held.\n");
}
