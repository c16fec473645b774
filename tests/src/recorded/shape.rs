//! What kind of thing an item or a message is, and which fields it has. A release
//! may add kinds and fields; each is then recorded, or a test says which is missing.

use flotilla_runtime::records::keys;
use flotilla_runtime::table::item::{Fields, Item};
use serde_json::Value;
use std::collections::BTreeSet;

/// The paths of a thing's fields with the types of their values.
pub type Shape = BTreeSet<String>;

/// Fields whose members have names of their own choosing.
const MAPS: [&str; 1] = ["checkpoints"];

/// The name of an item's kind.
///
/// # Errors
/// Its keys, when it is of no kind that has a name here.
pub fn kind_of_item(item: &Item) -> Result<String, String> {
    let text = |name: &str| Fields(item).text(name).map(str::to_owned).unwrap_or_default();
    let (pk, sk) = (text("pk"), text("sk"));
    let partition = pk.split('#').next().unwrap_or_default();
    let (sort, rest) = sk.split_once('#').unwrap_or((&sk, ""));
    Ok(match (partition, sort) {
        ("TASK", "TASK") => format!("task-{}", text("status")),
        ("ID", "OWNER") => "identifier".to_owned(),
        ("ID", "CHILD") if rest == keys::EVERY_CHILD => "load-emptied".to_owned(),
        ("ID", "CHILD") => "load-child".to_owned(),
        ("ID", "SEEN") => "event-kept".to_owned(),
        ("ID", "PARKED") => "event-parked".to_owned(),
        ("SHIPMENT", "SHIPMENT") => "shipment".to_owned(),
        ("SHIPMENT", "ORDER") => "order".to_owned(),
        ("SHIPMENT", "SLOT") => format!("slot-{}", text("state")),
        ("RECOVERY", "SCAN") => "recovery-scan".to_owned(),
        ("PAUSE", _) if item.contains_key("maximum") => "agent-climbing".to_owned(),
        ("PAUSE", _) => format!("agent-{}", text("state")),
        ("SHIPMENT", "CONTACT") if item.contains_key("forgotten_at") => {
            "contact-forgotten".to_owned()
        }
        ("SHIPMENT", "CONTACT") => "contact".to_owned(),
        ("SHIPMENT", "DECISION") => "decision".to_owned(),
        ("SHIPMENT", "OUTCOME") => "outcome".to_owned(),
        ("PARTNER", "BREAKER") if item.contains_key("paused_until") => "breaker-paused".to_owned(),
        ("PARTNER", "BREAKER") => format!("breaker-{}", text("state")),
        ("PARTNER", "RATE") => "rate".to_owned(),
        ("SOURCE", "CURSOR") => "cursor".to_owned(),
        ("LANE", "WEEK") => "lane-week".to_owned(),
        _ => return Err(format!("{pk} / {sk}")),
    })
}

/// The name of a message's kind: its type, and the stage that it calls.
pub fn kind_of_message(body: &Value) -> String {
    let kind = body["type"].as_str().unwrap_or_default();
    match body["stage"].as_str() {
        Some(stage) => format!("{kind}-{stage}"),
        None => kind.to_owned(),
    }
}

/// The shape of an item. JSON in it is looked into; a task's payload is not, since
/// it is the data of its stage's message.
pub fn of_item(item: &Item) -> Shape {
    let mut shape = Shape::new();
    for (name, value) in item {
        let text = match (value.as_s(), value.as_n()) {
            (Ok(text), _) => text,
            (_, Ok(_)) => {
                shape.insert(format!("{name} number"));
                continue;
            }
            (Err(_), Err(other)) => panic!("{name}: no item has a value such as {other:?}"),
        };
        let is_document = name != "payload" && name != "body";
        match serde_json::from_str::<Value>(text) {
            Ok(json) if is_document && json.is_object() => add(name, &json, &mut shape),
            Ok(_) | Err(_) => _ = shape.insert(format!("{name} text")),
        }
    }
    shape
}

/// The shape of a message.
pub fn of_message(body: &Value) -> Shape {
    let mut shape = Shape::new();
    add("", body, &mut shape);
    shape
}

fn add(path: &str, value: &Value, shape: &mut Shape) {
    let kind = match value {
        Value::Object(members) if !MAPS.contains(&path) => {
            for (name, member) in members {
                add(&format!("{path}.{name}"), member, shape);
            }
            return;
        }
        Value::Array(entries) => {
            entries.iter().for_each(|entry| add(&format!("{path}[]"), entry, shape));
            return;
        }
        Value::Object(_) => "map",
        Value::Null => "null",
        Value::Bool(_) => "flag",
        Value::Number(_) => "number",
        Value::String(_) => "text",
    };
    shape.insert(format!("{path} {kind}"));
}
