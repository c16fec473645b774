//! Records for the tests of what changes tasks.

use flotilla_task::{
    AttemptId, Checkpoints, Epoch, EventId, Payload, ShipmentId, Source, Stage, Status, TaskId,
    TaskRecord, Timestamp,
};
use serde_json::{Value, json};

/// A task that waits for processing.
pub(crate) fn pending() -> TaskRecord {
    TaskRecord {
        id: TaskId::new("t").unwrap(),
        shipment: ShipmentId::new("SHP-1").unwrap(),
        tenant: None,
        source: Source::new("urn:test").unwrap(),
        event: EventId::new("e").unwrap(),
        stage: Stage::Processing,
        status: Status::Pending,
        epoch: Epoch::new(4),
        writer: AttemptId::new("w").unwrap(),
        attempts: 0,
        resends: 0,
        payload: Payload::from_json("{}".to_owned()),
        checkpoints: Checkpoints::new(),
        intent: None,
        reason: None,
        trace: None,
        hops: 1,
        created_at: Timestamp::from_millis(1),
        updated_at: Timestamp::from_millis(1),
        ended_at: None,
    }
}

/// A task that is held at communication, with that decided.
pub(crate) fn held(action: &Value) -> TaskRecord {
    let decided = json!({
        "event": {"tracking": {"milestone": "delayed", "at": "2026-11-27T08:00:00Z"}},
        "known": {
            "from": "NLRTM", "to": "DEBER", "g": 1200, "value": "49.90 EUR",
            "promised": "2026-11-30T08:00:00Z", "level": "standard",
            "as_of": "2026-11-27T08:00:00Z", "slot": {"gen": 0},
        },
        "decision": {
            "action": action, "reason": "It will be late.", "policy": "default@1", "decided_on": 0,
        },
    });
    TaskRecord {
        stage: Stage::Communication,
        status: Status::Held { lease_until: None },
        payload: Payload::from_json(decided.to_string()),
        ..pending()
    }
}
