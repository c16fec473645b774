#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use super::*;
use aws_sdk_sqs::types::MessageAttributeValue;

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn n(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

fn item(fields: &[(&str, AttributeValue)]) -> Item {
    fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

fn task_item() -> Item {
    item(&[
        ("pk", s("TASK#00ff")),
        ("sk", s("TASK")),
        ("shipment", s("SHP-1")),
        ("source", s("urn:shop")),
        ("event", s("e-1")),
        ("stage", s("decision")),
        ("status", s("held")),
        ("attempts", n(2)),
        ("reason", s(r#"{"code":"policy","text":"too dear"}"#)),
        ("created_at", n(1000)),
        ("updated_at", n(2000)),
    ])
}

#[test]
fn a_task_is_filed_with_its_reason() {
    let mut book = TableBook::default();
    file(&task_item(), &mut book).unwrap();
    let task = &book.tasks[0];
    assert_eq!(
        (task.id.as_str(), task.stage, task.status),
        ("00ff", Stage::Decision, StatusKind::Held)
    );
    assert_eq!(task.why.as_ref().unwrap().code, "policy");
    assert_eq!(task.ended_at, None);
}

#[test]
fn a_broken_item_is_named_and_not_left_out() {
    let mut broken = task_item();
    broken.insert("status".to_owned(), s("sleeping"));
    let error = file(&broken, &mut TableBook::default()).unwrap_err().to_string();
    assert_eq!(error, "table item TASK#00ff / TASK: status: sleeping");
    broken.remove("shipment");
    let error = file(&broken, &mut TableBook::default()).unwrap_err().to_string();
    assert!(error.contains("status") || error.contains("shipment"), "{error}");
}

#[test]
fn parked_slots_and_other_items() {
    let mut book = TableBook::default();
    let parked = item(&[
        ("pk", s("ID#sscc:1")),
        ("sk", s("PARKED#ab")),
        ("source", s("urn:t")),
        ("event", s("e-2")),
    ]);
    file(&parked, &mut book).unwrap();
    let slot = item(&[
        ("pk", s("SHIPMENT#SHP-1")),
        ("sk", s("SLOT#main")),
        ("version", n(3)),
        ("state", s("live")),
        ("task", s("00ff")),
        (
            "booking",
            s(r#"{"carrier":"swift","service":"express","reference":"SW-1","cost_cents":900}"#),
        ),
    ]);
    file(&slot, &mut book).unwrap();
    let mut broken = slot.clone();
    broken.remove("booking");
    let error = file(&broken, &mut TableBook::default()).unwrap_err().to_string();
    assert_eq!(error, "table item SHIPMENT#SHP-1 / SLOT#main: booking: missing");
    for sk in ["SHIPMENT", "CONTACT", "OUTCOME#main#1"] {
        file(&item(&[("pk", s("SHIPMENT#SHP-1")), ("sk", s(sk))]), &mut book).unwrap();
    }
    let sums = ["count", "on_time", "minutes", "pace", "pace_sq", "cost_cents", "quoted_cents"];
    let mut lane = item(&sums.map(|name| (name, n(7))));
    lane.extend(item(&[("pk", s("LANE#A>B")), ("sk", s("WEEK#2026W48#x#y"))]));
    file(&lane, &mut book).unwrap();
    let (name, stats) = &book.lanes[0];
    assert_eq!((name.as_str(), stats.service.as_str(), stats.sums.count), ("A>B", "y", 7));
    lane.insert("sk".to_owned(), s("WEEK#soon#x#y"));
    let error = file(&lane, &mut TableBook::default()).unwrap_err().to_string();
    assert!(error.ends_with("sk: expected WEEK#week#carrier#service"), "{error}");
    assert_eq!(book.parked[0].identifier, "sscc:1");
    assert_eq!((book.slots[0].leg.as_str(), book.slots[0].slot.generation.0), ("main", 3));
    assert_eq!(book.slots[0].slot.live().unwrap().reference, "SW-1");
    assert!(book.tasks.is_empty() && book.decisions.is_empty());
}

#[test]
fn a_dead_letter_with_and_without_attributes() {
    let code = MessageAttributeValue::builder()
        .data_type("String")
        .string_value("not_json")
        .build()
        .unwrap();
    let told = Message::builder().body("?").message_attributes("reason_code", code).build();
    assert_eq!(dead_letter(Stage::Ingestion, &told).code.as_deref(), Some("not_json"));
    let moved = Message::builder().body(r#"{"task":"00ff"}"#).build();
    let letter = dead_letter(Stage::State, &moved);
    assert_eq!((letter.code, letter.task.as_deref()), (None, Some("00ff")));
}
