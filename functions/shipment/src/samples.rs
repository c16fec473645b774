//! Sample values for this crate's tests.

use crate::decision::{Action, Choice, Decision, Fit, Scored};
use crate::event::{Event, Milestone, ServiceLevel};
use crate::payload::{Concluded, Facts, Known, Normalised, SlotView};
use crate::policy::Policy;
use crate::slot::{Booking, Generation};
use flotilla_task::TaskId;
use jiff::Timestamp;

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn task(name: &str) -> TaskId {
    TaskId::new(name).unwrap()
}

pub(crate) fn policy() -> Policy {
    Policy::bundled().unwrap()
}

pub(crate) fn booking(carrier: &str, service: &str) -> Booking {
    let reference = format!("{}-000001", &carrier[..2].to_uppercase());
    Booking { carrier: carrier.into(), service: service.into(), reference, cost_cents: 781 }
}

/// Rotterdam to Berlin, 2.4 kg worth 99.80 EUR, ordered on Friday morning and
/// promised for Monday 17:00 UTC.
pub(crate) fn facts() -> Facts {
    Facts {
        origin: "NLRTM".parse().unwrap(),
        destination: "DEBER".parse().unwrap(),
        weight_g: 2400,
        volume_cm3: None,
        value: "99.80 EUR".parse().unwrap(),
        promised: at("2026-11-30T17:00:00Z"),
        level: ServiceLevel::Economy,
    }
}

pub(crate) fn order() -> Normalised {
    let as_of = at("2026-11-27T08:00:00Z");
    let ids = vec!["sscc:003456789012345670".parse().unwrap(), "booking:BKR-77".parse().unwrap()];
    Normalised {
        event: Event::Order { at: as_of, ids },
        known: Known {
            facts: facts(),
            km: Some(610),
            here: None,
            left_km: None,
            onward_km: None,
            as_of,
            expected: None,
            delivered: false,
            superseded: false,
            slot: SlotView::default(),
        },
        excluded: Vec::new(),
        rounds: 0,
    }
}

/// An event of Saturday 08:00 UTC, on a shipment that Tortoise carries.
pub(crate) fn tracking(milestone: Milestone, eta: Option<&str>) -> Normalised {
    let mut sample = order();
    let now = at("2026-11-28T08:00:00Z");
    let place = Some("DEHAM".parse().unwrap());
    sample.event = Event::Tracking { milestone, at: now, place, eta: eta.map(at), withdraws: None };
    sample.known.as_of = now;
    sample.known.left_km = Some(255);
    sample.known.expected = Some(at("2026-11-30T01:50:00Z"));
    sample.known.slot = SlotView {
        generation: Generation(1),
        live: Some(booking("tortoise", "economy")),
        busy: false,
    };
    sample
}

/// A task that ended with this booking, on this generation of the slot.
pub(crate) fn concluded(from: Normalised, on: u64, made: Option<Booking>) -> Concluded {
    let options = made.iter().map(|booking| Scored {
        carrier: booking.carrier.clone(),
        service: booking.service.clone(),
        cost_cents: booking.cost_cents,
        arrival: at("2026-11-30T01:50:00Z"),
        fit: Fit::Safe,
    });
    let action = made.as_ref().map_or(Action::Keep, |booking| {
        Action::Book(Choice {
            carrier: booking.carrier.clone(),
            service: booking.service.clone(),
            cost_cents: booking.cost_cents,
        })
    });
    let decision = Decision {
        action,
        reason: "a test".into(),
        options: options.collect(),
        expected: None,
        tell_customer: false,
        policy: "default@1".into(),
        decided_on: Generation(on),
    };
    from.decided(decision).conclude(made, false)
}
