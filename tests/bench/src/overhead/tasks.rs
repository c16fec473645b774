//! Tasks by number, and the events that call processing to work on them. Whoever makes
//! the same number makes the same task: the measured program fills its store with what
//! it will be asked for.

use flotilla_task::envelope::Envelope;
use flotilla_task::{
    Action, AttemptId, Command, EventId, NewTask, Payload, Reason, ShipmentId, Source,
    StageMessage, TaskId, TaskRecord, Tenant, Timestamp, Transition, transition,
};
use serde_json::{Value, json};
use std::ops::Range;

/// What an order's task carries to processing, with everything around it.
const SAMPLE: &str = include_str!("../../../../events/send/processing/order.json");
/// When the tasks were created, and their messages sent.
const CREATED: Timestamp = Timestamp::from_millis(1_795_161_600_137);

/// A sample cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// It is no message.
    #[error("events/send/processing/order.json: {0}")]
    Message(Reason),
    /// A name made of it is none.
    #[error("events/send/processing/order.json: {0}")]
    Name(#[from] flotilla_task::InvalidId),
    /// The task cannot be written as a message.
    #[error("events/send/processing/order.json: {0}")]
    Json(#[from] serde_json::Error),
    /// The protocol does not create it.
    #[error("a new task was refused")]
    Refused,
}

impl From<Reason> for Unusable {
    fn from(reason: Reason) -> Self {
        Self::Message(reason)
    }
}

/// The command that creates a task.
///
/// # Errors
/// [`Unusable`].
pub fn creation(number: u64) -> Result<Command, Unusable> {
    let sample = Envelope::parse(SAMPLE)?;
    let source = Source::new("urn:example:shop")?;
    let event = EventId::new(format!("order-{number:06}"))?;
    let shipment = ShipmentId::new(format!("SHP-{number:06}"))?;
    let task = TaskId::derive(&source, &event, &shipment);
    let new = NewTask {
        shipment,
        tenant: Some(Tenant::new("acme")?),
        source,
        event,
        payload: Payload::from_json(sample.data()?.to_owned()),
        trace: sample.trace_parent().map(str::to_owned),
    };
    let by = AttemptId::from_bits(number);
    Ok(Command { task, by, now: CREATED, action: Action::Create(new) })
}

/// The record that it creates.
///
/// # Errors
/// [`Unusable`].
pub fn record(number: u64) -> Result<TaskRecord, Unusable> {
    match transition(None, &creation(number)?) {
        Transition::Applied(record) => Ok(record),
        Transition::Refused(_) => Err(Unusable::Refused),
    }
}

/// The event that Lambda calls processing with: a message for each of these tasks.
///
/// # Errors
/// [`Unusable`].
pub fn event(numbers: Range<u64>) -> Result<Vec<u8>, Unusable> {
    let delivered = |number| {
        let body = StageMessage::stored_in(&record(number)?).to_json()?;
        Ok(delivered(number, "processing", &body))
    };
    let records = numbers.map(delivered).collect::<Result<Vec<_>, Unusable>>()?;
    Ok(serde_json::to_vec(&json!({ "Records": records }))?)
}

/// A message as SQS delivers it for the first time, with all that AWS says about it.
#[must_use]
pub fn delivered(number: u64, stage: &str, body: &str) -> Value {
    let id = format!("b0ddfad4-3ab1-5937-bb72-{number:012x}");
    // As long as those of SQS.
    let receipt = format!("AQEB{number:0>396}==");
    json!({
        "messageId": id,
        "receiptHandle": receipt,
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": CREATED.as_millis().to_string(),
            "SenderId": "AROAIENQZJOLO23YVJ4VO:flotilla-ingestion",
            "ApproximateFirstReceiveTimestamp": CREATED.as_millis().to_string(),
            "MessageGroupId": "acme",
        },
        "messageAttributes": {},
        "md5OfBody": "4433d9f686e9b9b06511923ec3ff2414",
        "eventSource": "aws:sqs",
        "eventSourceARN": format!("arn:aws:sqs:us-east-1:123456789012:flotilla-{stage}"),
        "awsRegion": "us-east-1",
    })
}
