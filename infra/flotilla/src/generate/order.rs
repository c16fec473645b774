//! Orders: a shipment, its names, its goods and its promise.

use super::calendar::Day;
use super::codes::{Names, PLACES};
use super::{Draft, envelope};
use crate::books::Fate;
use crate::error::Error;
use fastrand::Rng;
use serde_json::{Value, json};

/// Where orders come from.
pub(crate) const SHOP: &str = "urn:flotilla:shop";
pub(crate) const ORDER: &str = "flotilla.order.v1";

const TENANTS: [&str; 3] = ["acme", "globex", "initech"];
const PEOPLE: [(&str, &str); 4] = [
    ("Ada Jansen", "ada@example.com"),
    ("Bo Lindqvist", "bo@example.com"),
    ("Chiara Rossi", "chiara@example.com"),
    ("Dov Meyer", "dov@example.com"),
];

/// An order as its tracking events need to know it.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) draft: Draft,
    pub(crate) shipment: String,
    /// `{"scheme": .., "value": ..}` of each of its names.
    pub(crate) identifiers: Vec<Value>,
    pub(crate) origin: &'static str,
    pub(crate) destination: &'static str,
    /// When it was ordered and what was promised, as shares of the day.
    pub(crate) ordered: f64,
    pub(crate) promised: f64,
    pub(crate) data: Value,
}

pub(crate) fn draw(dice: &mut Rng, names: &mut Names, day: &Day) -> Result<Order, Error> {
    let shipment = names.shipment();
    let tenant = pick(dice, &TENANTS);
    let origin = pick(dice, &PLACES);
    let others: Vec<&'static str> =
        PLACES.iter().copied().filter(|place| *place != origin).collect();
    let destination = pick(dice, &others);
    let mut identifiers: Vec<_> =
        (0..dice.u32(1..=2)).map(|_| json!({"scheme": "sscc", "value": names.sscc()})).collect();
    if dice.u32(0..10) < 7 {
        identifiers.push(json!({"scheme": "booking", "value": names.booking()}));
    }
    // Ordered in the first half, so that the day has room for the journey.
    let ordered = dice.f64() * 0.5;
    let (service, days) = match dice.u32(0..10) {
        0..=1 => ("express", 1.8 + dice.f64()),
        2..=6 => ("standard", 3.0 + dice.f64() * 1.5),
        _ => ("economy", 5.0 + dice.f64() * 3.0),
    };
    let promised = ordered + days;
    let items: Vec<_> = (0..dice.u32(1..=3)).map(|number| item(dice, number)).collect();
    let mut data = json!({
        "shipment": shipment,
        "identifiers": identifiers,
        "origin": origin,
        "destination": destination,
        "ordered_at": day.utc(ordered)?,
        "promised": day.local(promised, if dice.bool() { 1 } else { 0 })?,
        "service": service,
        "items": items,
    });
    if let (true, Some(fields)) = (dice.u32(0..10) < 8, data.as_object_mut()) {
        let (name, email) = pick(dice, &PEOPLE);
        let address = format!("Harbour Street {}, {destination}", dice.u32(1..200));
        let contact = json!({"name": name, "email": email, "address": address});
        fields.insert("contact".to_owned(), contact);
    }
    let event = names.event();
    let draft = Draft {
        what: "order",
        body: envelope(ORDER, SHOP, &event, &day.utc(ordered)?, tenant, &data).to_string(),
        source: Some(SHOP.to_owned()),
        event: Some(event),
        shipment: Some(shipment.clone()),
        tenant,
        expected: Fate::Task,
        at: ordered,
    };
    Ok(Order { draft, shipment, identifiers, origin, destination, ordered, promised, data })
}

fn item(dice: &mut Rng, number: u32) -> Value {
    let (weight, unit) = match dice.u32(0..4) {
        0 => (json!(dice.u32(2..160)), "oz"),
        1 => (json!(dice.u32(50..9000)), "g"),
        2 => (json!(f64::from(dice.u32(1..200)) / 10.0), "lb"),
        _ => (json!(f64::from(dice.u32(1..120)) / 10.0), "kg"),
    };
    let amount = format!("{}.{:02}", dice.u32(1..400), dice.u32(0..100));
    json!({
        "sku": format!("{}-{number}", dice.alphabetic().to_ascii_uppercase()),
        "quantity": dice.u32(1..=4),
        "weight": {"value": weight, "unit": unit},
        "value": {"amount": amount, "currency": "EUR"},
    })
}

/// One of a list that is not empty.
pub(crate) fn pick<T: Copy + Default>(dice: &mut Rng, list: &[T]) -> T {
    dice.choice(list).copied().unwrap_or_default()
}
