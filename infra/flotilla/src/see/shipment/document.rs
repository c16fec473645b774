//! A shipment's story for programs.

use crate::books::{TableBook, WorldBook};
use crate::cloud::steps::Told;
use crate::see::document::task;
use serde_json::{Value, json};

/// Moments are RFC 3339, in UTC.
#[must_use]
pub(super) fn of(
    shipment: &str,
    table: &TableBook,
    world: Option<&WorldBook>,
    told: &Told,
) -> Value {
    let mut decisions: Vec<_> = table.decisions.iter().collect();
    decisions.sort_by(|a, b| (a.logged_at, &a.task).cmp(&(b.logged_at, &b.task)));
    let facts = decisions.last().map(|last| &last.concluded.known.facts);
    let decisions: Vec<_> = decisions
        .iter()
        .map(|decided| {
            let concluded = &decided.concluded;
            json!({
                "task": decided.task,
                "event": concluded.event,
                "decision": concluded.decision,
                "booking": concluded.booking,
                "notified": concluded.notified,
                "customer_told": concluded.customer_told,
            })
        })
        .collect();
    let slots: Vec<_> =
        table.slots.iter().map(|item| json!({"leg": item.leg, "slot": item.slot})).collect();
    let bookings = world.map(|world| {
        let ours = world.bookings.iter().filter(|booking| booking.shipment == shipment);
        ours.map(|b| {
            json!({
                "carrier": b.carrier, "reference": b.reference, "via": b.via,
                "status": b.status, "requests": b.requests,
            })
        })
        .collect::<Vec<_>>()
    });
    json!({
        "shipment": shipment,
        "facts": facts,
        "decisions": decisions,
        "tasks": table.tasks.iter().map(task).collect::<Vec<_>>(),
        "slots": slots,
        "carriers_books": bookings,
        "steps": told.steps,
        "logs_not_read": told.problems,
    })
}
