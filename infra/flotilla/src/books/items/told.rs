//! Which events a message tells of: a message that was cut into pieces, or waited
//! for its order, has another body than the one that was sent.

use serde_json::Value;

/// Source and id of each, the message's own among them. Of an event that takes
/// another back the id is `...#error`, for it has the other's `eventID`.
pub(super) fn events(message: &Value) -> Vec<(String, String)> {
    let Some(source) = message.get("source").and_then(Value::as_str) else { return Vec::new() };
    let own = message.get("id").and_then(Value::as_str).map(str::to_owned);
    let data = message.get("data").unwrap_or(&Value::Null);
    let listed = listed(data);
    let ids = own.into_iter().chain(listed.iter().filter_map(|event| id(event)));
    ids.map(|id| (source.to_owned(), id)).collect()
}

/// The events of a document of a standard, or the data itself.
fn listed(data: &Value) -> Vec<&Value> {
    let lists = ["/epcisBody/eventList", "/epcisBody/queryResults/resultsBody/eventList", ""];
    let list = lists.iter().find_map(|list| data.pointer(list).and_then(Value::as_array));
    list.map_or_else(|| vec![data], |list| list.iter().collect())
}

fn id(event: &Value) -> Option<String> {
    let id = event.get("eventID")?.as_str()?;
    let taken_back = event.get("errorDeclaration").is_some();
    Some(if taken_back { format!("{id}#error") } else { id.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ids(data: &Value) -> Vec<String> {
        let message = json!({"source": "urn:s", "id": "m-1", "data": data});
        events(&message).into_iter().map(|(_, id)| id).collect()
    }

    #[test]
    fn events_are_found_in_every_kind_of_document() {
        let event = json!({"eventID": "e-1"});
        let withdrawn = json!({"eventID": "e-1", "errorDeclaration": {}});
        let list = json!([event, withdrawn]);
        for data in [
            json!({"epcisBody": {"eventList": list}}),
            json!({"epcisBody": {"queryResults": {"resultsBody": {"eventList": list}}}}),
            list.clone(),
        ] {
            assert_eq!(ids(&data), ["m-1", "e-1", "e-1#error"], "{data}");
        }
        assert_eq!(ids(&event), ["m-1", "e-1"]);
        assert_eq!(ids(&json!({"shipment": "S1"})), ["m-1"]);
        assert_eq!(events(&json!({"id": "m-1"})), []);
        assert_eq!(events(&Value::Null), []);
    }
}
