//! The values behind the recorded documents: what each of them has to mean, to this
//! release and to every later one. Every optional field is set somewhere.

use flotilla_shipment::decision::{Action, Choice, Decision, Fit, Quoted, Scored};
use flotilla_shipment::event::{Event, Milestone, ServiceLevel};
use flotilla_shipment::lane::Outcome;
use flotilla_shipment::memory::{Carriage, Made, Ordered, Position, ShipmentState, Stamp, Stamped};
use flotilla_shipment::payload::{
    Concluded, Decided, Facts, Known, Normalised, RawItem, RawOrder, RawSize, RawTracking,
    RawValue, RawWeight, Received, SlotView,
};
use flotilla_shipment::slot::{Booking, Generation};
use flotilla_task::TaskId;
use jiff::Timestamp;
use std::fmt::Debug;
use std::str::FromStr;

/// A value from its written form.
pub fn of<T: FromStr>(text: &str) -> T
where
    T::Err: Debug,
{
    text.parse().unwrap()
}

/// The task that a conclusion came from.
pub fn concluding() -> TaskId {
    TaskId::new("0f3a5be07c214d11a3c9d3b1b2c3d4e5").unwrap()
}

/// The task that concluded with the goods' delivery.
pub fn delivering() -> TaskId {
    TaskId::new("648f018c4db89803bb5bff3ae9271fbc").unwrap()
}

/// An order as ingestion passes it on.
pub fn received_order() -> Received {
    let number = |text: &str| serde_json::from_str(text).unwrap();
    Received::Order(RawOrder {
        ids: vec![of("sscc:003456789012345670"), of("booking:BKR-77")],
        zone: Some("Europe/Berlin".into()),
        origin: "NLRTM".into(),
        destination: "DEBER".into(),
        ordered_at: "2026-11-27T09:00:00".into(),
        promised: "2026-11-30T17:00:00Z".into(),
        service: "economy".into(),
        items: vec![RawItem {
            quantity: 2,
            weight: RawWeight { value: number("1.2"), unit: "kg".into() },
            value: RawValue { amount: "49.90".into(), currency: "EUR".into() },
            size: Some(RawSize {
                length: number("30"),
                width: number("20.5"),
                height: number("10"),
                unit: "cm".into(),
            }),
        }],
    })
}

/// A tracking event as ingestion passes it on.
pub fn received_tracking() -> Received {
    Received::Tracking(RawTracking {
        milestone: "delayed".into(),
        occurred_at: "2026-11-28T09:00:00".into(),
        zone: Some("+01:00".into()),
        place: Some("DEHAM".into()),
        estimated_arrival: Some("2026-12-01T12:00:00Z".into()),
        estimated_for: Some("DEBER".into()),
        withdraws: Some("0f3a5be07c21".into()),
    })
}

/// A booking over a hub.
pub fn booking() -> Booking {
    Booking {
        carrier: "swift".into(),
        service: "express".into(),
        via: Some(of("DELEJ")),
        reference: "SW-000001".into(),
        cost_cents: 2981,
    }
}

/// What the order says.
pub fn facts() -> Facts {
    Facts {
        origin: of("NLRTM"),
        destination: of("DEBER"),
        weight_g: 2400,
        volume_cm3: Some(12_300),
        value: of("99.80 EUR"),
        promised: of("2026-11-30T17:00:00Z"),
        level: ServiceLevel::Economy,
    }
}

fn known() -> Known {
    Known {
        facts: facts(),
        km: Some(610),
        here: Some(of("DEHAM")),
        left_km: Some(255),
        onward_km: Some(150),
        as_of: of("2026-11-28T08:00:05Z"),
        expected: Some(of("2026-11-30T01:50:00Z")),
        delivered: true,
        superseded: true,
        slot: SlotView { generation: Generation(1), live: Some(booking()), busy: true },
    }
}

fn tracking(milestone: Milestone, at: &str) -> Event {
    Event::Tracking {
        milestone,
        at: of(at),
        place: Some(of("DEHAM")),
        eta: Some(of("2026-12-01T12:00:00Z")),
        withdraws: Some("a94a8fe5ccb1".into()),
    }
}

fn order() -> Event {
    Event::Order { at: of("2026-11-27T08:00:00Z"), ids: ids() }
}

fn ids() -> Vec<flotilla_shipment::identifier::Identifier> {
    vec![of("sscc:003456789012345670"), of("container:CSQU3054383")]
}

/// An order as processing passes it on.
pub fn normalised_order() -> Normalised {
    Normalised { event: order(), known: known(), excluded: vec!["tortoise".into()], rounds: 1 }
}

/// A tracking event as processing passes it on.
pub fn normalised_tracking() -> Normalised {
    let event = tracking(Milestone::Delayed, "2026-11-28T08:00:00Z");
    Normalised { event, ..normalised_order() }
}

fn choice() -> Choice {
    Choice {
        carrier: "swift".into(),
        service: "express".into(),
        via: Some(of("DELEJ")),
        cost_cents: 2981,
        quoted: Some(Quoted { minutes: 2514, cents: 2975 }),
    }
}

/// Every action that a decision may name.
pub fn actions() -> [Action; 6] {
    let all = [
        Action::Keep,
        Action::Book(choice()),
        Action::Rebook(choice()),
        Action::Reroute(choice()),
        Action::Notify,
        Action::Hold,
    ];
    match &all[0] {
        // A new one belongs on the list, and its message is to be recorded.
        Action::Keep
        | Action::Book(_)
        | Action::Rebook(_)
        | Action::Reroute(_)
        | Action::Notify
        | Action::Hold => all,
    }
}

fn decision(action: Action) -> Decision {
    let option = |fit, late_percent| Scored {
        carrier: "swift".into(),
        service: "express".into(),
        via: Some(of("DELEJ")),
        cost_cents: 2981,
        arrival: of("2026-11-30T02:30:00Z"),
        fit,
        late_percent,
    };
    Decision {
        action,
        reason: "Swift express over Leipzig is the cheapest in time.".into(),
        options: vec![option(Fit::Safe, 5), option(Fit::Tight, 0), option(Fit::Late, 100)],
        expected: Some(of("2026-11-30T02:30:00Z")),
        tell_customer: true,
        policy: "default@1".into(),
        decided_on: Generation(1),
    }
}

/// A decision as decision passes it on.
pub fn decided(action: Action) -> Decided {
    Decided {
        event: tracking(Milestone::Delayed, "2026-11-28T08:00:00Z"),
        known: known(),
        decision: decision(action),
        excluded: vec!["tortoise".into()],
        rounds: 2,
    }
}

/// An order that was booked.
pub fn concluded_order() -> Concluded {
    Concluded {
        event: order(),
        known: Known { onward_km: None, ..known() },
        decision: decision(Action::Book(choice())),
        booking: Some(booking()),
        notified: true,
        customer_told: true,
    }
}

/// What is logged of a task that decided so.
pub fn logged(action: Action) -> Concluded {
    Concluded { decision: decision(action), ..concluded_order() }
}

/// The end of the story.
pub fn concluded_delivery() -> Concluded {
    Concluded {
        event: tracking(Milestone::Delivered, "2026-11-30T10:00:00Z"),
        decision: decision(Action::Keep),
        booking: None,
        ..concluded_order()
    }
}

/// What is remembered after both conclusions.
pub fn state() -> ShipmentState {
    let ordered = Stamp::new(of("2026-11-27T08:00:00Z"), &concluding());
    let delivered = Stamp::new(of("2026-11-30T10:00:00Z"), &delivering());
    let due: Timestamp = of("2026-11-30T02:30:00Z");
    ShipmentState {
        last: delivered.clone(),
        order: Some(Stamped {
            stamp: ordered.clone(),
            value: Ordered { facts: facts(), ids: ids() },
        }),
        position: Some(Stamped {
            stamp: delivered.clone(),
            value: Position { milestone: Milestone::Delivered, place: Some(of("DEHAM")) },
        }),
        estimate: Some(Stamped { stamp: delivered.clone(), value: due }),
        place: Some(Stamped { stamp: delivered.clone(), value: of("DEHAM") }),
        delivered: Some(delivered.clone()),
        carriage: Some(Carriage {
            generation: Generation(2),
            booking: Some(booking()),
            made: Some(Made {
                since: ordered.at,
                due: Some(due),
                quoted: Some(Quoted { minutes: 2514, cents: 2975 }),
            }),
            stamp: ordered,
        }),
        notified: Some(delivered.clone()),
        withdrawn: vec![Stamped { stamp: delivered, value: "a94a8fe5ccb1".into() }],
    }
}

/// The newest order, as it stands beside the state.
pub fn ordered() -> Stamped<Ordered> {
    let stamp = Stamp::new(of("2026-11-27T08:00:00Z"), &concluding());
    Stamped { stamp, value: Ordered { facts: facts(), ids: ids() } }
}

/// How the booking ended.
pub fn outcome() -> Outcome {
    Outcome {
        origin: of("NLRTM"),
        destination: of("DEBER"),
        carrier: "swift".into(),
        service: "express".into(),
        generation: Generation(2),
        delivered: of("2026-11-30T10:00:00Z"),
        minutes: 2700,
        quoted: Quoted { minutes: 2514, cents: 2975 },
        on_time: true,
        cost_cents: 2981,
    }
}
