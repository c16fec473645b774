//! What a partner's answer, or none, says about whether it acted.

use super::pause;
use crate::outbound::{Refusal, body, innermost};
use flotilla_shipment::ports::{BookingRequest, CallError};
use flotilla_shipment::slot::{Booking, MAX_REFERENCE_BYTES};
use flotilla_task::{Clock, SystemClock, safe};
use reqwest::{Response, StatusCode, Url, header};
use serde::Deserialize;
use serde_json::Value;

/// More than any partner's answer; the rest is not read.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// A booking in a carrier's words. What it repeats of the request must agree with it.
#[derive(Deserialize)]
struct Booked {
    reference: String,
    service: String,
    cost_cents: i64,
    shipment: Option<String>,
    key: Option<String>,
    status: Option<String>,
}

/// The booking that an answer tells of. One that cannot be read, or is about another
/// booking, may well have made this one.
pub(super) fn booked(request: &BookingRequest, text: &str) -> Result<Booking, CallError> {
    let booked = serde_json::from_str(text).map_err(|error| {
        ambiguous(&request.carrier, format!("the answer is not a booking: {error}"))
    })?;
    agreed(request, booked)
}

/// The live booking among those that a look-up found.
pub(super) fn found(request: &BookingRequest, text: &str) -> Result<Option<Booking>, CallError> {
    let partner = &request.carrier;
    let mut all: Vec<Booked> = serde_json::from_str(text).map_err(|error| {
        ambiguous(partner, format!("the answer is not a list of bookings: {error}"))
    })?;
    all.retain(|booked| booked.status.as_deref() != Some("cancelled"));
    if all.len() > 1 {
        return Err(ambiguous(partner, format!("knows {} bookings of this key", all.len())));
    }
    all.pop().map(|booked| agreed(request, booked)).transpose()
}

fn agreed(request: &BookingRequest, booked: Booked) -> Result<Booking, CallError> {
    let partner = &request.carrier;
    if booked.reference.is_empty() || booked.reference.len() > MAX_REFERENCE_BYTES {
        return Err(ambiguous(partner, "booked without a usable reference".to_owned()));
    }
    let shipment = request.shipment.as_str();
    for (field, said, wanted) in [
        ("service", Some(&booked.service), request.service.as_str()),
        ("shipment", booked.shipment.as_ref(), shipment),
        ("key", booked.key.as_ref(), request.key.as_str()),
    ] {
        if let Some(said) = said.filter(|said| *said != wanted) {
            let problem = format!("answered for another booking: {field} {said:?}, not {wanted:?}");
            return Err(ambiguous(partner, problem));
        }
    }
    Ok(Booking {
        carrier: partner.clone(),
        service: booked.service,
        via: request.via.clone(),
        reference: booked.reference,
        cost_cents: booked.cost_cents,
    })
}

/// The text of an answer that says yes, in its status and in its body.
pub(super) async fn accepted(partner: &str, answer: Response) -> Result<String, CallError> {
    match judge(partner, answer.status(), &answer) {
        Ok(()) => {}
        Err(CallError::Refused { partner, problem }) => {
            let said = read(&partner, answer).await.unwrap_or_default();
            let said: String = said.chars().take(200).collect();
            return Err(refused(&partner, format!("{problem} {said}")));
        }
        Err(other) => return Err(other),
    }
    let status = answer.status();
    let text = read(partner, answer).await?;
    match complaint(&text) {
        // It says both, so it may have done both.
        Some(error) => Err(ambiguous(partner, format!("status {status} with an error: {error}"))),
        None => Ok(text),
    }
}

/// What an answer complains of although its status does not.
fn complaint(text: &str) -> Option<String> {
    let answer: serde_json::Map<String, Value> = serde_json::from_str(text).ok()?;
    let named = ["error", "errors", "fault"].into_iter().find_map(|name| answer.get(name));
    let is_empty = |said: &Value| match said {
        Value::Null | Value::Bool(false) => true,
        Value::Array(list) => list.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Bool(true) | Value::Number(_) | Value::Object(_) => false,
    };
    if let Some(said) = named.filter(|said| !is_empty(said)) {
        return Some(said.to_string());
    }
    let failed = ["success", "ok"].into_iter().any(|name| answer.get(name) == Some(&false.into()));
    failed.then(|| "it says that it failed".to_owned())
}

/// What a status says about whether the partner acted.
fn judge(partner: &str, status: StatusCode, answer: &Response) -> Result<(), CallError> {
    match status {
        status if status.is_success() => Ok(()),
        StatusCode::TOO_MANY_REQUESTS => {
            let after = pause::retry_after(answer.headers(), SystemClock.now());
            Err(CallError::Throttled { partner: partner.to_owned(), after })
        }
        // Our credentials, not this booking: nothing was done, and it may be mended.
        StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::PROXY_AUTHENTICATION_REQUIRED => Err(CallError::NotSent {
            partner: partner.to_owned(),
            problem: format!("status {status}"),
        }),
        // "Still at it", or "not now": the first call may yet be carried out.
        StatusCode::REQUEST_TIMEOUT
        | StatusCode::CONFLICT
        | StatusCode::LOCKED
        | StatusCode::TOO_EARLY => Err(ambiguous(partner, format!("status {status}"))),
        status if status.is_client_error() => Err(refused(partner, format!("status {status}"))),
        status if status.is_redirection() => {
            let to = answer.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
            let to = to.and_then(|to| Url::parse(to).ok());
            let host = to.as_ref().and_then(Url::host_str).unwrap_or("elsewhere");
            let problem = format!("status {status}: redirects to {host}, which is not followed");
            Err(ambiguous(partner, problem))
        }
        status => Err(ambiguous(partner, format!("status {status}"))),
    }
}

async fn read(partner: &str, answer: Response) -> Result<String, CallError> {
    let read = body::bounded(answer, MAX_ANSWER_BYTES).await;
    read.map_err(|error| ambiguous(partner, error.to_string()))
}

/// What it means that there is no answer.
pub(super) fn unanswered(partner: &str, error: &reqwest::Error) -> CallError {
    // Nothing was sent, and what the settings do not allow no retry mends.
    if let Some(refusal) = Refusal::within(error) {
        return refused(partner, refusal.to_string());
    }
    let partner = partner.to_owned();
    let timed_out = || "no answer in time".to_owned();
    let problem = if error.is_timeout() { timed_out() } else { innermost(error) };
    // A time-out while connecting is a connection error too, and nothing was sent.
    if error.is_connect() || error.is_builder() {
        return CallError::NotSent { partner, problem };
    }
    CallError::Ambiguous { partner, problem }
}

pub(super) fn not_sent(partner: &str, problem: &str) -> CallError {
    CallError::NotSent { partner: partner.to_owned(), problem: safe(problem) }
}

pub(super) fn refused(partner: &str, problem: String) -> CallError {
    CallError::Refused { partner: partner.to_owned(), problem: safe(&problem) }
}

pub(super) fn ambiguous(partner: &str, problem: String) -> CallError {
    CallError::Ambiguous { partner: partner.to_owned(), problem: safe(&problem) }
}
