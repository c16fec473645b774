//! A shipment's story, told from the table in the order in which things happened:
//! order, events, decisions with their reasons, bookings.

pub mod words;

use crate::books::{Decided, SentBook, TableBook, Task, WorldBook};
use crate::cloud::steps::Step;
use crate::reconcile::Findings;
use flotilla_shipment::event::Event;
use flotilla_shipment::payload::Facts;
use flotilla_shipment::slot::SlotStatus;
use flotilla_shipment::words::day_and_time;
use flotilla_task::StatusKind;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Tells it. The ledger, when there is one, has the last word on bookings; the steps,
/// where they were read, say how each task went.
#[must_use]
pub fn tell(
    shipment: &str,
    table: &TableBook,
    world: Option<&WorldBook>,
    steps: &[Step],
) -> String {
    let mut decisions: Vec<_> =
        table.decisions.iter().filter(|decided| decided.shipment == shipment).collect();
    decisions.sort_by(|a, b| (a.logged_at, &a.task).cmp(&(b.logged_at, &b.task)));
    let tasks: Vec<_> = table.tasks.iter().filter(|task| task.shipment == shipment).collect();
    let mut story = format!("  {shipment}");
    if let Some(last) = decisions.last() {
        story.push_str(&facts(&last.concluded.known.facts));
    }
    story.push('\n');
    if decisions.is_empty() && tasks.is_empty() {
        story.push_str("    The table knows nothing of this shipment.\n");
    }
    let came = |decided: &Decided| {
        tasks.iter().find(|task| task.id == decided.task).map(|task| task.created_at)
    };
    for (place, decided) in decisions.iter().enumerate() {
        let newer = decisions.iter().skip(place + 1).filter_map(|newer| came(newer)).min();
        let late = came(decided).zip(newer).is_some_and(|(this, newer)| newer < this);
        chapter(&mut story, decided, late, steps);
    }
    for task in tasks.iter().filter(|task| task.status != StatusKind::Completed) {
        unfinished(&mut story, task, steps);
    }
    for item in table.slots.iter().filter(|item| item.shipment == shipment) {
        slot(&mut story, &item.leg, &item.slot.status);
    }
    if let Some(world) = world {
        ledger(&mut story, shipment, world);
    }
    story
}

fn facts(facts: &Facts) -> String {
    let (kilos, grams) = (facts.weight_g / 1000, facts.weight_g % 1000);
    format!(
        ": {} to {}, {kilos}.{:02} kg worth {}, {}, promised for {}",
        facts.origin,
        facts.destination,
        grams / 10,
        facts.value,
        facts.level,
        day_and_time(facts.promised),
    )
}

fn chapter(story: &mut String, decided: &Decided, late: bool, steps: &[Step]) {
    let event = &decided.concluded.event;
    // Writing to a string cannot fail.
    let _ = write!(story, "    {}  {}", day_and_time(event.at()), event.kind());
    match event {
        Event::Order { ids, .. } => {
            let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
            let _ = write!(story, ", known as {}", ids.join(" and "));
        }
        Event::Tracking { place, eta, .. } => {
            if let Some(place) = place {
                let _ = write!(story, " at {place}");
            }
            if let Some(eta) = eta {
                let _ = write!(story, ", now expected {}", day_and_time(*eta));
            }
        }
    }
    story.push_str(if late { " (came after newer ones)\n" } else { "\n" });
    task(story, &decided.task, steps);
    for line in words::decided(&decided.concluded) {
        let _ = writeln!(story, "        {line}");
    }
}

/// Which task it is, and how it went from agent to agent.
fn task(story: &mut String, id: &str, steps: &[Step]) {
    // Writing to a string cannot fail.
    let _ = writeln!(story, "        task {id}");
    for step in steps.iter().filter(|step| step.task.as_deref() == Some(id)) {
        let _ = writeln!(story, "          {}", words::step(step));
    }
}

fn unfinished(story: &mut String, open: &Task, steps: &[Step]) {
    let why =
        open.why.as_ref().map_or_else(String::new, |why| format!(": {} ({})", why.text, why.code));
    let _ = writeln!(
        story,
        "    event {} of {}: {} at {}{why}",
        open.event,
        open.source,
        open.status.as_str(),
        open.stage
    );
    task(story, &open.id, steps);
}

fn slot(story: &mut String, leg: &str, status: &SlotStatus) {
    let _ = match status {
        SlotStatus::Free => writeln!(story, "    leg {leg}: nothing is booked"),
        SlotStatus::Booking { task, .. } => {
            writeln!(story, "    leg {leg}: task {task} is booking")
        }
        SlotStatus::Live { booking, .. } => writeln!(
            story,
            "    leg {leg}: {} {} {} is live",
            booking.carrier, booking.service, booking.reference
        ),
    };
}

fn ledger(story: &mut String, shipment: &str, world: &WorldBook) {
    let all = world.bookings.iter().filter(|booking| booking.shipment == shipment);
    let all: Vec<_> = all
        .map(|b| {
            let times = if b.requests == 1 {
                String::new()
            } else {
                format!(", asked {} times", b.requests)
            };
            let via = b.via.as_ref().map_or_else(String::new, |via| format!(" over {via}"));
            format!("{} {}{via} ({}{times})", b.carrier, b.reference, b.status)
        })
        .collect();
    if !all.is_empty() {
        let _ = writeln!(story, "    the carriers' own books: {}", all.join(", "));
    }
}

/// A shipment worth telling: one that was rebooked, without any finding, and
/// not too long; else one that was booked.
#[must_use]
pub fn pick(findings: &Findings, sent: &SentBook, table: &TableBook) -> Option<String> {
    let ours = sent.shipments();
    let troubled = |shipment: &str| {
        let label = format!("{shipment}/");
        let legs = findings.lost_legs.iter().chain(&findings.doubled_legs);
        legs.into_iter().any(|finding| finding.what.starts_with(&label))
    };
    let mut best: BTreeMap<(bool, usize, &str), ()> = BTreeMap::new();
    let mut kinds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for decided in &table.decisions {
        if ours.contains(decided.shipment.as_str()) {
            let kind = decided.concluded.decision.action.kind();
            kinds.entry(&decided.shipment).or_default().push(kind);
        }
    }
    for (shipment, kinds) in &kinds {
        if kinds.contains(&"book") && !troubled(shipment) {
            let plain = !kinds.contains(&"rebook");
            best.insert((plain, kinds.len().abs_diff(5), shipment), ());
        }
    }
    best.into_keys().next().map(|(_, _, shipment)| shipment.to_owned())
}

#[cfg(test)]
mod tests;
