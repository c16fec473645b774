//! The shape of an order document.

use super::{Contact, Inbound, Subject, identifier};
use crate::Invalid;
use crate::fields::Field;
use crate::payload::{RawItem, RawOrder, RawSize, RawValue, RawWeight, Received};
use flotilla_task::ShipmentId;

/// More than any parcel list, and few enough to index in one go.
const MAX_IDENTIFIERS: usize = 100;
const MAX_ITEMS: usize = 1000;
/// Longest raw time, unit or amount that is worth passing on.
const MAX_WORD: usize = 64;
/// A place may be a URI.
const MAX_PLACE: usize = 256;
const MAX_CONTACT: usize = 500;

pub(super) fn read(root: &Field<'_>) -> Result<Inbound, Invalid> {
    let shipment = root.required("shipment")?;
    let id = ShipmentId::new(shipment.text()?).map_err(|error| {
        // The field is named already.
        let text = error.to_string();
        shipment.invalid(text.strip_prefix("shipment: ").unwrap_or(&text))
    })?;
    let mut identifiers = Vec::new();
    if let Some(list) = root.optional("identifiers")? {
        for field in list.list(MAX_IDENTIFIERS)? {
            let identifier = identifier(&field)?;
            if !identifiers.contains(&identifier) {
                identifiers.push(identifier);
            }
        }
    }
    let list = root.required("items")?;
    let items = list.list(MAX_ITEMS)?.iter().map(item).collect::<Result<Vec<_>, _>>()?;
    if items.is_empty() {
        return Err(list.invalid("expected at least one item"));
    }
    let word = |name: &str| root.required(name)?.short_text(MAX_WORD);
    let received = Received::Order(RawOrder {
        ids: identifiers.clone(),
        zone: None,
        origin: root.required("origin")?.short_text(MAX_PLACE)?,
        destination: root.required("destination")?.short_text(MAX_PLACE)?,
        ordered_at: word("ordered_at")?,
        promised: word("promised")?,
        service: word("service")?,
        items,
    });
    let contact = root.optional("contact")?.map(|field| contact(&field)).transpose()?;
    let subject = Subject::Order { shipment: id, names: identifiers };
    Ok(Inbound { event: None, subject, contact, received, original: None })
}

/// The `sku` is not taken along: no decision looks at it.
fn item(field: &Field<'_>) -> Result<RawItem, Invalid> {
    let weight = field.required("weight")?;
    let value = field.required("value")?;
    Ok(RawItem {
        quantity: field.required("quantity")?.whole()?,
        weight: RawWeight {
            value: weight.required("value")?.number()?,
            unit: weight.required("unit")?.short_text(MAX_WORD)?,
        },
        value: RawValue {
            amount: value.required("amount")?.short_text(MAX_WORD)?,
            currency: value.required("currency")?.short_text(MAX_WORD)?,
        },
        size: field.optional("size")?.map(|field| size(&field)).transpose()?,
    })
}

fn size(field: &Field<'_>) -> Result<RawSize, Invalid> {
    Ok(RawSize {
        length: field.required("length")?.number()?,
        width: field.required("width")?.number()?,
        height: field.required("height")?.number()?,
        unit: field.required("unit")?.short_text(MAX_WORD)?,
    })
}

/// Errors here name the field and its length, never what stands in it.
fn contact(field: &Field<'_>) -> Result<Contact, Invalid> {
    let part =
        |name: &str| field.optional(name)?.map(|part| part.short_text(MAX_CONTACT)).transpose();
    Ok(Contact {
        name: part("name")?,
        email: part("email")?,
        phone: part("phone")?,
        address: part("address")?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, Subject, read};
    use serde_json::{Value, json};

    fn order() -> Value {
        json!({
            "shipment": "SHP-000123",
            "identifiers": [
                {"scheme": "sscc", "value": "003456789012345670"},
                {"scheme": "booking", "value": "BKR-77"},
                {"scheme": "booking", "value": "BKR-77"},
            ],
            "origin": "NLRTM", "destination": "DEBER",
            "ordered_at": "2026-11-27T08:00:00Z", "promised": "2026-11-30T18:00:00+01:00",
            "service": "economy",
            "items": [{
                "sku": "A-1", "quantity": 2,
                "weight": {"value": 1.2, "unit": "kg"},
                "value": {"amount": "49.90", "currency": "EUR"},
                "size": {"length": 30, "width": 20.50, "height": 10, "unit": "cm"},
            }],
            "contact": {"name": "Ada Lovelace", "email": "ada@example.org"},
            "campaign": "an unknown field is not an error",
        })
    }

    fn error(change: impl FnOnce(&mut Value)) -> String {
        let mut document = order();
        change(&mut document);
        read(Kind::Order, &document.to_string()).unwrap_err().to_string()
    }

    #[test]
    fn an_order_gives_its_ids_and_no_personal_data_in_what_goes_on() {
        let inbound = read(Kind::Order, &order().to_string()).unwrap();
        let Subject::Order { shipment, names } = inbound.subject else { panic!("an order") };
        assert_eq!(shipment.as_str(), "SHP-000123");
        let keys: Vec<_> = names.iter().map(|id| id.index_key()).collect();
        assert_eq!(keys, ["sscc:003456789012345670", "booking:BKR-77"]);
        let contact = inbound.contact.unwrap();
        assert_eq!(contact.email.as_deref(), Some("ada@example.org"));
        assert_eq!(format!("{contact:?}"), "Contact(..)");
        let json = serde_json::to_string(&inbound.received).unwrap();
        assert!(!json.contains("Ada") && !json.contains("example.org"), "{json}");
        assert!(json.contains("\"value\":1.2"), "digits are passed on as written: {json}");
    }

    #[test]
    fn every_missing_field_is_named() {
        for name in ["shipment", "origin", "destination", "ordered_at", "promised", "service"] {
            let text = error(|order| {
                order.as_object_mut().unwrap().remove(name);
            });
            assert_eq!(text, format!("{name}: missing"));
        }
        let of = |pointer: &str, name: &str| {
            error(|order| {
                order.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(name);
            })
        };
        assert_eq!(of("", "items"), "items: missing");
        assert_eq!(of("/items/0", "quantity"), "items[0].quantity: missing");
        assert_eq!(of("/items/0/weight", "unit"), "items[0].weight.unit: missing");
        assert_eq!(of("/items/0/value", "currency"), "items[0].value.currency: missing");
        assert_eq!(of("/items/0/size", "height"), "items[0].size.height: missing");
        assert_eq!(of("/identifiers/1", "value"), "identifiers[1].value: missing");
    }

    #[test]
    fn every_wrong_value_is_named() {
        let set = |pointer: &str, value: Value| {
            error(|order| *order.pointer_mut(pointer).unwrap() = value)
        };
        assert_eq!(
            set("/identifiers/0/value", json!("003456789012345675")),
            "identifiers[0].value: wrong check digit in SSCC 003456789012345675: expected 0, got 5"
        );
        assert_eq!(
            set("/identifiers/0/scheme", json!("gln")),
            "identifiers[0].scheme: expected sscc, gsin, ginc, asset, container, booking or waybill, got \"gln\""
        );
        assert_eq!(
            set("/shipment", json!("has space")),
            "shipment: expected 1 to 128 printable characters without spaces, got 9 bytes: \"has space\""
        );
        assert_eq!(
            set("/items/0/quantity", json!(1.5)),
            "items[0].quantity: expected a whole number, got 1.5"
        );
        assert_eq!(
            set("/items/0/weight/value", json!("1.2")),
            "items[0].weight.value: expected a number, got text"
        );
        assert_eq!(
            set("/items/0/value/amount", json!(49.9)),
            "items[0].value.amount: expected text, got a number"
        );
        assert_eq!(set("/items", json!([])), "items: expected at least one item");
        assert_eq!(set("/origin", json!("")), "origin: expected 1 to 256 bytes, got 0");
        let many = json!(vec![json!({}); 101]);
        assert_eq!(set("/identifiers", many), "identifiers: expected at most 100 entries, got 101");
    }

    #[test]
    fn an_error_about_a_contact_does_not_quote_it() {
        let set = |name: &str, value: Value| error(|order| order["contact"][name] = value);
        assert_eq!(set("phone", json!(4912345)), "contact.phone: expected text, got a number");
        assert_eq!(
            set("address", json!("Secret Street ".repeat(99))),
            "contact.address: expected 1 to 500 bytes, got 1386"
        );
    }
}
