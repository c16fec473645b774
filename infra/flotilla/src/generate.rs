//! A day in the life of the supply chain, made up from a seed.
//!
//! Pure and deterministic: the same [`Settings`] give the same messages. Beside
//! every message stands what has to become of it. These expectations are the
//! first of the three books the reconciler compares, and they are made without
//! asking the functions anything.
//!
//! The names of things carry the run, so that a second demo on the same stack
//! is not taken for a replay of the first.

mod calendar;
mod codes;
mod malformed;
mod order;
mod schedule;
mod tracking;

use crate::books::{Entry, Fate};
use crate::error::Error;
use calendar::Day;
use flotilla_task::fingerprint;
use jiff::Timestamp;
use serde_json::Value;

pub use codes::{PLACES, sscc};

/// What kind of day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How many shipments are ordered.
    pub shipments: u32,
    /// How many different events happen, malformed ones included. Duplicates
    /// come on top.
    pub events: u32,
    /// Where the dice start.
    pub seed: u64,
    /// Part of every name, so that runs do not mix.
    pub run: String,
    /// When the day ends. No event lies after it.
    pub until: Timestamp,
}

/// One message to send. The same entry may be sent more than once.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Which entry of the plan it is a copy of.
    pub entry: usize,
    /// When to send it, as a share of the whole sending time: 0 to 1.
    pub share: f64,
}

/// Everything to send, and what must become of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Every different event.
    pub entries: Vec<Entry>,
    /// The body of each entry.
    pub bodies: Vec<String>,
    /// Whose traffic each entry is.
    pub tenants: Vec<&'static str>,
    /// What to send, in this order.
    pub messages: Vec<Message>,
}

/// An event before its turn in the day is drawn.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) what: &'static str,
    pub(crate) body: String,
    pub(crate) source: Option<String>,
    pub(crate) event: Option<String>,
    pub(crate) shipment: Option<String>,
    pub(crate) tenant: &'static str,
    pub(crate) expected: Fate,
    /// When it happened, as a share of the day.
    pub(crate) at: f64,
}

/// Makes up a day.
///
/// # Errors
/// [`Error::Usage`] when the numbers do not fit together.
pub fn plan(settings: &Settings) -> Result<Plan, Error> {
    let strange = malformed::count(settings.events);
    let orphans = 2 + settings.events / 400;
    let least = settings.shipments.saturating_mul(2) + strange + orphans;
    if settings.shipments == 0 || settings.events < least {
        return Err(Error::usage(format!(
            "--events {}: {} shipments need at least {least} events \
             (an order and a tracking event each, {strange} malformed, {orphans} without an order)",
            settings.events, settings.shipments
        )));
    }
    let mut dice = fastrand::Rng::with_seed(settings.seed);
    let mut names = codes::Names::new(&settings.run);
    let day = Day::ending(settings.until)?;
    let mut drafts = Vec::new();
    let orders: Vec<_> = (0..settings.shipments)
        .map(|_| order::draw(&mut dice, &mut names, &day))
        .collect::<Result<_, _>>()?;
    let budget = settings.events - settings.shipments - strange - orphans;
    let shares = tracking::share_out(&mut dice, budget, settings.shipments);
    for (order, count) in orders.iter().zip(shares) {
        drafts.push(order.draft.clone());
        drafts.extend(tracking::journey(&mut dice, &mut names, &day, order, count)?);
    }
    for _ in 0..orphans {
        drafts.push(tracking::orphan(&mut dice, &mut names, &day)?);
    }
    drafts.extend(malformed::draw(&mut dice, &mut names, &day, &orders, strange)?);
    Ok(schedule::arrange(&mut dice, drafts))
}

/// A CloudEvent around `data`.
pub(crate) fn envelope(
    kind: &str,
    source: &str,
    event: &str,
    time: &str,
    tenant: &str,
    data: &Value,
) -> Value {
    serde_json::json!({
        "specversion": "1.0", "id": event, "source": source, "type": kind, "time": time,
        "datacontenttype": "application/json", "tenant": tenant, "data": data,
    })
}

/// How a body is recognised again in another book.
#[must_use]
pub fn body_hash(body: &str) -> String {
    fingerprint(&[body])
}

#[cfg(test)]
mod tests;
