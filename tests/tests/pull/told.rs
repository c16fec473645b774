//! What the sources of the stand-in world have to tell.

use flotilla_tests::{container, in_hours};
use serde_json::{Value, json};

/// An EPCIS event that a load with that SSCC was seen.
pub(crate) fn seen(id: &str, sscc: &str) -> Value {
    json!({"type": "ObjectEvent", "eventID": id, "action": "OBSERVE", "eventTime": in_hours(-1),
        "eventTimeZoneOffset": "+00:00", "epcList": [sscc],
        "readPoint": {"id": "urn:epc:id:sgln:4012345.00001.0"}})
}

/// A document to be captured.
pub(crate) fn document(events: &[Value]) -> Value {
    json!({"type": "EPCISDocument", "schemaVersion": "2.0", "epcisBody": {"eventList": events}})
}

/// A DCSA event of a booking's container, which no other test knows.
pub(crate) fn loaded(id: &str, booking: &str) -> Value {
    json!({"eventID": id, "eventType": "EQUIPMENT", "eventClassifierCode": "ACT",
        "eventDateTime": in_hours(-1), "eventCreatedDateTime": in_hours(0),
        "equipmentEventTypeCode": "LOAD", "equipmentReference": container().value(),
        "emptyIndicatorCode": "LADEN",
        "documentReferences": [
            {"documentReferenceType": "BKG", "documentReferenceValue": booking}]})
}

/// A row of the yard.
pub(crate) fn moved(nr: &str, container: &str, what: &str) -> Value {
    let at = in_hours(-5);
    json!({"nr": nr, "box": container, "what": what, "at": at.trim_end_matches('Z'),
        "gate": "DEHAM", "driver": "Mrs Smith"})
}
