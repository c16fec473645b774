//! Events that no other test, and no other run, has sent.

use flotilla_shipment::identifier::{Identifier, Scheme};
use flotilla_task::{EventId, ShipmentId, Source, TaskId, Timestamp};
use serde_json::{Value, json};

/// The source of every event a test makes.
pub const SOURCE: &str = "urn:flotilla:test";

/// A name that no other test, and no other run, uses.
pub fn fresh(prefix: &str) -> String {
    format!("{prefix}-{:012x}", fastrand::u64(..1 << 48))
}

/// The task of one of the tests' events.
pub fn task_of(event: &str, shipment: &str) -> TaskId {
    task_from(SOURCE, event, shipment)
}

/// The task of an event of any source.
pub fn task_from(source: &str, event: &str, shipment: &str) -> TaskId {
    TaskId::derive(
        &Source::new(source).unwrap(),
        &EventId::new(event).unwrap(),
        &ShipmentId::new(shipment).unwrap(),
    )
}

/// An identifier that no other test uses: the check digit is tried out.
pub fn checked(scheme: Scheme, body: &str) -> Identifier {
    (0..10).find_map(|digit| Identifier::new(scheme, &format!("{body}{digit}")).ok()).unwrap()
}

/// A pallet of nobody else's.
pub fn pallet() -> Identifier {
    checked(Scheme::Sscc, &format!("0{:016}", fastrand::u64(..10_u64.pow(16))))
}

/// A container of nobody else's.
pub fn container() -> Identifier {
    let owner: String = (0..3).map(|_| fastrand::char('A'..='Z')).collect();
    checked(Scheme::Container, &format!("{owner}U{:06}", fastrand::u32(..1_000_000)))
}

/// RFC 3339 of now plus some hours.
pub fn in_hours(hours: i64) -> String {
    (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(hours)).to_string()
}

/// The time now, for the store.
pub fn now() -> Timestamp {
    use flotilla_task::Clock;
    flotilla_task::SystemClock.now()
}

/// An order with one booking reference, promised in so many hours. From
/// Rotterdam to Berlin 60 are enough for Steady, which honours keys, and too
/// few for Tortoise, which does not; 96 are enough for Tortoise, the cheapest.
pub fn order(event: &str, shipment: &str, reference: &str, promised: i64) -> String {
    cloud_event(event, "flotilla.order.v1", &order_data(shipment, reference, promised))
}

/// The order's document, to be changed.
pub fn order_data(shipment: &str, reference: &str, promised: i64) -> Value {
    json!({
        "shipment": shipment,
        "identifiers": [{"scheme": "booking", "value": reference}],
        "origin": "NLRTM",
        "destination": "DEBER",
        "ordered_at": in_hours(-1),
        "promised": in_hours(promised),
        "service": "standard",
        "items": [{
            "sku": "A-1",
            "quantity": 1,
            "weight": {"value": 2.5, "unit": "kg"},
            "value": {"amount": "49.90", "currency": "EUR"},
        }],
        "contact": {"name": "Ada Personal", "email": "ada@example.org"},
    })
}

/// A tracking event about a booking reference. `more` is merged into its data.
pub fn tracking(event: &str, reference: &str, milestone: &str, more: &Value) -> String {
    let mut data = json!({
        "identifier": {"scheme": "booking", "value": reference},
        "milestone": milestone,
        "occurred_at": in_hours(0),
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        data[name] = value.clone();
    }
    cloud_event(event, "flotilla.tracking.v1", &data)
}

/// A CloudEvent of the tests' source.
pub fn cloud_event(event: &str, kind: &str, data: &Value) -> String {
    json!({
        "specversion": "1.0",
        "id": event,
        "source": SOURCE,
        "type": kind,
        "time": in_hours(0),
        "datacontenttype": "application/json",
        "data": data,
    })
    .to_string()
}

/// A Lambda event with these bodies, each received so many times; their message
/// ids are `message-0` and so on.
pub fn batch(bodies: &[String], receives: u32) -> String {
    let record = |(at, body): (usize, &String)| {
        json!({
            "messageId": format!("message-{at}"),
            "receiptHandle": "a handle that no queue knows",
            "body": body,
            "attributes": {"ApproximateReceiveCount": receives.to_string()},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:a-queue",
            "awsRegion": "us-east-1",
        })
    };
    json!({"Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>()}).to_string()
}
