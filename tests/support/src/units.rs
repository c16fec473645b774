//! What a call costs, from its answer.
//!
//! DynamoDB says it when asked to, except for writes whose condition did not
//! hold: these are billed by the size of the item that is there, one unit for
//! each started KiB and at least one, and the answer does not say so.
//! Source: DynamoDB Developer Guide, "Condition expressions" and "Capacity unit
//! consumption".

use serde_json::Value;

const KIB: usize = 1024;

/// Write and read units of an answer, in hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Units {
    pub(crate) write: u64,
    pub(crate) read: u64,
}

/// Reads what an answer says, or what its failed condition costs.
pub(crate) fn of(operation: &str, answer: &Value) -> Units {
    let writes =
        matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem" | "TransactWriteItems");
    let kind = answer["__type"].as_str().unwrap_or_default();
    if kind.ends_with("ConditionalCheckFailedException") {
        return Units { write: billed(&answer["Item"]) * 100, read: 0 };
    }
    if kind.ends_with("TransactionCanceledException") {
        // Every item of a cancelled transaction is billed twice: prepare and commit.
        let reasons = answer["CancellationReasons"].as_array().map_or(0, Vec::len);
        return Units { write: reasons as u64 * 200, read: 0 };
    }
    let consumed = &answer["ConsumedCapacity"];
    let all = consumed.as_array().map_or_else(|| vec![consumed], |list| list.iter().collect());
    let units = all.iter().filter_map(|one| one["CapacityUnits"].as_f64()).map(hundredths).sum();
    if writes { Units { write: units, read: 0 } } else { Units { write: 0, read: units } }
}

fn billed(item: &Value) -> u64 {
    item_bytes(item).div_ceil(KIB).max(1) as u64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "units are small positive numbers; a cast saturates"
)]
fn hundredths(units: f64) -> u64 {
    (units * 100.0).round() as u64
}

/// The size of an item in DynamoDB's JSON as it is billed: names and values in
/// bytes, about half a byte for a digit, one for true, false and null, three and
/// one for each entry of a list or map.
#[must_use]
pub fn item_bytes(item: &Value) -> usize {
    let entries = item.as_object().into_iter().flatten();
    entries.map(|(name, value)| name.len() + value_bytes(value)).sum()
}

fn value_bytes(value: &Value) -> usize {
    let Some((kind, inner)) = value.as_object().and_then(|typed| typed.iter().next()) else {
        return 0;
    };
    match (kind.as_str(), inner) {
        ("S", Value::String(text)) => text.len(),
        ("B", Value::String(base64)) => base64.len() / 4 * 3,
        ("N", Value::String(digits)) => digits.len().div_ceil(2) + 1,
        ("L", Value::Array(list)) => 3 + list.iter().map(|one| 1 + value_bytes(one)).sum::<usize>(),
        ("M", Value::Object(map)) => {
            3 + map.iter().map(|(name, one)| 1 + name.len() + value_bytes(one)).sum::<usize>()
        }
        ("SS" | "NS" | "BS", Value::Array(set)) => {
            set.iter().filter_map(Value::as_str).map(str::len).sum()
        }
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_answer_says_counts() {
        let answer = json!({"ConsumedCapacity": {"CapacityUnits": 2.0}});
        assert_eq!(of("PutItem", &answer), Units { write: 200, read: 0 });
        let answer = json!({"ConsumedCapacity": {"CapacityUnits": 0.5}});
        assert_eq!(of("GetItem", &answer), Units { write: 0, read: 50 });
        let answer = json!({"ConsumedCapacity": [{"CapacityUnits": 2.0}, {"CapacityUnits": 4.0}]});
        assert_eq!(of("TransactWriteItems", &answer).write, 600);
        assert_eq!(of("SendMessage", &json!({})), Units::default());
    }

    #[test]
    fn a_failed_condition_is_billed_by_the_item_that_is_there() {
        let failed = |item: Value| {
            let kind = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";
            of("UpdateItem", &json!({"__type": kind, "Item": item})).write
        };
        assert_eq!(failed(json!({"pk": {"S": "x"}})), 100);
        assert_eq!(failed(json!({"pk": {"S": "x".repeat(1023)}})), 200);
        assert_eq!(failed(Value::Null), 100, "no item is there");
        let kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
        let cancelled = json!({"__type": kind, "CancellationReasons": [{}, {}]});
        assert_eq!(of("TransactWriteItems", &cancelled).write, 400);
    }

    #[test]
    fn items_are_measured_as_they_are_billed() {
        let item = json!({"pk": {"S": "ab"}, "n": {"N": "1234"}, "t": {"BOOL": true}});
        assert_eq!(item_bytes(&item), 4 + (1 + 3) + (1 + 1));
        let nested = json!({"l": {"L": [{"S": "abc"}]}, "m": {"M": {"k": {"N": "1"}}}});
        assert_eq!(item_bytes(&nested), (1 + 3 + 4) + (1 + 3 + 1 + 1 + 2));
    }
}
