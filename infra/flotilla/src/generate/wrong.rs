//! What can be wrong with an event of a standard. Each names a good shipment, so
//! that it could do harm if it were taken, and may stand among good events in one
//! document: these must not suffer.

use super::epcis::{Of, set};
use super::happening::Happening;
use super::order::Order;
use super::pen::Pen;
use crate::books::Fate;
use crate::error::Error;
use serde_json::json;

/// How many kinds there are; [`make`] has one arm for each.
pub(crate) const KINDS: u32 = 9;

pub(crate) fn draw(
    pen: &mut Pen<'_>,
    orders: &[Order],
    count: u32,
) -> Result<Vec<Happening>, Error> {
    let mut wrong = Vec::new();
    for number in 0..count {
        let Some(order) = pen.dice.choice(orders) else { break };
        let at = pen.between(order.ordered, 0.9);
        wrong.push(make(pen, order, number % KINDS, at)?);
    }
    Ok(wrong)
}

fn make(pen: &mut Pen<'_>, order: &Order, kind: u32, at: f64) -> Result<Happening, Error> {
    let of = |what| {
        let expected = Fate::rejected(&["invalid_field"]);
        Of { what, tenant: order.tenant(), at, expected }
    };
    let sscc = order.parcels.first().map(String::as_str).unwrap_or_default();
    let parcel = format!("https://id.gs1.org/00/{sscc}");
    let goods = [parcel.clone()];
    Ok(match kind {
        0 => {
            let misread = [format!("https://id.gs1.org/00/{}", misread(sscc))];
            pen.seen(of("SSCC with a wrong check digit"), &misread, "departing", order.origin)?
        }
        1 => {
            let mut event =
                pen.seen(of("GLN with a wrong check digit"), &goods, "departing", order.origin)?;
            let place = format!("https://id.gs1.org/414/{}", misread("9521234000013"));
            set(&mut event.data, "readPoint", json!({"id": place}));
            event
        }
        2 => {
            let number = misread(&pen.names.container());
            let what = "container with a wrong check digit";
            pen.handled(of(what), "GTOT", &number, false, order.origin)?
        }
        3 => {
            let mut event =
                pen.seen(of("EPCIS event from the future"), &goods, "arriving", order.origin)?;
            set(&mut event.data, "eventTime", json!("2126-01-01T00:00:00Z"));
            event
        }
        4 => {
            // The same pallet, once by Digital Link and once by URN.
            let children = [urn(sscc)];
            let what = "a pallet on itself";
            pen.packed(of(what), &parcel, &children, true, order.origin)?
        }
        5 => {
            let number = pen.names.container();
            let what = "DCSA event without a time";
            let mut event = pen.handled(of(what), "GTOT", &number, false, order.origin)?;
            if let Some(fields) = event.data.as_object_mut() {
                fields.remove("eventDateTime");
            }
            event
        }
        6 => {
            let mut event =
                pen.seen(of("EPCIS event without an action"), &goods, "arriving", order.origin)?;
            set(&mut event.data, "action", json!("LOOK"));
            event
        }
        7 => {
            let mut event =
                pen.seen(of("EPCIS event in no zone"), &goods, "arriving", order.origin)?;
            set(&mut event.data, "eventTimeZoneOffset", json!("CET"));
            event
        }
        _ => {
            let number = pen.names.container();
            let what = "DCSA event of an unknown type";
            let mut event = pen.handled(of(what), "GTOT", &number, false, order.origin)?;
            set(&mut event.data, "eventType", json!("WEATHER"));
            event
        }
    })
}

/// The last digit is another.
fn misread(code: &str) -> String {
    let mut digits: Vec<char> = code.chars().collect();
    if let Some(last) = digits.last_mut() {
        let digit = last.to_digit(10).unwrap_or_default();
        *last = char::from_digit((digit + 1) % 10, 10).unwrap_or('0');
    }
    digits.into_iter().collect()
}

/// An SSCC as EPC URN.
fn urn(sscc: &str) -> String {
    let company = super::codes::COMPANY;
    let (extension, rest) = sscc.split_at_checked(1).unwrap_or_default();
    let serial = rest.strip_prefix(company).and_then(|rest| rest.get(..9)).unwrap_or_default();
    format!("urn:epc:id:sscc:{company}.{extension}{serial}")
}
