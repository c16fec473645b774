//! Events of a typical shipment: one order, and what happens on the way until delivery.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// What is reported of a shipment one after the other.
pub const WAY: [(&str, &str); 9] = [
    ("picked_up", "NLRTM"),
    ("departed", "NLRTM"),
    ("arrived", "DEHAM"),
    ("seen", "DEHAM"),
    ("departed", "DEHAM"),
    ("arrived", "DEBER"),
    ("seen", "DEBER"),
    ("departed", "DEBER"),
    ("delivered", "DEBER"),
];

/// The source of every event.
const SOURCE: &str = "urn:flotilla:bench";

/// An order of that shipment. Sixty hours are enough for a carrier that honours keys, and
/// too few for the cheapest, which does not.
#[must_use]
pub fn order(shipment: usize) -> String {
    let data = json!({
        "shipment": format!("SHP-{shipment:08}"),
        "identifiers": [{"scheme": "booking", "value": format!("BKR-{shipment:08}")}],
        "origin": "NLRTM",
        "destination": "DEBER",
        "ordered_at": in_minutes(-60),
        "promised": in_minutes(60 * 60),
        "service": "standard",
        "items": [{
            "sku": "A-1",
            "quantity": 1,
            "weight": {"value": 2.5, "unit": "kg"},
            "value": {"amount": "49.90", "currency": "EUR"},
        }],
        "contact": {"name": "Ada Personal", "email": "ada@example.org"},
    });
    event(&format!("order-{shipment}"), "flotilla.order.v1", &data)
}

/// What happens to it at that step of its way.
#[must_use]
pub fn tracking(shipment: usize, step: usize) -> String {
    let (milestone, place) = WAY.get(step).copied().unwrap_or_default();
    // Each later than the one before, and all of them in the last half hour.
    let minutes = i64::try_from(step).unwrap_or_default() - 30;
    let data = json!({
        "identifier": {"scheme": "booking", "value": format!("BKR-{shipment:08}")},
        "milestone": milestone,
        "occurred_at": in_minutes(minutes),
        "place": place,
    });
    event(&format!("track-{shipment}-{step}"), "flotilla.tracking.v1", &data)
}

fn event(id: &str, kind: &str, data: &Value) -> String {
    json!({
        "specversion": "1.0",
        "id": id,
        "source": SOURCE,
        "type": kind,
        "time": in_minutes(0),
        "datacontenttype": "application/json",
        "tenant": "acme",
        "data": data,
    })
    .to_string()
}

fn in_minutes(minutes: i64) -> String {
    (Timestamp::now() + SignedDuration::from_mins(minutes)).to_string()
}
