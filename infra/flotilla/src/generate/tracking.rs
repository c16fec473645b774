//! The fleet's own simple tracking events.

use super::order::Order;
use super::pen::Pen;
use super::{Draft, envelope};
use crate::books::{Event, Fate};
use crate::error::Error;
use serde_json::{Value, json};

/// Where tracking events come from.
pub(crate) const TRACKER: &str = "urn:flotilla:tracker";
pub(crate) const TRACKING: &str = "flotilla.tracking.v1";

/// What is reported.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Report<'a> {
    pub(crate) milestone: &'static str,
    pub(crate) place: &'a str,
    pub(crate) at: f64,
    /// When the goods are expected now.
    pub(crate) estimate: Option<f64>,
}

/// An event about one of an order's names.
pub(crate) fn event(pen: &mut Pen<'_>, order: &Order, report: Report<'_>) -> Result<Draft, Error> {
    let identifier = pen.dice.choice(&order.identifiers).cloned().unwrap_or(Value::Null);
    let mut data = data(pen, &identifier, report.milestone, report.at)?;
    if let Some(fields) = data.as_object_mut() {
        if pen.chance(90) {
            fields.insert("place".to_owned(), json!(report.place));
        }
        if let Some(estimate) = report.estimate {
            fields.insert("estimated_arrival".to_owned(), json!(pen.utc(estimate)?));
            fields.insert("note".to_owned(), json!("held up at the terminal"));
        }
    }
    draft(pen, report.milestone, &data, order.tenant(), order.task(), report.at)
}

fn draft(
    pen: &mut Pen<'_>,
    what: &'static str,
    data: &Value,
    tenant: &'static str,
    expected: Fate,
    at: f64,
) -> Result<Draft, Error> {
    let name = pen.names.event();
    let time = pen.utc(at)?;
    Ok(Draft {
        what,
        body: envelope(TRACKING, TRACKER, &name, &time, tenant, data).to_string(),
        source: Some(TRACKER.to_owned()),
        tenant,
        events: vec![Event { what: what.to_owned(), id: Some(name), expected }],
        at,
    })
}

/// The data of a tracking event without its optional fields.
pub(crate) fn data(
    pen: &Pen<'_>,
    identifier: &Value,
    milestone: &str,
    at: f64,
) -> Result<Value, Error> {
    Ok(json!({
        "identifier": identifier, "milestone": milestone, "occurred_at": pen.utc(at)?,
    }))
}

/// A tracking event whose order never comes: it stays parked.
pub(crate) fn orphan(pen: &mut Pen<'_>) -> Result<Draft, Error> {
    let at = pen.dice.f64() * 0.9;
    let sscc = pen.names.sscc();
    let data = data(pen, &json!({"scheme": "sscc", "value": sscc}), "picked_up", at)?;
    let expected = Fate::nobody().and_waits(&format!("sscc:{sscc}"));
    draft(pen, "orphan", &data, "acme", expected, at)
}
