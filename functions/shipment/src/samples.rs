//! Sample values for this crate's tests.

use crate::decide::decide;
use crate::decision::{Action, Choice, Decision, Fit, Quoted, Scored};
use crate::event::{Event, Milestone, ServiceLevel};
use crate::lane::{LaneStats, Outcome, Sums};
use crate::payload::{Concluded, Facts, Known, Normalised, SlotView};
use crate::places::Places;
use crate::policy::Policy;
use crate::slot::{Booking, Generation};
use crate::week::Week;
use flotilla_task::TaskId;
use jiff::Timestamp;
use std::sync::LazyLock;

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn task(name: &str) -> TaskId {
    TaskId::new(name).unwrap()
}

pub(crate) fn policy() -> Policy {
    static BUNDLED: LazyLock<Policy> = LazyLock::new(|| Policy::bundled().unwrap());
    BUNDLED.clone()
}

pub(crate) fn booking(carrier: &str, service: &str) -> Booking {
    let reference = format!("{}-000001", &carrier[..2].to_uppercase());
    Booking {
        carrier: carrier.into(),
        service: service.into(),
        via: None,
        reference,
        cost_cents: 781,
    }
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
    sample.known.here = Some("DEHAM".parse().unwrap());
    sample.known.left_km = Some(255);
    sample.known.expected = Some(at("2026-11-30T01:50:00Z"));
    sample.known.slot = SlotView {
        generation: Generation(1),
        live: Some(booking("tortoise", "economy")),
        busy: false,
    };
    sample
}

pub(crate) fn places() -> &'static Places {
    static BUNDLED: LazyLock<Places> = LazyLock::new(|| Places::bundled().unwrap());
    &BUNDLED
}

/// Decides as the fleet does, on a task that tries nothing out.
pub(crate) fn decided(policy: &Policy, n: &Normalised, lanes: &[LaneStats]) -> Decision {
    decide(policy, places(), n, lanes, &task("t-1"))
}

/// So many outcomes of one week, all at a pace in thousandths of the quote, on
/// time, and billed likewise.
pub(crate) fn lane(carrier: &str, service: &str, week: Week, count: u64, pace: u64) -> LaneStats {
    let outcome = Outcome {
        origin: facts().origin,
        destination: facts().destination,
        carrier: carrier.into(),
        service: service.into(),
        generation: Generation(1),
        delivered: week.start(),
        minutes: pace,
        quoted: Quoted { minutes: 1000, cents: 1000 },
        on_time: true,
        cost_cents: i64::try_from(pace).unwrap(),
    };
    let one = Sums::of(&outcome);
    let cents = |sum: i64| sum * i64::try_from(count).unwrap();
    let sums = Sums {
        count,
        on_time: count,
        minutes: one.minutes * count,
        pace: one.pace * count,
        pace_sq: one.pace_sq * count,
        cost_cents: cents(one.cost_cents),
        quoted_cents: cents(one.quoted_cents),
    };
    LaneStats { carrier: outcome.carrier, service: outcome.service, week, sums }
}

/// What the rate card says of every booking of [`concluded`].
pub(crate) const QUOTED: Quoted = Quoted { minutes: 3950, cents: 778 };

/// A task that ended with this booking, on this generation of the slot.
pub(crate) fn concluded(from: Normalised, on: u64, made: Option<Booking>) -> Concluded {
    let options = made.iter().map(|booking| Scored {
        carrier: booking.carrier.clone(),
        service: booking.service.clone(),
        via: None,
        cost_cents: booking.cost_cents,
        arrival: at("2026-11-30T01:50:00Z"),
        fit: Fit::Safe,
        late_percent: 5,
    });
    let action = made.as_ref().map_or(Action::Keep, |booking| {
        Action::Book(Choice {
            carrier: booking.carrier.clone(),
            service: booking.service.clone(),
            via: None,
            cost_cents: booking.cost_cents,
            quoted: Some(QUOTED),
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
