//! The values of a document, checked one by one.

use super::CLOCK_AHEAD;
use crate::Invalid;
use crate::event::Event;
use crate::invalid::quoted;
use crate::payload::{Facts, RawItem, RawOrder, RawTracking};
use crate::quantity::{Currency, Decimal, Money, Weight, WeightUnit};
use crate::words::{minutes_between, span, whole_second};
use jiff::Timestamp;
use std::fmt::Display;
use std::str::FromStr;

/// More pieces than fit in any vehicle: a typing error.
const MAX_QUANTITY: i64 = 1_000_000;
/// A thousand tonnes.
const MAX_GRAMS: u64 = 1_000_000_000;
/// Ten billion in any currency.
const MAX_CENTS: i64 = 1_000_000_000_000;

pub(super) fn order(raw: &RawOrder, now: Timestamp) -> Result<(Event, Facts), Invalid> {
    let at = past("ordered_at", &raw.ordered_at, now)?;
    let promised = time("promised", &raw.promised)?;
    if promised <= at {
        let problem = format!("must be after ordered_at {at}, got {promised}");
        return Err(Invalid::new("promised", problem));
    }
    let facts = Facts {
        origin: parsed("origin", &raw.origin)?,
        destination: parsed("destination", &raw.destination)?,
        weight_g: weight(&raw.items)?,
        value: value(&raw.items)?,
        promised,
        level: parsed("service", &raw.service)?,
    };
    Ok((Event::Order { at, ids: raw.ids.clone() }, facts))
}

pub(super) fn tracking(raw: &RawTracking, now: Timestamp) -> Result<Event, Invalid> {
    let milestone = parsed("milestone", &raw.milestone)?;
    let at = past("occurred_at", &raw.occurred_at, now)?;
    let place = raw.place.as_deref().map(|text| parsed("place", text)).transpose()?;
    let field = "estimated_arrival";
    let eta = raw.estimated_arrival.as_deref().map(|text| time(field, text)).transpose()?;
    if let Some(eta) = eta.filter(|eta| *eta < at) {
        let problem = format!("must not be before occurred_at {at}, got {eta}");
        return Err(Invalid::new(field, problem));
    }
    Ok(Event::Tracking { milestone, at, place, eta, withdraws: None })
}

fn parsed<T>(field: &str, text: &str) -> Result<T, Invalid>
where
    T: FromStr<Err: Display>,
{
    text.parse().map_err(|error: T::Err| Invalid::new(field, error.to_string()))
}

/// A moment, without its fraction of a second.
fn time(field: &str, text: &str) -> Result<Timestamp, Invalid> {
    text.parse::<Timestamp>().map(whole_second).map_err(|_| {
        let got = quoted(text);
        let problem =
            format!("expected a time with offset such as 2026-11-30T18:00:00+01:00, got {got}");
        Invalid::new(field, problem)
    })
}

/// The moment of something that has happened.
fn past(field: &str, text: &str, now: Timestamp) -> Result<Timestamp, Invalid> {
    let at = time(field, text)?;
    if at.as_second().saturating_sub(now.as_second()) > CLOCK_AHEAD {
        let ahead = span(minutes_between(now, at));
        return Err(Invalid::new(field, format!("{at} lies {ahead} in the future")));
    }
    Ok(at)
}

fn weight(items: &[RawItem]) -> Result<u64, Invalid> {
    let mut sum = Weight::default();
    for (at, item) in items.iter().enumerate() {
        let field = |name: &str| format!("items[{at}].{name}");
        if !(1..=MAX_QUANTITY).contains(&item.quantity) {
            let problem = format!("expected 1 to {MAX_QUANTITY}, got {}", item.quantity);
            return Err(Invalid::new(&field("quantity"), problem));
        }
        let name = field("weight.value");
        let amount: Decimal = parsed(&name, &item.weight.value.to_string())?;
        let unit: WeightUnit = parsed(&field("weight.unit"), &item.weight.unit)?;
        let shown = || format!("{} {}", item.weight.value, item.weight.unit);
        if amount.is_negative() {
            return Err(Invalid::new(&name, format!("must not be negative, got {}", shown())));
        }
        sum = Weight::of(amount, unit)
            .and_then(|weight| weight.times(item.quantity))
            .and_then(|weight| sum.plus(weight))
            .ok_or_else(|| Invalid::new(&name, format!("too heavy: {}", shown())))?;
    }
    if sum == Weight::default() {
        return Err(Invalid::new("items", "must weigh more than 0 g together"));
    }
    match sum.grams() {
        // Less than half a gram is still something to carry.
        Some(grams) if grams <= MAX_GRAMS => Ok(grams.max(1)),
        Some(_) | None => Err(Invalid::new("items", "weigh more than 1000 t together")),
    }
}

fn value(items: &[RawItem]) -> Result<Money, Invalid> {
    let mut sum: Option<Money> = None;
    for (at, item) in items.iter().enumerate() {
        let name = format!("items[{at}].value.amount");
        let amount: Decimal = parsed(&name, &item.value.amount)?;
        if amount.is_negative() {
            let problem = format!("must not be negative, got {}", quoted(&item.value.amount));
            return Err(Invalid::new(&name, problem));
        }
        let cents = amount.exactly(2).ok_or_else(|| {
            let got = quoted(&item.value.amount);
            Invalid::new(&name, format!("expected at most 2 decimals and 16 digits, got {got}"))
        })?;
        let field = format!("items[{at}].value.currency");
        let currency: Currency = parsed(&field, &item.value.currency)?;
        let before = sum.unwrap_or(Money { cents: 0, currency });
        if before.currency != currency {
            let problem = format!("expected {} as before, got {currency}", before.currency);
            return Err(Invalid::new(&field, problem));
        }
        let cents = cents
            .checked_mul(item.quantity)
            .and_then(|cents| cents.checked_add(before.cents))
            .filter(|cents| *cents <= MAX_CENTS)
            .ok_or_else(|| Invalid::new(&name, "more than 10 billion together"))?;
        sum = Some(Money { cents, currency });
    }
    sum.ok_or_else(|| Invalid::new("items", "expected at least one item"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const NOW: &str = "2026-11-28T08:00:00Z";

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
        super::order(&serde_json::from_value(order).unwrap(), NOW.parse().unwrap())
    }

    fn error(changes: &[(&str, Value)]) -> String {
        read(changes).unwrap_err().to_string()
    }

    #[test]
    fn weights_and_values_are_summed_over_pieces() {
        let (_, facts) = read(&[("/items/1/weight", json!({"value": 1, "unit": "lb"}))]).unwrap();
        assert_eq!(facts.weight_g, 2400 + 907, "two pounds are 907.18 g");
        assert_eq!(facts.value.to_string(), "199.60 EUR");
        let light = json!({"value": 0.1, "unit": "g"});
        let (_, facts) =
            read(&[("/items/0/weight", light.clone()), ("/items/1/weight", light)]).unwrap();
        assert_eq!(facts.weight_g, 1, "0.4 g is more than nothing");
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
        for text in ["2026-11-30", "2026-11-30T18:00:00", "tomorrow", "2026-02-30T00:00:00Z"] {
            assert_eq!(
                error(&[("/promised", json!(text))]),
                format!(
                    "promised: expected a time with offset such as 2026-11-30T18:00:00+01:00, got \"{text}\""
                )
            );
        }
    }

    #[test]
    fn impossible_items_are_named() {
        let zero = json!({"value": 0, "unit": "kg"});
        for (changes, problem) in [
            (
                vec![("/items/1/weight/value", json!(-3))],
                "items[1].weight.value: must not be negative, got -3 kg",
            ),
            (
                vec![("/items/0/weight/unit", json!("stone"))],
                "items[0].weight.unit: expected kg, g, lb or oz, got \"stone\"",
            ),
            (
                vec![("/items/0/weight/value", json!(1e300))],
                "items[0].weight.value: expected a decimal number such as 49.90, got \"1e+300\"",
            ),
            (
                vec![("/items/0/weight/value", json!(1e15))],
                "items[0].weight.value: too heavy: 1000000000000000.0 kg",
            ),
            (vec![("/items/0/weight/value", json!(1e6))], "items: weigh more than 1000 t together"),
            (
                vec![("/items/0/weight", zero.clone()), ("/items/1/weight", zero)],
                "items: must weigh more than 0 g together",
            ),
            (
                vec![("/items/0/quantity", json!(0))],
                "items[0].quantity: expected 1 to 1000000, got 0",
            ),
            (
                vec![("/items/1/value/amount", json!("-1.00"))],
                "items[1].value.amount: must not be negative, got \"-1.00\"",
            ),
            (
                vec![("/items/1/value/amount", json!("1.005"))],
                "items[1].value.amount: expected at most 2 decimals and 16 digits, got \"1.005\"",
            ),
            (
                vec![("/items/1/value/amount", json!("ten"))],
                "items[1].value.amount: expected a decimal number such as 49.90, got \"ten\"",
            ),
            (
                vec![("/items/1/value/amount", json!("9999999999"))],
                "items[1].value.amount: more than 10 billion together",
            ),
            (
                vec![("/items/1/value/currency", json!("eur"))],
                "items[1].value.currency: expected a currency code of three capital letters such as EUR, got \"eur\"",
            ),
            (
                vec![("/items/1/value/currency", json!("GBP"))],
                "items[1].value.currency: expected EUR as before, got GBP",
            ),
        ] {
            assert_eq!(error(&changes), problem);
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

    fn tracking(changes: &[(&str, &str)]) -> Result<Event, Invalid> {
        let mut raw = json!({"milestone": "delayed", "occurred_at": NOW});
        for (name, value) in changes {
            raw[name] = json!(value);
        }
        super::tracking(&serde_json::from_value(raw).unwrap(), NOW.parse().unwrap())
    }

    #[test]
    fn tracking_values_are_named() {
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
                "milestone: expected one of picked_up, departed, arrived, seen, estimated, delayed, damaged, missing, alarm, stopped, withdrawn, delivered, got \"lost\"",
            ),
            (
                [("place", "")],
                "place: expected a place code of 1 to 32 letters and digits such as NLRTM, got \"\"",
            ),
        ] {
            assert_eq!(tracking(&changes).unwrap_err().to_string(), problem);
        }
    }
}
