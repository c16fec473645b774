//! The one task that the model follows, and the way it takes.

use crate::bounds::Bounds;
use flotilla_task::{EventId, NewTask, Next, Payload, ShipmentId, Source, Stage, TaskId};

pub(crate) fn task() -> TaskId {
    TaskId::derive(&source(), &event(), &shipment())
}

/// What its create stores.
pub(crate) fn new_task() -> NewTask {
    NewTask {
        shipment: shipment(),
        tenant: None,
        source: source(),
        event: event(),
        payload: Payload::from_json("\"event\"".to_owned()),
        trace: None,
    }
}

/// Where a stage hands to; none at the end.
pub(crate) fn next_stage(bounds: &Bounds, at: Stage) -> Option<Stage> {
    match at {
        Stage::Ingestion => Some(Stage::Processing),
        Stage::Processing => Some(Stage::Decision),
        Stage::Decision => Some(bounds.after_decision),
        Stage::Communication => Some(Stage::State),
        Stage::State => None,
    }
}

/// The result of an attempt, different for each.
pub(crate) fn outcome_of(attempt: u64, next: Option<Stage>) -> Next {
    match next {
        Some(stage) => {
            Next::Stage { stage, payload: Payload::from_json(format!("\"by {attempt}\"")) }
        }
        None => Next::Complete,
    }
}

fn source() -> Source {
    Source::new("source").unwrap()
}

fn event() -> EventId {
    EventId::new("event").unwrap()
}

fn shipment() -> ShipmentId {
    ShipmentId::new("shipment").unwrap()
}
