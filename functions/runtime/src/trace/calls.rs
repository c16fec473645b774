//! What the table, the partners and the protocol tell of themselves. Each of these
//! is one line where the call is made, and does nothing where no record is traced.

use super::work::{self, AtHand, Calling};
use super::{Span, SpanId};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use flotilla_task::envelope::Envelope;
use flotilla_task::{Action, Command, Next, Outcome, Refusal, TaskRecord};
use reqwest::header::HeaderValue;
use reqwest::{RequestBuilder, Response};
use std::future::Future;

/// A call to the table, with what came of it.
///
/// # Errors
/// Those of the call.
pub async fn store<T, E, R>(
    operation: &'static str,
    table: &str,
    call: impl Future<Output = Result<T, SdkError<E, R>>>,
) -> Result<T, SdkError<E, R>>
where
    E: ProvideErrorMetadata,
{
    let calling = Calling::begin(|| format!("{operation} {table}"));
    let answer = call.await;
    if let Some(calling) = calling {
        calling.end(|span| {
            span.say("db.system.name", "aws.dynamodb");
            span.say("db.operation.name", operation);
            span.say("db.collection.name", table);
            let code = answer.as_ref().err().map(code_of);
            match code.as_deref() {
                None => {}
                // The condition did not hold: an answer like another.
                Some("ConditionalCheckFailedException") => span.say("flotilla.refused", true),
                Some("TransactionCanceledException") if is_refusal(&answer) => {
                    span.say("flotilla.refused", true);
                }
                Some(code) => fail(span, code),
            }
        });
    }
    answer
}

/// Whether a transaction was cancelled by its conditions alone. Its message lists a
/// reason for each item: `... specific reasons [None, ConditionalCheckFailed]`.
fn is_refusal<T, E: ProvideErrorMetadata, R>(answer: &Result<T, SdkError<E, R>>) -> bool {
    let message = answer.as_ref().err().and_then(|error| error.message());
    message.is_some_and(are_conditions)
}

fn are_conditions(message: &str) -> bool {
    let reasons = message.rsplit_once('[').and_then(|(_, rest)| rest.split_once(']'));
    let mut reasons = reasons.map_or("", |(reasons, _)| reasons).split(',').map(str::trim);
    reasons.all(|reason| matches!(reason, "None" | "ConditionalCheckFailed"))
}

fn code_of<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> String {
    let otherwise = if matches!(error, SdkError::TimeoutError(_)) {
        "timeout"
    } else if matches!(error, SdkError::DispatchFailure(_)) {
        "unreachable"
    } else {
        "unreadable"
    };
    error.code().unwrap_or(otherwise).to_owned()
}

/// A call to a partner, which learns whose work it is a part of.
///
/// # Errors
/// Those of the call.
pub async fn partner(partner: &str, call: RequestBuilder) -> reqwest::Result<Response> {
    let (client, request) = call.build_split();
    let mut request = request?;
    let calling = Calling::begin(|| format!("{} {partner}", request.method()));
    let parent = calling.as_ref().and_then(Calling::parent).or_else(passed_on);
    if let Some(value) = parent.and_then(|parent| HeaderValue::from_str(&parent).ok()) {
        request.headers_mut().insert("traceparent", value);
    }
    let method = request.method().clone();
    let answer = client.execute(request).await;
    if let Some(calling) = calling {
        calling.end(|span| {
            span.say("peer.service", partner);
            span.say("http.request.method", method.as_str());
            match &answer {
                Ok(answer) => {
                    let status = answer.status();
                    span.say("http.response.status_code", u64::from(status.as_u16()));
                    if status.is_client_error() || status.is_server_error() {
                        fail(span, status.as_str());
                    }
                }
                Err(error) if error.is_timeout() => fail(span, "timeout"),
                Err(error) if error.is_connect() => fail(span, "unreachable"),
                Err(_) => fail(span, "broke_off"),
            }
        });
    }
    answer
}

fn fail(span: &mut Span, code: &str) {
    span.say("error.type", code);
    span.error = Some(code.to_owned());
}

/// What a message says about its trace that the work on this event gives rise to:
/// this work, or what the event itself said where nobody is told of it.
#[must_use]
pub fn onward(envelope: &Envelope<'_>) -> Option<String> {
    let said = || envelope.trace_parent().map(str::to_owned);
    work::open().map_or_else(said, |work| work.onward())
}

fn passed_on() -> Option<String> {
    work::at_hand(|at_hand| match at_hand {
        AtHand::Passed(parent) => parent.clone(),
        AtHand::Traced(work) => work.onward(),
    })
}

/// A write to a task, and what came of it.
pub fn wrote(command: &Command, outcome: &Outcome) {
    let Some(work) = work::open() else { return };
    work.record(|span| match outcome {
        Outcome::Applied(record) => {
            about(span, record);
            span.say("flotilla.epoch", record.epoch.get());
            span.say("flotilla.outcome", done(&command.action));
            if let Action::Commit { next: Next::Stage { .. }, .. } = command.action {
                // The next stage's message names this id as its parent.
                span.id = SpanId::of_hand_on(&record.id, record.hops);
            }
            if let Action::Release { reason, .. } | Action::Fail { reason, .. } = &command.action {
                fail(span, reason.code.as_str());
            }
        }
        Outcome::Refused { refusal, record } => {
            if let Some(record) = record {
                about(span, record);
            }
            span.say("flotilla.outcome", refused(*refusal));
        }
    });
}

/// The first task counts; of an event about many shipments the others' own spans
/// tell.
fn about(span: &mut Span, record: &TaskRecord) {
    if span.text("flotilla.task").is_none() {
        span.say("flotilla.task", record.id.as_str());
        span.say("flotilla.shipment", record.shipment.as_str());
    }
}

const fn done(action: &Action) -> &'static str {
    match action {
        Action::Create(_) => "created",
        Action::Claim { .. } => "claimed",
        Action::Checkpoint { .. } => "noted",
        Action::Commit { next: Next::Stage { .. }, .. } => "handed_on",
        Action::Commit { next: Next::Complete, .. } => "completed",
        Action::Release { .. } => "to_be_tried_again",
        Action::Yield { .. } => "waits",
        Action::Fail { .. } => "failed",
        Action::Hold { .. } => "held",
        Action::Cancel { .. } => "cancelled",
        Action::Resume { .. } => "resumed",
        Action::Resend { .. } => "sent_again",
    }
}

const fn refused(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Absent => "absent",
        Refusal::Exists => "exists",
        Refusal::Busy { .. } => "busy",
        Refusal::Fenced => "fenced",
        Refusal::Forbidden => "forbidden",
        Refusal::TooEarly { .. } => "too_early",
        Refusal::NeedsAnswer => "needs_answer",
    }
}

#[cfg(test)]
mod tests {
    use super::are_conditions;

    #[test]
    fn a_transaction_is_refused_where_nothing_but_conditions_ended_it() {
        let told = |reasons: &str| {
            are_conditions(&format!(
                "Transaction cancelled, please refer cancellation reasons for specific reasons \
                 [{reasons}]"
            ))
        };
        assert!(told("None, ConditionalCheckFailed"));
        assert!(!told("TransactionConflict, None"));
        assert!(!told("ConditionalCheckFailed, ThrottlingError"));
        assert!(!told(""));
        assert!(!are_conditions("nothing is said"));
    }
}
