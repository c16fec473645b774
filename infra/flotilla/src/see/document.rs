//! Parts of the answers for programs. Moments are RFC 3339, in UTC.

use crate::answer;
use crate::books::Task;
use flotilla_task::Timestamp;
use serde_json::{Value, json};

/// A task as every list of tasks shows it.
#[must_use]
pub(super) fn task(task: &Task) -> Value {
    json!({
        "task": task.id,
        "shipment": task.shipment,
        "source": task.source,
        "event": task.event,
        "stage": task.stage,
        "status": task.status,
        "attempts": task.attempts,
        "reason": task.why.as_ref().map(|why| json!({"code": why.code, "text": why.text})),
        "created_at": moment(task.created_at),
        "updated_at": moment(task.updated_at),
        "ended_at": task.ended_at.map(moment),
    })
}

/// RFC 3339 of milliseconds since 1970.
#[must_use]
pub(super) fn moment(ms: u64) -> String {
    answer::moment(Timestamp::from_millis(ms))
}
