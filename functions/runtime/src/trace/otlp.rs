//! Spans as OTLP has them in JSON: ids in hexadecimal, times and counts as text,
//! kinds and statuses as numbers. Specification: OTLP 1.x, JSON Protobuf encoding.
//!
//! Written by hand: `opentelemetry-otlp` 0.31 brings ten further crates, tonic and prost
//! among them, into functions that have 0.2 MB left, and what it saves is this file.

use super::{Span, Tree, Value};
use serde_json::{Value as Json, json};

/// `STATUS_CODE_ERROR`.
const ERROR: u32 = 2;

/// The request's body: all of these trees, of one function.
#[must_use]
pub(super) fn body(resource: &[(String, String)], trees: &[Tree]) -> String {
    let resource: Vec<Json> =
        resource.iter().map(|(name, value)| attribute(name, &Value::Text(value.clone()))).collect();
    let spans: Vec<Json> = trees.iter().flat_map(spans).collect();
    json!({
        "resourceSpans": [{
            "resource": { "attributes": resource },
            "scopeSpans": [{
                "scope": { "name": "flotilla", "version": env!("CARGO_PKG_VERSION") },
                "spans": spans,
            }],
        }],
    })
    .to_string()
}

fn spans(tree: &Tree) -> impl Iterator<Item = Json> {
    let record = span(tree, &tree.record, tree.parent.map(|id| id.to_string()));
    let of_record = tree.record.id.to_string();
    let calls = tree.calls.iter().map(move |call| span(tree, call, Some(of_record.clone())));
    std::iter::once(record).chain(calls)
}

fn span(tree: &Tree, span: &Span, parent: Option<String>) -> Json {
    let attributes: Vec<Json> =
        span.attributes.iter().map(|(name, value)| attribute(name, value)).collect();
    let mut json = json!({
        "traceId": tree.trace.to_string(),
        "spanId": span.id.to_string(),
        "name": span.name,
        "kind": span.kind as u32,
        "startTimeUnixNano": span.began.to_string(),
        "endTimeUnixNano": span.ended.to_string(),
        "attributes": attributes,
    });
    if let Some(fields) = json.as_object_mut() {
        if let Some(parent) = parent {
            fields.insert("parentSpanId".to_owned(), Json::from(parent));
        }
        if let Some(error) = &span.error {
            fields.insert("status".to_owned(), json!({ "code": ERROR, "message": error }));
        }
    }
    json
}

fn attribute(name: &str, value: &Value) -> Json {
    let value = match value {
        Value::Text(text) => json!({ "stringValue": text }),
        Value::Number(number) => json!({ "intValue": number.to_string() }),
        Value::Flag(flag) => json!({ "boolValue": flag }),
    };
    json!({ "key": name, "value": value })
}

#[cfg(test)]
mod tests {
    use super::super::tests::tree;
    use super::*;

    #[test]
    fn a_tree_is_written_as_the_specification_has_it() {
        let resource = [("service.name".to_owned(), "flotilla-state".to_owned())];
        let body: Json = serde_json::from_str(&body(&resource, &[tree()])).unwrap();
        assert_eq!(
            body,
            json!({ "resourceSpans": [{
                "resource": { "attributes": [
                    { "key": "service.name", "value": { "stringValue": "flotilla-state" } }
                ] },
                "scopeSpans": [{
                    "scope": { "name": "flotilla", "version": env!("CARGO_PKG_VERSION") },
                    "spans": [
                        {
                            "traceId": "0af7651916cd43dd8448eb211c80319c",
                            "spanId": "00f067aa0ba902b7",
                            "parentSpanId": "b7ad6b7169203331",
                            "name": "state",
                            "kind": 5,
                            "startTimeUnixNano": "1700000000000000000",
                            "endTimeUnixNano": "1700000000004000000",
                            "attributes": [
                                { "key": "flotilla.task", "value": { "stringValue": "t-1" } },
                                { "key": "flotilla.epoch", "value": { "intValue": "7" } }
                            ]
                        },
                        {
                            "traceId": "0af7651916cd43dd8448eb211c80319c",
                            "spanId": "00f067aa0ba902b8",
                            "parentSpanId": "00f067aa0ba902b7",
                            "name": "UpdateItem fleet",
                            "kind": 3,
                            "startTimeUnixNano": "1700000000001000000",
                            "endTimeUnixNano": "1700000000003000000",
                            "attributes": [
                                { "key": "db.operation.name", "value": { "stringValue": "UpdateItem" } },
                                { "key": "flotilla.refused", "value": { "boolValue": true } }
                            ],
                            "status": { "code": 2, "message": "timeout" }
                        }
                    ]
                }]
            }] })
        );
    }

    #[test]
    fn a_root_has_no_parent_and_what_went_well_no_status() {
        let root = Tree { parent: None, ..tree() };
        let body: Json = serde_json::from_str(&body(&[], &[root])).unwrap();
        let record = &body["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
        assert_eq!(record.get("parentSpanId"), None);
        assert_eq!(record.get("status"), None);
    }
}
