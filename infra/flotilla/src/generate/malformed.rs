//! Everything that can be wrong with a message, one of each kind and more.
//!
//! A malformed order has a shipment of its own and a malformed tracking event
//! the name of a good one, so that it could do harm if it were taken. What can
//! be wrong with the standards' events is in `wrong`.

use super::calendar::Day;
use super::order::{ORDER, Order, SHOP};
use super::pen::Pen;
use super::tracking::{self, TRACKER, TRACKING};
use super::{Draft, envelope};
use crate::books::{Event, Fate};
use crate::error::Error;
use serde_json::{Value, json};

/// SQS takes 1 MiB with attributes; this leaves no room for any.
const LARGEST: usize = 1_048_576;
/// How many kinds there are; [`Maker::make`] has one arm for each.
pub(crate) const KINDS: u32 = 19;
/// Newer versions and the largest message go round until their receives are
/// used up, so there is one of each and no more, and both are sent first.
const ONCE: [u32; 2] = [5, 18];

pub(crate) fn draw(
    pen: &mut Pen<'_>,
    orders: &[Order],
    count: u32,
    prompt: bool,
) -> Result<Vec<Draft>, Error> {
    let mut drafts = Vec::new();
    for number in 0..count {
        let kind = if number < KINDS { number } else { number % (KINDS - 1) };
        let kind = if (number >= KINDS || prompt) && ONCE.contains(&kind) { 0 } else { kind };
        let Some(order) = pen.dice.choice(orders) else { break };
        let early = ONCE.contains(&kind);
        let at = if early { 0.0 } else { pen.between(order.ordered, 0.9) };
        drafts.push(Maker { pen, order, at }.make(kind)?);
    }
    Ok(drafts)
}

struct Maker<'a, 'p> {
    pen: &'a mut Pen<'p>,
    order: &'a Order,
    at: f64,
}

impl Maker<'_, '_> {
    fn make(&mut self, kind: u32) -> Result<Draft, Error> {
        Ok(match kind {
            0 => self.raw("not JSON", "shipment 17 is late, please help", "not_json"),
            1 => {
                let half: String = self.order.draft.body.chars().take(200).collect();
                self.raw("half a message", &half, "not_json")
            }
            2 => self.raw(
                "not a CloudEvent",
                r#"{"shipment":"SHP-1","late":true}"#,
                "not_cloudevent",
            ),
            3 => self.raw("a JSON list", "[1,2,3]", "not_cloudevent"),
            4 => self.wrapped("unknown type", "flotilla.weather.v1", &json!({}), "unknown_type")?,
            5 => {
                let data = self.order.data.clone();
                self.wrapped("newer version", "flotilla.order.v2", &data, "newer_version")?
            }
            6 => self.order("promised before ordered", |data, day| {
                set(data, "/promised", json!(day.utc(-2.0)?));
                Ok(())
            })?,
            7 => self.tracking("30 February", |data| {
                set(data, "/occurred_at", json!("2026-02-30T08:00:00Z"));
            })?,
            8 => self.tracking("hour 25", |data| {
                set(data, "/occurred_at", json!("2026-11-20T25:00:00Z"));
            })?,
            9 => self.order("negative weight", |data, _| {
                set(data, "/items/0/weight/value", json!(-3.5));
                Ok(())
            })?,
            10 => self.order("no destination", |data, _| {
                remove(data, "destination");
                Ok(())
            })?,
            11 => self.order("no items", |data, _| {
                set(data, "/items", json!([]));
                Ok(())
            })?,
            12 => self.tracking("no identifier", |data| remove(data, "identifier"))?,
            13 => self.tracking("wrong check digit", |data| {
                set(data, "/identifier/value", json!("003456789012345675"));
                set(data, "/identifier/scheme", json!("sscc"));
            })?,
            14 => self.tracking("unknown milestone", |data| {
                set(data, "/milestone", json!("teleported"));
            })?,
            15 => self.tracking("in the next century", |data| {
                set(data, "/occurred_at", json!("2126-01-01T00:00:00Z"));
            })?,
            16 => self.ancient()?,
            17 => {
                let mut draft = self.order("above 64 KiB", |data, _| {
                    repeat_items(data, 990);
                    Ok(())
                })?;
                expect(&mut draft, &["too_large"]);
                draft
            }
            _ => self.largest()?,
        })
    }

    fn raw(&self, what: &'static str, body: &str, code: &str) -> Draft {
        Draft {
            what,
            // The moment makes each body another one, so that it is found again.
            body: match body.strip_prefix('{') {
                Some(rest) => format!("{{\"at\":{},{rest}", self.at),
                None if body.starts_with('[') => body.replace(']', &format!(",{}]", self.at)),
                None => format!("{body} {}", self.at),
            },
            source: None,
            tenant: self.order.tenant(),
            events: vec![refused(what, None, code)],
            at: self.at,
        }
    }

    fn wrapped(
        &mut self,
        what: &'static str,
        kind: &str,
        data: &Value,
        code: &str,
    ) -> Result<Draft, Error> {
        let source = if kind == TRACKING { TRACKER } else { SHOP };
        let event = self.pen.names.event();
        let time = self.pen.utc(self.at)?;
        let tenant = self.order.tenant();
        Ok(Draft {
            what,
            body: envelope(kind, source, &event, &time, tenant, data).to_string(),
            source: Some(source.to_owned()),
            tenant,
            events: vec![refused(what, Some(event), code)],
            at: self.at,
        })
    }

    fn order(
        &mut self,
        what: &'static str,
        spoil: impl FnOnce(&mut Value, &Day) -> Result<(), Error>,
    ) -> Result<Draft, Error> {
        let mut data = self.order.data.clone();
        let shipment = self.pen.names.shipment();
        set(&mut data, "/shipment", json!(shipment));
        let identifiers = json!([{"scheme": "sscc", "value": self.pen.names.sscc()}]);
        set(&mut data, "/identifiers", identifiers);
        spoil(&mut data, self.pen.day)?;
        self.wrapped(what, ORDER, &data, "invalid_field")
    }

    fn tracking(
        &mut self,
        what: &'static str,
        spoil: impl FnOnce(&mut Value),
    ) -> Result<Draft, Error> {
        let identifier = self.order.identifiers.first().cloned().unwrap_or(Value::Null);
        let mut data = tracking::data(self.pen, &identifier, "arrived", self.at)?;
        spoil(&mut data);
        self.wrapped(what, TRACKING, &data, "invalid_field")
    }

    /// So old that a duplicate of it could no longer be told.
    fn ancient(&mut self) -> Result<Draft, Error> {
        let now = self.at;
        self.at = -400.0;
        let draft = self.tracking("400 days old", |_| {});
        self.at = now;
        let mut draft = Draft { at: now, ..draft? };
        expect(&mut draft, &["horizon"]);
        Ok(draft)
    }

    /// As large as SQS takes. Its reason may find no room beside it, so a dead
    /// letter without one is right as well.
    fn largest(&mut self) -> Result<Draft, Error> {
        let mut draft = self.order("1 MiB", |data, _| {
            repeat_items(data, 2000);
            set(data, "/contact", json!({"address": ""}));
            Ok(())
        })?;
        let room = LARGEST.saturating_sub(draft.body.len());
        let address = format!("\"address\":\"{}\"", "x".repeat(room));
        draft.body = draft.body.replace("\"address\":\"\"", &address);
        expect(&mut draft, &["too_large", "invalid_field"]);
        Ok(draft)
    }
}

fn refused(what: &str, id: Option<String>, code: &str) -> Event {
    Event { what: what.to_owned(), id, expected: Fate::rejected(&[code]) }
}

/// Other reasons than those that were thought of first.
fn expect(draft: &mut Draft, codes: &[&str]) {
    for event in &mut draft.events {
        event.expected = Fate::rejected(codes);
    }
}

/// Sets a field; one at the root need not be there yet.
fn set(data: &mut Value, pointer: &str, value: Value) {
    if let Some(place) = data.pointer_mut(pointer) {
        *place = value;
    } else if let (Some(fields), Some(name)) = (data.as_object_mut(), pointer.strip_prefix('/')) {
        fields.insert(name.to_owned(), value);
    }
}

/// Makes the first item stand there `times`.
fn repeat_items(data: &mut Value, times: usize) {
    let first = data.pointer("/items/0").cloned().unwrap_or(Value::Null);
    set(data, "/items", Value::Array(vec![first; times]));
}

fn remove(data: &mut Value, field: &str) {
    if let Some(fields) = data.as_object_mut() {
        fields.remove(field);
    }
}
