//! Orders: a shipment, its names, its goods and its promise.

use super::codes::{OVERSEAS, PLACES};
use super::crowd::Crowd;
use super::pen::Pen;
use super::{Draft, envelope};
use crate::books::{Event, Fate};
use crate::error::Error;
use serde_json::{Value, json};

/// Where orders come from.
pub(crate) const SHOP: &str = "urn:flotilla:shop";
pub(crate) const ORDER: &str = "flotilla.order.v1";

const PEOPLE: [(&str, &str); 4] = [
    ("Ada Jansen", "ada@example.com"),
    ("Bo Lindqvist", "bo@example.com"),
    ("Chiara Rossi", "chiara@example.com"),
    ("Dov Meyer", "dov@example.com"),
];

/// An order as its events need to know it.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) draft: Draft,
    pub(crate) shipment: String,
    /// `{"scheme": .., "value": ..}` of each of its names.
    pub(crate) identifiers: Vec<Value>,
    pub(crate) parcels: Vec<String>,
    pub(crate) booking: Option<String>,
    pub(crate) waybill: Option<String>,
    /// Its own container, when it fills one.
    pub(crate) container: Option<String>,
    pub(crate) origin: &'static str,
    pub(crate) destination: &'static str,
    /// Whether it comes from another continent.
    pub(crate) overseas: bool,
    /// When it was ordered and what was promised, as shares of the day.
    pub(crate) ordered: f64,
    pub(crate) promised: f64,
    pub(crate) data: Value,
}

impl Order {
    pub(crate) const fn tenant(&self) -> &'static str {
        self.draft.tenant
    }

    /// What an event about it alone becomes.
    pub(crate) fn task(&self) -> Fate {
        Fate::task(&self.shipment)
    }
}

pub(crate) fn draw(pen: &mut Pen<'_>, crowd: &Crowd) -> Result<Order, Error> {
    let shipment = pen.names.shipment();
    let tenant = crowd.tenant(pen);
    let hot = crowd.lane(pen);
    let overseas = hot.is_none() && pen.chance(6);
    let origin = if overseas { pen.pick(&OVERSEAS) } else { pen.pick(&PLACES) };
    let others: Vec<&'static str> =
        PLACES.iter().copied().filter(|place| *place != origin).collect();
    let destination = pen.pick(&others);
    let (origin, destination) = hot.unwrap_or((origin, destination));
    let parcels: Vec<_> = (0..pen.dice.u32(1..=2)).map(|_| pen.names.sscc()).collect();
    let booking = (overseas || pen.chance(70)).then(|| pen.names.booking());
    let waybill = pen.chance(10).then(|| pen.names.waybill());
    let container = pen.chance(4).then(|| pen.names.container());
    let named = |scheme: &str, value: &String| json!({"scheme": scheme, "value": value});
    let identifiers: Vec<_> = parcels
        .iter()
        .map(|sscc| named("sscc", sscc))
        .chain(booking.iter().map(|booking| named("booking", booking)))
        .chain(waybill.iter().map(|waybill| named("waybill", waybill)))
        .chain(container.iter().map(|number| named("container", number)))
        .collect();
    // Ordered in the first half, so that the day has room for the journey.
    let ordered = pen.dice.f64() * 0.5;
    let (service, days) = match pen.dice.u32(0..10) {
        _ if overseas => ("economy", 34.0 + pen.dice.f64() * 8.0),
        0..=1 => ("express", 1.8 + pen.dice.f64()),
        2..=6 => ("standard", 3.0 + pen.dice.f64() * 1.5),
        _ => ("economy", 5.0 + pen.dice.f64() * 3.0),
    };
    let promised = ordered + days;
    let items: Vec<_> = (0..pen.dice.u32(1..=3)).map(|number| item(pen, number)).collect();
    let offset = pen.pick(&[0, 1]);
    let mut data = json!({
        "shipment": shipment,
        "identifiers": identifiers,
        "origin": origin,
        "destination": destination,
        "ordered_at": pen.utc(ordered)?,
        "promised": pen.day.local(promised, offset)?,
        "service": service,
        "items": items,
    });
    if let (true, Some(fields)) = (pen.chance(80), data.as_object_mut()) {
        let (name, email) = pen.pick(&PEOPLE);
        let address = format!("Harbour Street {}, {destination}", pen.dice.u32(1..200));
        let contact = json!({"name": name, "email": email, "address": address});
        fields.insert("contact".to_owned(), contact);
    }
    let event = pen.names.event();
    let draft = Draft {
        what: "order",
        body: envelope(ORDER, SHOP, &event, &pen.utc(ordered)?, tenant, &data).to_string(),
        source: Some(SHOP.to_owned()),
        tenant,
        events: vec![Event {
            what: "order".to_owned(),
            id: Some(event),
            expected: Fate::task(&shipment),
        }],
        at: ordered,
    };
    Ok(Order {
        draft,
        shipment,
        identifiers,
        parcels,
        booking,
        waybill,
        container,
        origin,
        destination,
        overseas,
        ordered,
        promised,
        data,
    })
}

fn item(pen: &mut Pen<'_>, number: u32) -> Value {
    let dice = &mut *pen.dice;
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
