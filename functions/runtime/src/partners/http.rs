//! Calls to partners, and what an answer, or none, means for a retry.

use super::bounded;
use super::directory::{Carrier, Directory};
use flotilla_shipment::places::Place;
use flotilla_shipment::ports::{Audience, BookingRequest, CallError, Notice, Partners};
use flotilla_shipment::slot::{Booking, MAIN_LEG};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url, header};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// More than any partner's answer; the rest is not read.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// Longer than any carrier's reference; it stands in records and URLs.
const MAX_REFERENCE_BYTES: usize = 64;
/// The longest Retry-After that is believed.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(900);

/// Partners over HTTP.
#[derive(Debug, Clone)]
pub struct HttpPartners {
    client: Client,
    directory: Directory,
}

#[derive(Serialize)]
struct BookingBody<'a> {
    shipment: &'a str,
    leg: &'a str,
    generation: u64,
    service: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<&'a str>,
    origin: &'a str,
    destination: &'a str,
    weight_g: u64,
}

#[derive(Serialize)]
struct NoticeBody<'a> {
    shipment: &'a str,
    task: &'a str,
    action: &'a str,
    text: &'a str,
}

#[derive(Deserialize)]
struct Booked {
    reference: String,
    service: String,
    cost_cents: i64,
}

impl HttpPartners {
    /// Partners of that directory. Redirects are not followed: a partner's
    /// address is a setting, not the partner's choice.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(directory: Directory) -> Result<Self, reqwest::Error> {
        crate::tls::install();
        let client = Client::builder()
            .timeout(directory.time_limit)
            .connect_timeout(directory.time_limit / 2)
            .redirect(reqwest::redirect::Policy::none())
            // An environment is frozen between invocations; a connection kept over
            // that may be dead, and a call that dies on it is ambiguous.
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Self { client, directory })
    }

    fn carrier(&self, id: &str) -> Result<&Carrier, CallError> {
        self.directory.carriers.get(id).ok_or_else(|| CallError::Refused {
            partner: id.to_owned(),
            problem: "no such carrier among the partners".to_owned(),
        })
    }
}

impl Partners for HttpPartners {
    fn honours_keys(&self, carrier: &str) -> bool {
        self.directory.carriers.get(carrier).is_some_and(|carrier| carrier.honours_keys)
    }

    fn time_limit(&self) -> Duration {
        self.directory.time_limit
    }

    async fn book(&self, request: &BookingRequest) -> Result<Booking, CallError> {
        let partner = request.carrier.as_str();
        let body = BookingBody {
            shipment: request.shipment.as_str(),
            leg: MAIN_LEG,
            generation: request.generation.0,
            service: &request.service,
            via: request.via.as_ref().map(Place::as_str),
            origin: request.origin.as_str(),
            destination: request.destination.as_str(),
            weight_g: request.weight_g,
        };
        let url = &self.carrier(partner)?.bookings;
        let call = self.client.post(url).header("Idempotency-Key", &request.key).json(&body);
        let answer = send(partner, call).await?;
        let text = read(partner, answer).await?;
        // An answer that cannot be read, or a booking without a name, may well be
        // a booking.
        let booked: Booked = serde_json::from_str(&text)
            .map_err(|error| ambiguous(partner, format!("the answer is not a booking: {error}")))?;
        if booked.reference.is_empty() || booked.reference.len() > MAX_REFERENCE_BYTES {
            return Err(ambiguous(partner, "booked without a usable reference".to_owned()));
        }
        if booked.service != request.service {
            let problem =
                format!("booked service {:?}, wanted {:?}", booked.service, request.service);
            return Err(ambiguous(partner, problem));
        }
        Ok(Booking {
            carrier: partner.to_owned(),
            service: booked.service,
            via: request.via.clone(),
            reference: booked.reference,
            cost_cents: booked.cost_cents,
        })
    }

    async fn cancel(&self, booking: &Booking) -> Result<(), CallError> {
        let partner = booking.carrier.as_str();
        let url = of_booking(&self.carrier(partner)?.bookings, &booking.reference)
            .ok_or_else(|| refused(partner, "no URL can be made of its reference".to_owned()))?;
        let sent = self.client.delete(url).send().await;
        let answer = sent.map_err(|error| unanswered(partner, &error))?;
        match answer.status() {
            // Gone already is as good as cancelled now.
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(()),
            status => judge(partner, status, &answer),
        }
    }

    async fn notify(&self, notice: &Notice) -> Result<(), CallError> {
        let body = NoticeBody {
            shipment: notice.shipment.as_str(),
            task: notice.task.as_str(),
            action: notice.action,
            text: &notice.text,
        };
        let url = match notice.audience {
            Audience::Dispatch => &self.directory.notices,
            Audience::Customer => &self.directory.customer_events,
        };
        let call = self.client.post(url).header("Idempotency-Key", &notice.key).json(&body);
        let partner = notice.audience.partner();
        let answer = call.send().await.map_err(|error| unanswered(partner, &error))?;
        if answer.status() == StatusCode::CONFLICT {
            // The key stands for other words: a try that did not live to note what
            // it had done told them. Telling again would be a second notice.
            return Err(refused(partner, "was told in other words before".to_owned()));
        }
        judged(partner, answer).await.map(|_| ())
    }
}

async fn send(partner: &str, call: RequestBuilder) -> Result<Response, CallError> {
    let answer = call.send().await.map_err(|error| unanswered(partner, &error))?;
    judged(partner, answer).await
}

async fn judged(partner: &str, answer: Response) -> Result<Response, CallError> {
    match judge(partner, answer.status(), &answer) {
        Ok(()) => Ok(answer),
        Err(CallError::Refused { partner, problem }) => {
            let said = read(&partner, answer).await.unwrap_or_default();
            let said: String = said.chars().take(200).collect();
            Err(refused(&partner, format!("{problem} {said}")))
        }
        Err(other) => Err(other),
    }
}

/// A booking's own URL. The reference is the carrier's, so it is one path
/// segment whatever it contains.
fn of_booking(bookings: &str, reference: &str) -> Option<Url> {
    let mut url = Url::parse(bookings).ok()?;
    url.path_segments_mut().ok()?.pop_if_empty().push(reference);
    Some(url)
}

/// What a status says about whether the partner acted.
fn judge(partner: &str, status: StatusCode, answer: &Response) -> Result<(), CallError> {
    match status {
        status if status.is_success() => Ok(()),
        StatusCode::TOO_MANY_REQUESTS => {
            let after = answer.headers().get(header::RETRY_AFTER);
            let after = after.and_then(|after| after.to_str().ok()).and_then(|s| s.parse().ok());
            let after = after.map(|seconds| Duration::from_secs(seconds).min(MAX_RETRY_AFTER));
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
        status => Err(ambiguous(partner, format!("status {status}"))),
    }
}

async fn read(partner: &str, mut answer: Response) -> Result<String, CallError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer
        .chunk()
        .await
        .map_err(|error| ambiguous(partner, format!("the answer broke off: {error}")))?
    {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX_ANSWER_BYTES {
            return Err(ambiguous(partner, format!("more than {MAX_ANSWER_BYTES} bytes")));
        }
    }
    String::from_utf8(bytes).map_err(|_| ambiguous(partner, "the answer is not UTF-8".to_owned()))
}

fn unanswered(partner: &str, error: &reqwest::Error) -> CallError {
    let partner = partner.to_owned();
    let problem = bounded(&without_url(error));
    // A time-out while connecting is a connection error too, and nothing was sent.
    if error.is_connect() || error.is_builder() {
        return CallError::NotSent { partner, problem };
    }
    CallError::Ambiguous { partner, problem }
}

/// The innermost cause; the outer ones repeat the URL.
fn without_url(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if error.is_timeout() { "no answer in time".to_owned() } else { cause.to_string() }
}

fn refused(partner: &str, problem: String) -> CallError {
    CallError::Refused { partner: partner.to_owned(), problem: bounded(&problem) }
}

fn ambiguous(partner: &str, problem: String) -> CallError {
    CallError::Ambiguous { partner: partner.to_owned(), problem: bounded(&problem) }
}
