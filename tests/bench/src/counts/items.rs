//! What an item is for, by its keys, and how large it is.

use flotilla_runtime::table::item::Item;
use flotilla_wire::item_bytes;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What an item is for.
pub(super) fn kind(key: &str, sort: &str) -> &'static str {
    match sort {
        "TASK" => "task",
        "SHIPMENT" => "shipment",
        "ORDER" => "order",
        "CONTACT" => "contact",
        "OWNER" => "identifier",
        "BREAKER" | "RATE" => "partner",
        _ if sort.starts_with("SLOT#") => "slot",
        _ if sort.starts_with("DECISION#") => "decision",
        _ if sort.starts_with("OUTCOME#") => "outcome",
        _ if key.starts_with("LANE#") => "lane",
        _ => "something else",
    }
}

/// What the items of a partition are for.
pub(super) fn partition(key: &str) -> &'static str {
    match key.split('#').next().unwrap_or_default() {
        "TASK" => "task",
        "SHIPMENT" => "shipment",
        "ID" => "identifier",
        "PARTNER" => "partner",
        "LANE" => "lane",
        _ => "something else",
    }
}

/// Whether an environment reads it once for many tasks.
pub(super) fn is_shared(kind: &str) -> bool {
    matches!(kind, "partner" | "lane")
}

/// Bytes of the largest of each kind.
pub(super) fn largest(items: &[Item]) -> BTreeMap<&'static str, usize> {
    let mut largest: BTreeMap<&'static str, usize> = BTreeMap::new();
    for item in items {
        let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
        let (key, sort) = (text("pk"), text("sk"));
        let kind = kind(key.map_or("", String::as_str), sort.map_or("", String::as_str));
        let most = largest.entry(kind).or_default();
        *most = bytes(item).max(*most);
    }
    largest
}

/// The size of an item as it is billed. The fleet writes texts and numbers only.
fn bytes(item: &Item) -> usize {
    let fields = item.iter().map(|(name, value)| {
        let typed = match (value.as_s(), value.as_n()) {
            (Ok(text), _) => json!({ "S": text }),
            (_, Ok(digits)) => json!({ "N": digits }),
            (Err(_), Err(_)) => Value::Null,
        };
        (name.clone(), typed)
    });
    item_bytes(&Value::Object(fields.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::types::AttributeValue;

    #[test]
    fn the_largest_of_a_kind_is_told() {
        let item = |doc: &str| {
            let fields = [("pk", "SHIPMENT#1"), ("sk", "DECISION#1"), ("doc", doc)];
            let text =
                |(name, text): (&str, &str)| (name.to_owned(), AttributeValue::S(text.into()));
            let mut item: Item = fields.map(text).into();
            item.insert("v".into(), AttributeValue::N("12".into()));
            item
        };
        let found = largest(&[item("a"), item("abc"), item("ab")]);
        assert_eq!(found, BTreeMap::from([("decision", 12 + 12 + 6 + 3)]));
    }
}
