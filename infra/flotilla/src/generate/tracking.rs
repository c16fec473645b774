//! What happens to a shipment on its way.

use super::calendar::Day;
use super::codes::{Names, PLACES};
use super::order::{Order, pick};
use super::{Draft, envelope};
use crate::books::Fate;
use crate::error::Error;
use fastrand::Rng;
use serde_json::{Value, json};

/// Where tracking events come from.
pub(crate) const TRACKER: &str = "urn:flotilla:tracker";
pub(crate) const TRACKING: &str = "flotilla.tracking.v1";

/// Gives each shipment its number of tracking events: at least one, all of
/// `budget`, unevenly, as carriers report.
pub(crate) fn share_out(dice: &mut Rng, budget: u32, shipments: u32) -> Vec<u32> {
    let mut counts = vec![1_u32; shipments as usize];
    for _ in 0..budget.saturating_sub(shipments) {
        let at = dice.usize(0..counts.len());
        if let Some(count) = counts.get_mut(at) {
            *count += 1;
        }
    }
    counts
}

/// A shipment's way: picked up, departed, here and there, perhaps delayed or
/// damaged, perhaps delivered.
pub(crate) fn journey(
    dice: &mut Rng,
    names: &mut Names,
    day: &Day,
    order: &Order,
    count: u32,
) -> Result<Vec<Draft>, Error> {
    let delivers = count >= 4 && dice.u32(0..10) < 4;
    let trouble = (count >= 3).then(|| dice.u32(2..count));
    let step = (1.0 - order.ordered) / f64::from(count + 1);
    let mut drafts = Vec::new();
    for number in 0..count {
        // Within its own slice of the time left, so that the order of events is real.
        let at = order.ordered + step * (f64::from(number) + 0.2 + 0.6 * dice.f64());
        let last = number + 1 == count;
        let (milestone, place) = match number {
            0 => ("picked_up", order.origin),
            1 => ("departed", order.origin),
            _ if last && delivers => ("delivered", order.destination),
            _ if number % 2 == 0 => ("arrived", pick(dice, &PLACES)),
            _ => ("departed", pick(dice, &PLACES)),
        };
        let luck = dice.u32(0..100);
        let draft = match (trouble == Some(number) && milestone != "delivered", luck) {
            (true, 0..=39) => {
                // Most delays break the promise, by hours up to more than a day.
                let estimate = order.promised + dice.f64() * 1.6 - 0.3;
                let late = Some(day.utc(estimate.max(at + 0.1))?);
                event(dice, names, day, order, ("delayed", place), at, late)
            }
            (true, 40..=43) => event(dice, names, day, order, ("damaged", place), at, None),
            _ => event(dice, names, day, order, (milestone, place), at, None),
        };
        drafts.push(draft?);
    }
    Ok(drafts)
}

fn event(
    dice: &mut Rng,
    names: &mut Names,
    day: &Day,
    order: &Order,
    (milestone, place): (&'static str, &str),
    at: f64,
    estimate: Option<String>,
) -> Result<Draft, Error> {
    let identifier = dice.choice(&order.identifiers).cloned().unwrap_or(Value::Null);
    let mut data = data(day, &identifier, milestone, at)?;
    if let Some(fields) = data.as_object_mut() {
        if dice.u32(0..10) < 9 {
            fields.insert("place".to_owned(), json!(place));
        }
        if let Some(estimate) = estimate {
            fields.insert("estimated_arrival".to_owned(), json!(estimate));
            fields.insert("note".to_owned(), json!("held up at the terminal"));
        }
    }
    let name = names.event();
    let tenant = order.draft.tenant;
    Ok(Draft {
        what: milestone,
        body: envelope(TRACKING, TRACKER, &name, &day.utc(at)?, tenant, &data).to_string(),
        source: Some(TRACKER.to_owned()),
        event: Some(name),
        shipment: Some(order.shipment.clone()),
        tenant,
        expected: Fate::Task,
        at,
    })
}

/// The data of a tracking event without its optional fields.
pub(crate) fn data(
    day: &Day,
    identifier: &Value,
    milestone: &str,
    at: f64,
) -> Result<Value, Error> {
    Ok(json!({
        "identifier": identifier, "milestone": milestone, "occurred_at": day.utc(at)?,
    }))
}

/// A tracking event whose order never comes: it stays parked.
pub(crate) fn orphan(dice: &mut Rng, names: &mut Names, day: &Day) -> Result<Draft, Error> {
    let at = dice.f64() * 0.9;
    let identifier = json!({"scheme": "sscc", "value": names.sscc()});
    let data = data(day, &identifier, "picked_up", at)?;
    let name = names.event();
    Ok(Draft {
        what: "orphan",
        body: envelope(TRACKING, TRACKER, &name, &day.utc(at)?, "acme", &data).to_string(),
        source: Some(TRACKER.to_owned()),
        event: Some(name),
        shipment: None,
        tenant: "acme",
        expected: Fate::Parked,
        at,
    })
}
