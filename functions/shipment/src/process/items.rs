//! What an order's items weigh, are worth and take up together.

use super::read::parsed;
use crate::Invalid;
use crate::invalid::quoted;
use crate::payload::{RawItem, RawSize};
use crate::quantity::{Currency, Decimal, Money, Weight, WeightUnit};
use crate::size::{Length, LengthUnit, Volume};
use serde_json::Number;

/// More pieces than fit in any vehicle: a typing error.
const MAX_QUANTITY: i64 = 1_000_000;
/// A thousand tonnes.
const MAX_GRAMS: u64 = 1_000_000_000;
/// A hundred thousand cubic metres: half of the largest container ship.
const MAX_CM3: u64 = 100_000_000_000;
/// Ten billion in any currency.
const MAX_CENTS: i64 = 1_000_000_000_000;

/// Whole grams, all pieces together.
pub(super) fn weight(items: &[RawItem]) -> Result<u64, Invalid> {
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

/// What all pieces are worth together, in their one currency.
pub(super) fn value(items: &[RawItem]) -> Result<Money, Invalid> {
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

/// Cubic centimetres, all pieces together; `None` unless every item tells its size.
pub(super) fn volume(items: &[RawItem]) -> Result<Option<u64>, Invalid> {
    let mut sum = Some(Volume::default());
    for (at, item) in items.iter().enumerate() {
        let piece = item.size.as_ref().map(|size| piece(at, size)).transpose()?;
        let Some(piece) = piece else {
            sum = None;
            continue;
        };
        if let Some(before) = sum {
            let after = piece.times(item.quantity).and_then(|all| before.plus(all));
            sum = Some(after.ok_or_else(too_large)?);
        }
    }
    match sum.map(Volume::cm3) {
        None => Ok(None),
        Some(Some(cm3)) if cm3 <= MAX_CM3 => Ok(Some(cm3)),
        Some(_) => Err(too_large()),
    }
}

fn too_large() -> Invalid {
    Invalid::new("items", "take up more than 100000 m3 together")
}

fn piece(at: usize, size: &RawSize) -> Result<Volume, Invalid> {
    let field = |name: &str| format!("items[{at}].size.{name}");
    let unit: LengthUnit = parsed(&field("unit"), &size.unit)?;
    let side = |name: &str, value: &Number| {
        let name = field(name);
        let amount: Decimal = parsed(&name, &value.to_string())?;
        Length::of(amount, unit)
            .map_err(|error| Invalid::new(&name, format!("{error}, got {value} {}", size.unit)))
    };
    Ok(Volume::of(
        side("length", &size.length)?,
        side("width", &size.width)?,
        side("height", &size.height)?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn items(changes: &[(&str, Value)]) -> Vec<RawItem> {
        let item = json!({
            "quantity": 2,
            "weight": {"value": 1.2, "unit": "kg"},
            "value": {"amount": "49.90", "currency": "EUR"},
            "size": {"length": 30, "width": 20.5, "height": 10, "unit": "cm"},
        });
        let mut document = json!({"items": [item, item]});
        for (pointer, value) in changes {
            *document.pointer_mut(pointer).unwrap() = value.clone();
        }
        serde_json::from_value(document["items"].clone()).unwrap()
    }

    fn read(changes: &[(&str, Value)]) -> Result<(u64, Money, Option<u64>), Invalid> {
        let items = items(changes);
        Ok((weight(&items)?, value(&items)?, volume(&items)?))
    }

    fn error(changes: &[(&str, Value)]) -> String {
        read(changes).unwrap_err().to_string()
    }

    #[test]
    fn weights_and_values_are_summed_over_pieces() {
        let (grams, value, _) =
            read(&[("/items/1/weight", json!({"value": 1, "unit": "lb"}))]).unwrap();
        assert_eq!(grams, 2400 + 907, "two pounds are 907.18 g");
        assert_eq!(value.to_string(), "199.60 EUR");
        let light = json!({"value": 0.1, "unit": "g"});
        let (grams, ..) =
            read(&[("/items/0/weight", light.clone()), ("/items/1/weight", light)]).unwrap();
        assert_eq!(grams, 1, "0.4 g is more than nothing");
    }

    #[test]
    fn a_volume_is_known_when_every_item_tells_its_size() {
        let of = |changes: &[(&str, Value)]| volume(&items(changes)).unwrap();
        assert_eq!(of(&[]), Some(4 * 6150));
        let inches = json!({"length": 12, "width": 12, "height": 12, "unit": "in"});
        assert_eq!(of(&[("/items/1/size", inches)]), Some(2 * 6150 + 56_634), "two cubic feet");
        assert_eq!(of(&[("/items/0/size", Value::Null)]), None);
        let wrong = error(&[("/items/0/size", Value::Null), ("/items/1/size/width", json!(-1))]);
        assert_eq!(wrong, "items[1].size.width: must not be negative, got -1 cm");
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
            (
                vec![("/items/0/size/length", json!(0))],
                "items[0].size.length: must be more than 0, got 0 cm",
            ),
            (
                vec![("/items/1/size/height", json!(10_000.5))],
                "items[1].size.height: longer than 100 m, got 10000.5 cm",
            ),
            (
                vec![("/items/1/size/unit", json!("mm"))],
                "items[1].size.unit: expected cm, in or m, got \"mm\"",
            ),
            (
                vec![(
                    "/items/0/size",
                    json!({"length": 100, "width": 100, "height": 6, "unit": "m"}),
                )],
                "items: take up more than 100000 m3 together",
            ),
        ] {
            assert_eq!(error(&changes), problem);
        }
    }
}
