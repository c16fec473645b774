//! The shape of a simple tracking event.

use super::{Inbound, Subject, identifier};
use crate::Invalid;
use crate::fields::Field;
use crate::payload::{RawTracking, Received};

const MAX_WORD: usize = 64;
/// A place may be a URI.
const MAX_PLACE: usize = 256;

/// The `note` is free text, in which people are named: it is not taken along.
pub(super) fn read(root: &Field<'_>) -> Result<Inbound, Invalid> {
    let identifier = identifier(&root.required("identifier")?)?;
    let word = |name: &str| root.required(name)?.short_text(MAX_WORD);
    let maybe =
        |name: &str, max| root.optional(name)?.map(|field| field.short_text(max)).transpose();
    if let Some(note) = root.optional("note")? {
        note.text()?;
    }
    let received = Received::Tracking(RawTracking {
        milestone: word("milestone")?,
        occurred_at: word("occurred_at")?,
        zone: None,
        place: maybe("place", MAX_PLACE)?,
        estimated_arrival: maybe("estimated_arrival", MAX_WORD)?,
        estimated_for: None,
        withdraws: None,
    });
    let subject = Subject::Loads { loads: vec![identifier], packing: None };
    Ok(Inbound { event: None, subject, contact: None, received, original: None })
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, Subject, read};
    use serde_json::{Value, json};

    fn tracking() -> Value {
        json!({
            "identifier": {"scheme": "sscc", "value": "003456789012345670"},
            "milestone": "delayed",
            "occurred_at": "2026-11-28T08:00:00Z",
            "estimated_arrival": null,
            "note": "left with Mrs Smith",
        })
    }

    #[test]
    fn a_tracking_event_names_no_shipment_and_loses_its_note() {
        let inbound = read(Kind::Tracking, &tracking().to_string()).unwrap();
        let Subject::Loads { loads, packing: None } = inbound.subject else { panic!("loads") };
        assert_eq!(loads.len(), 1);
        let json = serde_json::to_string(&inbound.received).unwrap();
        assert_eq!(
            json,
            r#"{"tracking":{"milestone":"delayed","occurred_at":"2026-11-28T08:00:00Z"}}"#
        );
    }

    #[test]
    fn every_wrong_field_is_named() {
        for name in ["identifier", "milestone", "occurred_at"] {
            let mut document = tracking();
            document.as_object_mut().unwrap().remove(name);
            let error = read(Kind::Tracking, &document.to_string()).unwrap_err();
            assert_eq!(error.to_string(), format!("{name}: missing"));
        }
        for (name, value, problem) in [
            ("place", json!(7), "place: expected text, got a number"),
            ("note", json!(["Mrs Smith"]), "note: expected text, got a list"),
            ("identifier", json!("sscc"), "identifier: expected an object, got text"),
        ] {
            let mut document = tracking();
            document[name] = value;
            let error = read(Kind::Tracking, &document.to_string()).unwrap_err();
            assert_eq!(error.to_string(), problem);
        }
    }
}
