//! What a request is about: the items that it writes and reads, and for whom the
//! messages are that it sends.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A message that was to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The CloudEvent's subject, a shipment; empty when there is none.
    pub subject: String,
    /// The message group: on standard queues the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

/// An item that was to be written, by its keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Written {
    /// The partition key.
    pub key: String,
    /// The sort key.
    pub sort: String,
}

/// Each item that a request writes, as often as it is written.
pub(crate) fn written(operation: &str, body: &Value) -> Vec<Written> {
    let key = |of: &Value| {
        let item = of.get("Key").or_else(|| of.get("Item"))?;
        let text = |pointer| item.pointer(pointer)?.as_str().map(str::to_owned);
        Some(Written { key: text("/pk/S")?, sort: text("/sk/S")? })
    };
    match operation {
        "PutItem" | "UpdateItem" | "DeleteItem" => key(body).into_iter().collect(),
        "TransactWriteItems" => {
            let items = list(body, "TransactItems");
            // Put, Update, Delete, ConditionCheck: each of these is billed as a write.
            items.filter_map(Value::as_object).flatten().filter_map(|(_, of)| key(of)).collect()
        }
        _ => Vec::new(),
    }
}

/// The partition of each item, or run of items, that a request reads.
pub(crate) fn read(operation: &str, body: &Value) -> Vec<String> {
    let text = |of: &Value, pointer: &str| of.pointer(pointer)?.as_str().map(str::to_owned);
    match operation {
        "GetItem" => text(body, "/Key/pk/S").into_iter().collect(),
        // The fleet's only name for a partition in a condition on keys.
        "Query" => text(body, "/ExpressionAttributeValues/:pk/S").into_iter().collect(),
        "TransactGetItems" => {
            list(body, "TransactItems").filter_map(|item| text(item, "/Get/Key/pk/S")).collect()
        }
        _ => Vec::new(),
    }
}

/// The messages of a send.
pub(crate) fn sent(operation: &str, body: &Value) -> Vec<Sent> {
    let read = |entry: &Value| {
        let text = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).map(str::to_owned);
        let body = text(entry, "MessageBody").unwrap_or_default();
        let event: Value = serde_json::from_str(&body).unwrap_or_default();
        Sent {
            subject: text(&event, "subject").unwrap_or_default(),
            group: text(entry, "MessageGroupId"),
        }
    };
    match operation {
        "SendMessage" => vec![read(body)],
        "SendMessageBatch" => list(body, "Entries").map(read).collect(),
        _ => Vec::new(),
    }
}

fn list<'a>(body: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    body.get(name).and_then(Value::as_array).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_write_is_told_by_its_keys() {
        let at = |name: &str| json!({"pk": {"S": name}, "sk": {"S": "x"}});
        let seen = |operation: &str, body: Value| -> Vec<String> {
            let written = written(operation, &body).into_iter();
            written.map(|item| format!("{}/{}", item.key, item.sort)).collect()
        };
        assert_eq!(seen("PutItem", json!({"Item": at("a")})), ["a/x"]);
        assert_eq!(seen("UpdateItem", json!({"Key": at("b")})), ["b/x"]);
        let both =
            json!({"TransactItems": [{"Put": {"Item": at("a")}}, {"Update": {"Key": at("b")}}]});
        assert_eq!(seen("TransactWriteItems", both), ["a/x", "b/x"]);
        assert!(seen("Query", json!({"Key": at("a")})).is_empty());
    }

    #[test]
    fn a_read_is_told_by_its_partitions() {
        let key = |name: &str| json!({"Key": {"pk": {"S": name}, "sk": {"S": "x"}}});
        assert_eq!(read("GetItem", &key("a")), ["a"]);
        let query = json!({"ExpressionAttributeValues": {":pk": {"S": "b"}, ":to": {"S": "x"}}});
        assert_eq!(read("Query", &query), ["b"]);
        let both = json!({"TransactItems": [{"Get": key("a")}, {"Get": key("b")}]});
        assert_eq!(read("TransactGetItems", &both), ["a", "b"]);
        assert!(read("DeleteItem", &key("a")).is_empty());
    }

    #[test]
    fn a_message_is_told_by_its_shipment_and_group() {
        let body = json!({"subject": "SHP-1"}).to_string();
        let one = json!({"MessageBody": body, "MessageGroupId": "acme"});
        let expected = Sent { subject: "SHP-1".into(), group: Some("acme".into()) };
        assert_eq!(sent("SendMessage", &one), std::slice::from_ref(&expected));
        let two = json!({"Entries": [one, {"MessageBody": "no JSON"}]});
        let nobody = Sent { subject: String::new(), group: None };
        assert_eq!(sent("SendMessageBatch", &two), [expected, nobody]);
    }
}
