//! Where an event happened: a UN/LOCODE, else coordinates.

use crate::Invalid;
use crate::fields::Field;
use serde_json::Value;

const MAX_WORD: usize = 64;

/// The first UN/LOCODE of the event's own location, the transport call's
/// location and the transport call; without any, the first coordinates, as
/// `geo:48.85,2.29` (RFC 5870). A facility is a part of its place and not told
/// apart.
pub(super) fn of(event: &Field<'_>) -> Result<Option<String>, Invalid> {
    let own = event.optional("eventLocation")?;
    let call = event.optional("transportCall")?;
    let of_call = match &call {
        Some(call) => call.optional("location")?,
        None => None,
    };
    for place in [&own, &of_call, &call].into_iter().flatten() {
        if let Some(code) = locode(place)? {
            return Ok(Some(code));
        }
    }
    for place in [&own, &of_call].into_iter().flatten() {
        if let Some(spot) = coordinates(place)? {
            return Ok(Some(spot));
        }
    }
    Ok(None)
}

/// Some lines write the code as `unLocationCode`, or instead of the location.
fn locode(place: &Field<'_>) -> Result<Option<String>, Invalid> {
    if place.is_text() {
        return text(place);
    }
    for name in ["UNLocationCode", "unLocationCode"] {
        if let Some(field) = place.optional(name)? {
            return text(&field);
        }
    }
    Ok(None)
}

fn text(field: &Field<'_>) -> Result<Option<String>, Invalid> {
    if field.text()?.trim().is_empty() {
        return Ok(None);
    }
    field.short_text(MAX_WORD).map(Some)
}

fn coordinates(place: &Field<'_>) -> Result<Option<String>, Invalid> {
    if place.is_text() {
        return Ok(None);
    }
    let degrees = |name: &str| match place.optional(name)? {
        // Numbers as numbers, too: the definition changed from one to the other.
        Some(field) => match field.value() {
            Value::Number(number) => Ok(Some(number.to_string())),
            Value::Null
            | Value::Bool(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => text(&field),
        },
        None => Ok(None),
    };
    let (lat, lon) = (degrees("latitude")?, degrees("longitude")?);
    Ok(lat.zip(lon).map(|(lat, lon)| format!("geo:{},{}", lat.trim(), lon.trim())))
}
