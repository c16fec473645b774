//! Which loads an event names: its container, its booking, its transport document.

use super::Type;
use crate::Invalid;
use crate::fields::Field;
use crate::identifier::{Error, Identifier, Scheme};

/// More references than any event has.
const MAX_REFERENCES: usize = 200;

/// Every load once, the container first.
pub(super) fn of(event: &Field<'_>, kind: Type) -> Result<Vec<Identifier>, Invalid> {
    let mut loads = Vec::new();
    if let Some(field) = event.optional("equipmentReference")? {
        loads.extend(container(&field)?);
    }
    if kind == Type::Shipment {
        loads.extend(document(event)?);
    }
    for entry in entries(event, "documentReferences")? {
        let Some(code) = entry.optional("documentReferenceType")? else { continue };
        if let Some(value) = entry.optional("documentReferenceValue")? {
            loads.extend(named(code.text()?, value.text()?));
        }
    }
    for entry in entries(event, "references")? {
        let Some(code) = entry.optional("referenceType")? else { continue };
        if let ("EQ", Some(value)) = (word(code.text()?), entry.optional("referenceValue")?) {
            loads.extend(container(&value)?);
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    loads.retain(|load| seen.insert(load.clone()));
    Ok(loads)
}

fn entries<'a>(event: &Field<'a>, name: &str) -> Result<Vec<Field<'a>>, Invalid> {
    event.optional(name)?.map_or(Ok(Vec::new()), |list| list.list(MAX_REFERENCES))
}

/// Equipment need not be numbered by ISO 6346; what looks as if it were must have
/// the right check digit.
fn container(field: &Field<'_>) -> Result<Option<Identifier>, Invalid> {
    match Identifier::new(Scheme::Container, field.text()?) {
        Ok(container) => Ok(Some(container)),
        Err(error @ Error::Gs1(_)) => Err(field.invalid(error.to_string())),
        Err(Error::Scheme(_) | Error::Form(_) | Error::Value { .. }) => Ok(None),
    }
}

/// The document that a shipment event is about.
fn document(event: &Field<'_>) -> Result<Option<Identifier>, Invalid> {
    let code = match event.optional("documentTypeCode")? {
        Some(code) => code,
        // 2.0 had this name for it.
        None => match event.optional("shipmentInformationTypeCode")? {
            Some(code) => code,
            None => event.required("documentTypeCode")?,
        },
    };
    Ok(named(code.text()?, event.required("documentID")?.text()?))
}

/// A document by the code of its type: a booking, its request, or the bill of
/// lading or waybill under which the goods travel. Others order nothing, and a
/// number that no order could hold names nothing.
fn named(code: &str, value: &str) -> Option<Identifier> {
    let scheme = match word(code) {
        "BKG" | "BOK" | "CBR" => Scheme::Booking,
        "TRD" => Scheme::Waybill,
        _ => return None,
    };
    Identifier::new(scheme, value).ok()
}

/// The definition of 2.2 writes some codes with their meaning: `BKG (Booking)`.
fn word(code: &str) -> &str {
    code.split(' ').next().unwrap_or(code)
}
