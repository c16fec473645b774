//! What a request asks for: its service, its action, and what it acts on, in the
//! words of IAM policies.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// `dynamodb`, `sqs`; empty when it is neither.
    pub service: String,
    /// The operation as the API names it: `SendMessageBatch`.
    pub operation: String,
    /// Each permission it needs. An operation on several things needs several.
    pub parts: BTreeSet<Part>,
}

/// A permission: an action and the resource it is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Part {
    /// As in a policy: `sqs:SendMessage`.
    pub action: String,
    /// The queue's or the table's name, an index as `table/index/name`.
    pub resource: String,
}

/// The application name in a user agent, `app/NAME`: the calling function.
#[must_use]
pub fn caller(user_agent: &str) -> Option<&str> {
    user_agent.split(' ').find_map(|word| word.strip_prefix("app/"))
}

impl Called {
    /// Reads the target header of the JSON protocols and the body.
    #[must_use]
    pub fn read(target: &str, body: &Value) -> Self {
        let (prefix, operation) = target.split_once('.').unwrap_or(("", target));
        let (service, parts) = if prefix.starts_with("DynamoDB") {
            ("dynamodb", table_parts(operation, body))
        } else if prefix == "AmazonSQS" {
            let action = operation.strip_suffix("Batch").unwrap_or(operation);
            ("sqs", BTreeSet::from([part("sqs", action, queue(body))]))
        } else {
            ("", BTreeSet::new())
        };
        Self { service: service.to_owned(), operation: operation.to_owned(), parts }
    }
}

fn part(service: &str, action: &str, resource: &str) -> Part {
    Part { action: format!("{service}:{action}"), resource: resource.to_owned() }
}

fn queue(body: &Value) -> &str {
    let url = body["QueueUrl"].as_str().unwrap_or_default();
    url.rsplit('/').next().unwrap_or_default()
}

/// A transaction needs the permission of each write or read in it, and none of its own.
fn table_parts(operation: &str, body: &Value) -> BTreeSet<Part> {
    let table = |of: &Value| of["TableName"].as_str().unwrap_or_default().to_owned();
    if !matches!(operation, "TransactWriteItems" | "TransactGetItems") {
        let resource = match body["IndexName"].as_str() {
            Some(index) => format!("{}/index/{index}", table(body)),
            None => table(body),
        };
        return BTreeSet::from([part("dynamodb", operation, &resource)]);
    }
    let parts = body["TransactItems"].as_array().into_iter().flatten();
    parts
        .filter_map(Value::as_object)
        .flatten()
        .map(|(kind, of)| {
            // Put, Update, Delete, ConditionCheck, Get: the action is the same with "Item".
            part("dynamodb", &format!("{kind}Item"), &table(of))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(target: &str, body: &Value) -> Vec<(String, String)> {
        let called = Called::read(target, body);
        called.parts.into_iter().map(|part| (part.action, part.resource)).collect()
    }

    fn pair(action: &str, resource: &str) -> (String, String) {
        (action.to_owned(), resource.to_owned())
    }

    #[test]
    fn an_operation_is_told_by_the_permissions_it_needs() {
        let put = json!({"TableName": "t", "Item": {}});
        assert_eq!(of("DynamoDB_20120810.PutItem", &put), [pair("dynamodb:PutItem", "t")]);
        let query = json!({"TableName": "t", "IndexName": "i"});
        assert_eq!(of("DynamoDB_20120810.Query", &query), [pair("dynamodb:Query", "t/index/i")]);
        let send = json!({"QueueUrl": "http://127.0.0.1:4566/000000000000/flotilla-state"});
        let sent = [pair("sqs:SendMessage", "flotilla-state")];
        assert_eq!(of("AmazonSQS.SendMessageBatch", &send), sent);
        assert_eq!(of("AmazonSQS.SendMessage", &send), sent);
        assert_eq!(of("Logs_20140328.PutLogEvents", &json!({})), []);
    }

    #[test]
    fn a_transaction_needs_the_permission_of_each_write() {
        let body = json!({"TransactItems": [
            {"Put": {"TableName": "t"}}, {"Update": {"TableName": "t"}},
            {"ConditionCheck": {"TableName": "u"}}, {"Put": {"TableName": "t"}},
        ]});
        assert_eq!(
            of("DynamoDB_20120810.TransactWriteItems", &body),
            [
                pair("dynamodb:ConditionCheckItem", "u"),
                pair("dynamodb:PutItem", "t"),
                pair("dynamodb:UpdateItem", "t"),
            ]
        );
    }

    #[test]
    fn a_transaction_that_reads_needs_the_permission_to_read() {
        let body =
            json!({"TransactItems": [{"Get": {"TableName": "t"}}, {"Get": {"TableName": "t"}}]});
        let needed = of("DynamoDB_20120810.TransactGetItems", &body);
        assert_eq!(needed, [pair("dynamodb:GetItem", "t")]);
    }

    #[test]
    fn the_caller_is_the_application_name() {
        let agent = "aws-sdk-rust/1.3.9 os/linux lang/rust/1.95 app/flotilla-state m/E";
        assert_eq!(caller(agent), Some("flotilla-state"));
        assert_eq!(caller("curl/8"), None);
    }
}
