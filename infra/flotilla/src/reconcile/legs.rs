//! By shipment and leg: whether fleet and carriers agree on what is booked.

use super::index::{Index, Leg};
use super::{Findings, found};
use crate::books::Booking;
use flotilla_shipment::slot::{MAIN_LEG, SlotStatus};
use flotilla_task::StatusKind;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(index: &Index<'_>, findings: &mut Findings) {
    let legs: BTreeSet<Leg<'_>> =
        index.slots.keys().chain(index.bookings.keys()).copied().collect();
    for leg in legs {
        let booked = index.bookings.get(&leg).map(Vec::as_slice).unwrap_or_default();
        doubled(leg, booked, findings);
        agreed(index, leg, booked, findings);
    }
    kept(index, findings);
}

/// Booked more often than asked for.
fn doubled(leg: Leg<'_>, booked: &[&Booking], findings: &mut Findings) {
    let mut generations: BTreeMap<u64, Vec<&Booking>> = BTreeMap::new();
    for booking in booked {
        generations.entry(booking.generation).or_default().push(booking);
    }
    for (generation, bookings) in generations {
        if bookings.len() > 1 {
            let why = format!("generation {generation} was booked as {}", list(&bookings));
            found(&mut findings.doubled_legs, label(leg), why);
        }
    }
    let live: Vec<_> = booked.iter().copied().filter(|booking| booking.is_live()).collect();
    if live.len() > 1 {
        let why = format!("{} bookings are live at once: {}", live.len(), list(&live));
        found(&mut findings.doubled_legs, label(leg), why);
    }
}

/// What the slot believes against what the carriers have.
fn agreed(index: &Index<'_>, leg: Leg<'_>, booked: &[&Booking], findings: &mut Findings) {
    let live: Vec<_> = booked.iter().copied().filter(|booking| booking.is_live()).collect();
    let status = index.slots.get(&leg).map(|item| &item.slot.status);
    match status {
        Some(SlotStatus::Live { booking, .. }) => {
            let there = live
                .iter()
                .any(|b| b.carrier == booking.carrier && b.reference == booking.reference);
            if !there {
                let why = format!(
                    "the slot says {} {} is live; the carriers have {}",
                    booking.carrier,
                    booking.reference,
                    list(booked)
                );
                found(&mut findings.lost_legs, label(leg), why);
            }
        }
        Some(SlotStatus::Booking { task, .. }) => {
            let owner = index.tasks_by_id.get(task.as_str());
            // A held task has told a person that its call is in doubt.
            if owner.is_none_or(|owner| owner.status != StatusKind::Held) {
                let state = owner.map_or("gone", |owner| owner.status.as_str());
                let why = format!("reserved by task {task}, which is {state}, and never settled");
                found(&mut findings.lost_legs, label(leg), why);
            }
        }
        Some(SlotStatus::Free) | None => {
            if !live.is_empty() {
                let why = format!("no slot knows of {}", list(&live));
                found(&mut findings.lost_legs, label(leg), why);
            }
        }
    }
}

/// Every completed decision to book against the carriers' books.
fn kept(index: &Index<'_>, findings: &mut Findings) {
    for task in index.all_tasks() {
        let Some(decided) = index.decisions.get(task.id.as_str()) else { continue };
        if decided.concluded.decision.action.booking().is_none() {
            continue;
        }
        let kind = decided.concluded.decision.action.kind();
        let leg = (decided.shipment.as_str(), MAIN_LEG);
        let booked = index.bookings.get(&leg).map(Vec::as_slice).unwrap_or_default();
        let Some(booking) = &decided.concluded.booking else {
            let why = format!("task {} decided to {kind} and ended without a booking", task.id);
            found(&mut findings.lost_legs, label(leg), why);
            continue;
        };
        let there =
            booked.iter().any(|b| b.carrier == booking.carrier && b.reference == booking.reference);
        if !there {
            let why = format!(
                "task {} decided to {kind} and says it has {} {}; the carriers have {}",
                task.id,
                booking.carrier,
                booking.reference,
                list(booked)
            );
            found(&mut findings.lost_legs, label(leg), why);
        }
    }
}

fn label((shipment, leg): Leg<'_>) -> String {
    format!("{shipment}/{leg}")
}

fn list(bookings: &[&Booking]) -> String {
    if bookings.is_empty() {
        return "nothing".to_owned();
    }
    let one = |b: &&Booking| format!("{} {} ({}, key {})", b.carrier, b.reference, b.status, b.key);
    bookings.iter().map(one).collect::<Vec<_>>().join(", ")
}
