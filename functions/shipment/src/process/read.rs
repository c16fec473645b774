//! The values of a document, checked one by one.

use super::items;
use super::time::{self, Zone};
use crate::Invalid;
use crate::event::{Event, Milestone, UnknownName};
use crate::inbound::RECEIVED;
use crate::payload::{Facts, RawOrder, RawTracking};
use crate::places::{Place, Places};
use jiff::Timestamp;
use std::fmt::Display;
use std::str::FromStr;

pub(super) fn order(
    raw: &RawOrder,
    places: &Places,
    now: Timestamp,
) -> Result<(Event, Facts), Invalid> {
    let zone = raw.zone.as_deref();
    let at = time::past("ordered_at", &raw.ordered_at, zone, now)?;
    let origin = place("origin", &raw.origin, places)?;
    let destination = place("destination", &raw.destination, places)?;
    let there = places.get(&destination).and_then(|known| known.zone.rules());
    let promised = time::promise("promised", &raw.promised, zone, there)?;
    if promised <= at {
        let problem = format!("must be after ordered_at {at}, got {promised}");
        return Err(Invalid::new("promised", problem));
    }
    let facts = Facts {
        origin,
        destination,
        weight_g: items::weight(&raw.items)?,
        volume_cm3: items::volume(&raw.items)?,
        value: items::value(&raw.items)?,
        promised,
        level: parsed("service", &raw.service)?,
    };
    Ok((Event::Order { at, ids: raw.ids.clone() }, facts))
}

/// The event, and the distance from the place that its estimate is for to the
/// destination, when that is another place.
pub(super) fn tracking(
    raw: &RawTracking,
    places: &Places,
    destination: Option<&Place>,
    now: Timestamp,
) -> Result<(Event, Option<u32>), Invalid> {
    let zone = raw.zone.as_deref();
    // The file of places may have changed since the order was read.
    let destination = destination.map(|destination| places.resolve(destination));
    let at = time::past("occurred_at", &raw.occurred_at, zone, now)?;
    let withdraws = raw.withdraws.clone();
    let milestone = milestone(&raw.milestone)?;
    if milestone == Some(Milestone::Withdrawn) {
        // What is taken back says nothing of where the goods are.
        let milestone = Milestone::Withdrawn;
        return Ok((Event::Tracking { milestone, at, place: None, eta: None, withdraws }, None));
    }
    let place = raw.place.as_deref().map(|text| place("place", text, places)).transpose()?;
    let milestone = milestone.unwrap_or_else(|| {
        let at_the_end = place.is_some() && place == destination;
        if at_the_end { Milestone::Delivered } else { Milestone::Arrived }
    });
    let (eta, onward_km) = estimate(raw, places, destination.as_ref(), at, zone)?;
    Ok((Event::Tracking { milestone, at, place, eta, withdraws }, onward_km))
}

/// `None` for [`RECEIVED`], which the place decides.
fn milestone(text: &str) -> Result<Option<Milestone>, Invalid> {
    if text == RECEIVED {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|UnknownName { expected, got }| {
        Invalid::new("milestone", format!("expected one of {expected}, {RECEIVED}, got {got}"))
    })
}

/// An estimate for a place on the way counts only when it is known how far that
/// is from the destination.
fn estimate(
    raw: &RawTracking,
    places: &Places,
    destination: Option<&Place>,
    at: Timestamp,
    zone: Zone<'_>,
) -> Result<(Option<Timestamp>, Option<u32>), Invalid> {
    let field = "estimated_arrival";
    let Some(text) = raw.estimated_arrival.as_deref() else { return Ok((None, None)) };
    let eta = time::moment(field, text, zone)?;
    if eta < at {
        let problem = format!("must not be before occurred_at {at}, got {eta}");
        return Err(Invalid::new(field, problem));
    }
    let stop = raw.estimated_for.as_deref();
    let stop = stop.map(|text| place("estimated_for", text, places)).transpose()?;
    let (Some(stop), Some(destination)) = (stop, destination) else {
        return Ok((Some(eta), None));
    };
    if stop == *destination {
        return Ok((Some(eta), None));
    }
    let onward_km = places.distance_km(&stop, destination);
    Ok((onward_km.map(|_| eta), onward_km))
}

/// By its code, if it has one.
fn place(field: &str, text: &str, places: &Places) -> Result<Place, Invalid> {
    parsed(field, text).map(|place| places.resolve(&place))
}

pub(super) fn parsed<T>(field: &str, text: &str) -> Result<T, Invalid>
where
    T: FromStr<Err: Display>,
{
    text.parse().map_err(|error: T::Err| Invalid::new(field, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const NOW: &str = "2026-11-28T08:00:00Z";

    fn places() -> Places {
        Places::bundled().unwrap()
    }

    fn document() -> Value {
        let item = json!({
            "quantity": 2,
            "weight": {"value": 1.2, "unit": "kg"},
            "value": {"amount": "49.90", "currency": "EUR"},
        });
        json!({
            "origin": "NLRTM", "destination": "DEBER",
            "ordered_at": "2026-11-27T08:00:00Z", "promised": "2026-11-30T18:00:00+01:00",
            "service": "economy", "items": [item, item],
        })
    }

    fn read(changes: &[(&str, Value)]) -> Result<(Event, Facts), Invalid> {
        let mut order = document();
        for (pointer, value) in changes {
            *order.pointer_mut(pointer).unwrap() = value.clone();
        }
        super::order(&serde_json::from_value(order).unwrap(), &places(), now())
    }

    fn error(changes: &[(&str, Value)]) -> String {
        read(changes).unwrap_err().to_string()
    }

    #[test]
    fn impossible_times_are_named() {
        assert_eq!(
            error(&[("/promised", json!("2026-11-27T08:00:00Z"))]),
            "promised: must be after ordered_at 2026-11-27T08:00:00Z, got 2026-11-27T08:00:00Z"
        );
        assert_eq!(
            error(&[("/ordered_at", json!("2026-11-28T08:05:01Z"))]),
            "ordered_at: 2026-11-28T08:05:01Z lies 5 min in the future"
        );
        assert!(read(&[("/ordered_at", json!("2026-11-28T08:05:00Z"))]).is_ok());
        for text in ["30.11.2026", "tomorrow", "2026-02-30T00:00:00Z"] {
            assert_eq!(
                error(&[("/promised", json!(text))]),
                format!(
                    "promised: expected a time with offset such as 2026-11-30T18:00:00+01:00, got \"{text}\""
                )
            );
        }
    }

    #[test]
    fn other_values_are_named() {
        assert_eq!(
            error(&[("/service", json!("gold"))]),
            "service: expected one of economy, standard, express, got \"gold\""
        );
        assert!(
            error(&[("/origin", json!("NL-RTM"))]).starts_with("origin: expected a place code")
        );
        assert!(
            error(&[("/destination", json!("?"))]).starts_with("destination: expected a place")
        );
    }

    #[test]
    fn origin_and_destination_go_by_their_codes() {
        let (_, facts) = read(&[
            ("/origin", json!("urn:epc:id:sgln:9521234.00001.0")),
            ("/destination", json!("geo:52.48,13.35")),
        ])
        .unwrap();
        assert_eq!((facts.origin.as_str(), facts.destination.as_str()), ("NLRTM", "DEBER"));
    }

    #[test]
    fn a_promised_date_is_the_destinations_whole_day() {
        let promised = |destination: &str| {
            let changes =
                [("/promised", json!("2026-11-27")), ("/destination", json!(destination))];
            read(&changes).map(|(_, facts)| facts.promised.to_string())
        };
        assert_eq!(promised("DEBER").unwrap(), "2026-11-27T23:00:00Z");
        assert_eq!(promised("USLAX").unwrap(), "2026-11-28T08:00:00Z");
        let error = read(&[("/promised", json!("2026-11-26"))]).unwrap_err().to_string();
        assert_eq!(
            error,
            "promised: must be after ordered_at 2026-11-27T08:00:00Z, got 2026-11-26T23:00:00Z"
        );
    }

    #[test]
    fn times_without_offset_are_read_in_the_sources_zone() {
        let mut order = document();
        order["ordered_at"] = json!("2026-11-27T09:00:00");
        order["promised"] = json!("2026-11-30T18:00:00");
        let read = |order: &Value| {
            super::order(&serde_json::from_value(order.clone()).unwrap(), &places(), now())
        };
        let error = read(&order).unwrap_err().to_string();
        assert!(error.starts_with("ordered_at: \"2026-11-27T09:00:00\" has no offset"), "{error}");
        order["zone"] = json!("Europe/Berlin");
        let (event, facts) = read(&order).unwrap();
        assert_eq!(event.at().to_string(), "2026-11-27T08:00:00Z");
        assert_eq!(facts.promised.to_string(), "2026-11-30T17:00:00Z");
        let (event, onward) =
            tracked("DEBER", &[("occurred_at", "2026-11-27T09:00:00"), ("zone", "+02:00")])
                .unwrap();
        assert_eq!((event.at().to_string().as_str(), onward), ("2026-11-27T07:00:00Z", None));
    }

    fn now() -> Timestamp {
        NOW.parse().unwrap()
    }

    fn tracked(
        destination: &str,
        changes: &[(&str, &str)],
    ) -> Result<(Event, Option<u32>), Invalid> {
        let mut raw = json!({"milestone": "delayed", "occurred_at": NOW});
        for (name, value) in changes {
            raw[name] = json!(value);
        }
        let destination = destination.parse().unwrap();
        let raw = serde_json::from_value(raw).unwrap();
        super::tracking(&raw, &places(), Some(&destination), now())
    }

    #[test]
    fn what_is_received_at_the_destination_is_delivered() {
        let kind = |destination: &str, place: &[(&str, &str)]| {
            let changes = [&[("milestone", "received")], place].concat();
            tracked(destination, &changes).unwrap().0.kind()
        };
        for (destination, place, expected) in [
            ("DEBER", "DEBER", "delivered"),
            ("DEBER", "9521234000037", "delivered"),
            ("9521234000037", "geo:52.5,13.4", "delivered"),
            ("https://example.com/docks/7", "https://example.com/docks/7", "delivered"),
            ("DEBER", "DEHAM", "arrived"),
            ("DEBER", "XXNIX", "arrived"),
            ("DEBER", "https://example.com/docks/7", "arrived"),
        ] {
            assert_eq!(kind(destination, &[("place", place)]), expected, "{place}");
        }
        assert_eq!(kind("DEBER", &[]), "arrived", "nobody says where");
    }

    #[test]
    fn an_estimate_for_a_place_on_the_way_counts_when_the_rest_is_known() {
        let eta = "2026-11-29T08:00:00Z";
        let of = |stop: &[(&str, &str)]| {
            let changes = [&[("estimated_arrival", eta)], stop].concat();
            let (event, onward_km) = tracked("DEBER", &changes).unwrap();
            let Event::Tracking { eta, .. } = event else { panic!("an order") };
            (eta.is_some(), onward_km)
        };
        assert_eq!(of(&[]), (true, None));
        assert_eq!(of(&[("estimated_for", "9521234000037")]), (true, None));
        let (counts, onward_km) = of(&[("estimated_for", "DEHAM")]);
        assert!(counts && onward_km.unwrap().abs_diff(255) < 10, "{onward_km:?}");
        assert_eq!(of(&[("estimated_for", "XXNIX")]), (false, None));
    }

    #[test]
    fn a_withdrawal_says_nothing_of_where_the_goods_are() {
        let changes = [
            ("milestone", "withdrawn"),
            ("withdraws", "0f3a5be07c21"),
            ("place", "DEHAM"),
            ("estimated_arrival", "2026-11-29T08:00:00Z"),
        ];
        let (event, onward_km) = tracked("DEBER", &changes).unwrap();
        let expected = Event::Tracking {
            milestone: Milestone::Withdrawn,
            at: now(),
            place: None,
            eta: None,
            withdraws: Some("0f3a5be07c21".into()),
        };
        assert_eq!((event, onward_km), (expected, None));
    }

    #[test]
    fn tracking_values_are_named() {
        let tracking = |changes: &[(&str, &str)]| tracked("DEBER", changes);
        assert!(tracking(&[("estimated_arrival", NOW), ("place", "de ham")]).is_ok());
        for (changes, problem) in [
            (
                [("estimated_arrival", "2026-11-28T07:59:59Z")],
                "estimated_arrival: must not be before occurred_at 2026-11-28T08:00:00Z, got 2026-11-28T07:59:59Z",
            ),
            (
                [("occurred_at", "2026-12-01T10:00:00Z")],
                "occurred_at: 2026-12-01T10:00:00Z lies 3 days 2 h in the future",
            ),
            (
                [("milestone", "lost")],
                "milestone: expected one of picked_up, departed, arrived, seen, estimated, delayed, damaged, missing, alarm, stopped, withdrawn, delivered, received, got \"lost\"",
            ),
            (
                [("place", "9521234000038")],
                "place: wrong check digit in GLN 9521234000038: expected 7, got 8",
            ),
            (
                [("place", "geo:91,0")],
                "place: expected geo:latitude,longitude in degrees from -90 to 90 and -180 to 180 such as geo:51.92,4.48, got \"91,0\"",
            ),
            (
                [("place", "")],
                "place: expected a place code of 1 to 32 letters and digits such as NLRTM, a GLN, geo:latitude,longitude or another URI, got \"\"",
            ),
        ] {
            assert_eq!(tracking(&changes).unwrap_err().to_string(), problem);
        }
    }
}
