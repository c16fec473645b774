//! What becomes of each sample.

use End::{Answered, Done, Failed, GivenBack, GivenUp, Held, Pulled, Recovered, Refused};
use flotilla_task::Stage;

/// What becomes of a message.
#[derive(Debug, Clone, Copy)]
pub(crate) enum End {
    /// Its task is completed, and the log has this decision.
    Done(&'static str),
    /// Its task waits for a person, for this reason.
    Held(&'static str),
    /// It becomes a dead letter: no task of its own, this code, a reason that begins so.
    Refused(&'static str, &'static str),
    /// Its task fails at this stage, and the message there becomes a dead letter.
    Failed(Stage, &'static str, &'static str),
    /// The replies queue gets an answer.
    Answered,
    /// A task that lost its message goes on.
    Recovered,
    /// An event that nobody claims becomes a dead letter.
    GivenUp,
    /// The source that it names, or each that is due, is pulled to its end.
    Pulled(&'static str),
    /// It goes back to its queue (Lambda events only).
    GivenBack,
}

/// `events/send`, in the order in which they tell a story.
pub(crate) const SENT: &[(&str, End)] = &[
    ("order.json", Done("book")),
    ("order-amended.json", Done("keep")),
    ("tracking-picked-up.json", Done("keep")),
    ("epcis-packed.json", Done("keep")),
    ("dcsa-departed.json", Done("keep")),
    ("dcsa-estimated.json", Done("keep")),
    ("tracking-delayed.json", Done("rebook")),
    ("bad/from-the-future.json", Failed(Stage::Processing, "invalid_field", "occurred_at: ")),
    ("tracking-delivered.json", Done("keep")),
    (
        "bad/aggregation-contains-itself.json",
        Refused("invalid_field", "childEPCs[2]: expected what is in the parent"),
    ),
    ("bad/dcsa-without-time.json", Refused("invalid_field", "eventDateTime: missing")),
    (
        "bad/wrong-container-number.json",
        Refused("invalid_field", "equipmentReference: wrong check digit in container"),
    ),
    ("bad/impossible-times.json", Failed(Stage::Processing, "invalid_field", "promised: ")),
    ("bad/missing-field.json", Refused("invalid_field", "items[0].weight.unit: missing")),
    (
        "bad/negative-weight.json",
        Failed(Stage::Processing, "invalid_field", "items[1].weight.value: "),
    ),
    ("bad/newer-version.json", Refused("newer_version", "type: ")),
    ("bad/not-cloudevent.json", Refused("not_cloudevent", "missing field `specversion`")),
    ("bad/not-json.txt", Refused("not_json", "expected value")),
    ("bad/unknown-type.json", Refused("unknown_type", "type: ")),
    ("bad/unknown-unit.json", Failed(Stage::Processing, "invalid_field", "items[0].weight.unit: ")),
    ("bad/wrong-check-digit.json", Refused("invalid_field", "identifiers[0].value: ")),
    (
        "bad/wrong-currency.json",
        Failed(Stage::Processing, "invalid_field", "items[0].value.currency: "),
    ),
    ("ingestion/expire.json", GivenUp),
    ("ingestion/pull.json", Pulled("urn:example:warehouse:berlin")),
    ("ingestion/pull-due.json", Pulled("urn:example:line")),
    (
        "ingestion/bad/pull-unknown-source.json",
        Refused("invalid_field", "data.source: no source of that name"),
    ),
    ("processing/order.json", Done("book")),
    ("processing/delayed.json", Done("rebook")),
    (
        "processing/bad/negative-weight.json",
        Failed(Stage::Processing, "invalid_field", "items[0].weight.value: "),
    ),
    ("processing/bad/no-record.json", Refused("no_record", "the task has no record")),
    ("processing/bad/no-data.json", Refused("invalid_field", "data: missing")),
    ("processing/bad/wrong-queue.json", Refused("invalid_field", "stage: ")),
    ("decision/order.json", Done("book")),
    ("decision/delayed.json", Done("rebook")),
    (
        "decision/bad/unreadable-payload.json",
        Failed(Stage::Decision, "invalid_field", "payload: missing field `known`"),
    ),
    ("decision/bad/newer-version.json", Refused("newer_version", "type: ")),
    ("decision/bad/runaway.json", Refused("loop", "hops: ")),
    ("communication/book.json", Done("book")),
    ("communication/notify.json", Done("notify")),
    ("communication/hold.json", Held("policy")),
    (
        "communication/bad/unreadable-payload.json",
        Failed(Stage::Communication, "invalid_field", "payload: unknown variant `teleport`"),
    ),
    ("communication/bad/unknown-stage.json", Refused("invalid_field", "stage: ")),
    ("communication/bad/no-task.json", Refused("invalid_field", "task: missing")),
    ("state/booked.json", Done("book")),
    ("state/delivered.json", Done("keep")),
    ("state/retrieve.json", Answered),
    ("state/forget.json", Answered),
    ("state/recover.json", Recovered),
    (
        "state/bad/unreadable-payload.json",
        Failed(Stage::State, "invalid_field", "payload: unknown variant `weather`"),
    ),
    ("state/bad/unknown-type.json", Refused("unknown_type", "type: ")),
    ("state/bad/retrieve-other-queue.json", Refused("invalid_field", "reply_to: ")),
    ("state/bad/forget-other-queue.json", Refused("invalid_field", "reply_to: ")),
    ("state/bad/retrieve-too-many.json", Refused("invalid_field", "page.limit: expected 1 to 200")),
    ("state/bad/retrieve-no-shipment.json", Refused("invalid_field", "data: missing field")),
];

/// `events/lambda`, with what becomes of each record.
pub(crate) const CALLED: &[(&str, &[End])] = &[
    ("ingestion.json", &[Done("book"), Done("keep")]),
    ("processing.json", &[Done("book")]),
    ("decision.json", &[Done("book")]),
    ("communication.json", &[Done("book")]),
    ("state.json", &[Done("book"), Answered]),
    ("bad/ingestion-not-json.json", &[Refused("not_json", "expected value"), Done("book")]),
    ("bad/ingestion-newer-version.json", &[GivenBack, Done("book")]),
    (
        "bad/processing-negative-weight.json",
        &[Failed(Stage::Processing, "invalid_field", "items[0].weight.value: "), Done("book")],
    ),
    ("bad/decision-runaway.json", &[Refused("loop", "hops: ")]),
    ("bad/communication-newer-version.json", &[Refused("newer_version", "type: ")]),
    ("bad/state-unknown-type.json", &[Refused("unknown_type", "type: ")]),
];

/// `events/lambda`: what no answer can be given to, record by record.
pub(crate) const BROKEN: &[(&str, &str)] = &[
    ("bad/ingestion-no-message-id.json", "no message id"),
    ("bad/ingestion-not-sqs.json", "missing field `Records`"),
];
