//! The id of an event of a standard: its own, or a fingerprint of what it says.

use crate::Invalid;
use crate::fields::Field;
use flotilla_task::{EventId, fingerprint};
use serde_json::Value;

/// The field `eventID`; without one, a fingerprint of the event, so that the same
/// event is the same in another document. Fields that are `outside` of the event,
/// such as when a server stored it, do not count.
pub(super) fn of(event: &Field<'_>, outside: &[&str]) -> Result<EventId, Invalid> {
    match event.optional("eventID")? {
        Some(field) => named(field.text()?),
        None => named(&fingerprint(&["event", &content(event.value(), outside)])),
    }
}

/// An id that ours cannot hold, being too long or having spaces, stands as its
/// fingerprint.
pub(super) fn named(text: &str) -> Result<EventId, Invalid> {
    EventId::new(text)
        .or_else(|_| EventId::new(fingerprint(&[text])))
        .map_err(|error| Invalid::new("eventID", error.to_string()))
}

/// The event as JSON. Its fields are in alphabetical order, as `serde_json` keeps
/// them, whatever the order in which they were sent.
fn content(event: &Value, outside: &[&str]) -> String {
    let mut event = event.clone();
    if let Some(fields) = event.as_object_mut() {
        fields.retain(|name, _| !outside.contains(&name.as_str()));
    }
    event.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn id(event: &Value) -> String {
        of(&Field::root(event), &["recordTime"]).unwrap().as_str().to_owned()
    }

    #[test]
    fn what_an_event_says_makes_its_id_when_it_has_none() {
        let event = json!({"type": "ObjectEvent", "epcList": ["a", "b"], "x": {"y": 1.5}});
        let mut stored = event.clone();
        stored["recordTime"] = json!("2026-11-20T08:00:00Z");
        assert_eq!(id(&stored), id(&event));
        assert_eq!(id(&event).len(), 32);
        let order = r#"{"x": {"y": 1.5}, "epcList": ["a", "b"], "type": "ObjectEvent"}"#;
        assert_eq!(id(&serde_json::from_str(order).unwrap()), id(&event));
        for (name, value) in
            [("epcList", json!(["b", "a"])), ("epcList", json!(["ab"])), ("x", json!({"y": "1.5"}))]
        {
            let mut other = event.clone();
            other[name] = value;
            assert_ne!(id(&other), id(&event));
        }
    }

    #[test]
    fn an_id_of_its_own_is_kept_where_it_fits() {
        assert_eq!(id(&json!({"eventID": "urn:uuid:1", "x": 1})), "urn:uuid:1");
        let long = "x".repeat(200);
        assert_eq!(id(&json!({"eventID": long})), fingerprint(&[&long]));
        assert_eq!(id(&json!({"eventID": ""})).len(), 32);
        let error = of(&Field::root(&json!({"eventID": 7})), &[]).unwrap_err();
        assert_eq!(error.to_string(), "eventID: expected text, got a number");
    }
}
