//! Documents from outside: cut, read, kept without free text, and carried through
//! the whole domain.

use super::{is_short, target};
use crate::fuzz::{Target, samples};
use crate::recorded::values;
use flotilla_shipment::decide::decide;
use flotilla_shipment::inbound::{self, Kind};
use flotilla_shipment::memory::{Memory, ShipmentState};
use flotilla_shipment::payload::Received;
use flotilla_shipment::places::Places;
use flotilla_shipment::policy::Policy;
use flotilla_shipment::process::{check as sound, normalise};
use flotilla_shipment::slot::{Generation, Slot, SlotStatus};
use flotilla_task::TaskId;
use serde_json::{Value, json};

/// Longer than any error of the domain: a path and a problem.
const ERROR: usize = 340;

/// What the domain is told besides a document.
struct World {
    places: Places,
    policy: Policy,
    memory: Memory,
}

pub(super) fn targets() -> Vec<Target> {
    let of = |name: &'static str, kind: Kind| {
        let world = World::new();
        target(name, samples::documents(name), move |bytes| {
            if let Ok(text) = std::str::from_utf8(bytes) {
                check(&world, kind, text);
            }
        })
    };
    vec![
        of("order", Kind::Order),
        of("tracking", Kind::Tracking),
        of("epcis", Kind::Epcis),
        of("dcsa", Kind::Dcsa),
    ]
}

impl World {
    fn new() -> Self {
        let status = SlotStatus::Live { booking: values::booking(), task: values::concluding() };
        let slot = Slot { generation: Generation(1), status };
        let state = ShipmentState::with_order(None, values::ordered());
        Self {
            places: Places::bundled().unwrap(),
            policy: Policy::bundled().unwrap(),
            memory: Memory { state, slot },
        }
    }

    /// Processing, decision and state make of it what they can.
    fn carry(&self, received: &Received) {
        let now = values::of("2026-11-28T08:00:00Z");
        if let Err(error) = sound(received, &self.places, now) {
            return is_short(&error, ERROR);
        }
        for memory in [None, Some(&self.memory)] {
            match normalise(received, memory, &self.places, now) {
                Err(error) => is_short(&error, ERROR),
                Ok(normalised) => {
                    let task = TaskId::new("t-1").unwrap();
                    let decision = decide(&self.policy, &self.places, &normalised, &[], &task);
                    let concluded = normalised.decided(decision).conclude(None, true);
                    let written = serde_json::to_string(&concluded).unwrap();
                    assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), json!(concluded));
                    drop(ShipmentState::fold(Some(&self.memory.state), &concluded, &task));
                }
            }
        }
    }
}

fn check(world: &World, kind: Kind, text: &str) {
    match inbound::pieces(kind, text, 5) {
        Err(error) => is_short(&error, ERROR),
        Ok(None) => {}
        Ok(Some(pieces)) => {
            let bytes: usize = pieces.iter().map(String::len).sum();
            // Numbers may be written longer than they were.
            assert!(bytes <= 4 * text.len() + 5 * 8192, "{} became {bytes} bytes", text.len());
            for piece in pieces {
                if let Err(error) = inbound::read(kind, &piece) {
                    is_short(&error, ERROR);
                }
            }
        }
    }
    let read = match inbound::read(kind, text) {
        Err(error) => return is_short(&error, ERROR),
        Ok(read) => read,
    };
    let written = serde_json::to_string(&read.received).unwrap();
    assert_eq!(serde_json::from_str::<Received>(&written).unwrap(), read.received);
    world.carry(&read.received);
    if let Some(original) = &read.original {
        world.carry(original);
    }
    let version = match kind {
        Kind::Order | Kind::Tracking => 1,
        Kind::Epcis | Kind::Dcsa => 2,
    };
    let message = format!("{{\"type\":\"flotilla.{kind}.v{version}\",\"data\":{text}}}");
    let kept = inbound::without_free_text(&message).unwrap();
    let kept: Value = serde_json::from_str(&kept).unwrap();
    assert_eq!(inbound::read(kind, &kept["data"].to_string()), Ok(read));
}
