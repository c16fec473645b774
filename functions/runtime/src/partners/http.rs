//! Calls to partners over HTTP: what is sent. What an answer means is in
//! [`answer`](super::answer).

use super::answer::{self, not_sent, refused};
use super::directory::{Carrier, Directory};
use super::pause;
use super::signing::{Sign, Signing};
use crate::outbound::{BuildError, Client, Outbound};
use crate::secrets::Fetch;
use crate::trace;
use flotilla_shipment::partner::Terms;
use flotilla_shipment::places::Place;
use flotilla_shipment::ports::{Audience, BookingRequest, CallError, Notice, Partners};
use flotilla_shipment::slot::{Booking, MAIN_LEG};
use flotilla_task::Clock;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url, header};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Partners over HTTP.
#[derive(Debug, Clone)]
pub struct HttpPartners {
    /// One for each time limit: connecting may take half of it.
    clients: BTreeMap<Duration, Client>,
    directory: Directory,
    pauses: Arc<Mutex<BTreeMap<String, Duration>>>,
    signing: Option<Arc<dyn Sign>>,
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

impl HttpPartners {
    /// Partners of that directory, as far as calls may go there.
    ///
    /// # Errors
    /// When one of their URLs may not be called, or TLS cannot be set up.
    pub fn new(directory: Directory, outbound: &Outbound) -> Result<Self, BuildError> {
        let mut clients = BTreeMap::new();
        for limit in directory.time_limits() {
            clients.insert(limit, Client::new(outbound, limit, directory.urls())?);
        }
        Ok(Self { clients, directory, pauses: Arc::default(), signing: None })
    }

    /// With signed notices for the partners that want them.
    #[must_use]
    pub fn signed_by<F, C>(self, signing: Signing<F, C>) -> Self
    where
        F: Fetch + Debug + 'static,
        C: Clock + Debug + 'static,
    {
        Self { signing: Some(Arc::new(signing)), ..self }
    }

    fn carrier(&self, id: &str) -> Result<&Carrier, CallError> {
        let problem = || refused(id, "no such carrier among the partners".to_owned());
        self.directory.carriers.get(id).ok_or_else(problem)
    }

    fn call(&self, partner: &str, method: Method, url: &str) -> Result<RequestBuilder, CallError> {
        let limit = self.directory.terms(partner).time_limit;
        let client = self.clients.get(&limit);
        let client = client.ok_or_else(|| refused(partner, "no such partner".to_owned()))?;
        client.request(method, url).map_err(|refusal| refused(partner, refusal.to_string()))
    }

    /// Sends, and notes when the partner asks for a pause beside its answer.
    async fn send(&self, partner: &str, call: RequestBuilder) -> Result<Response, CallError> {
        let answer = trace::partner(partner, call).await;
        let answer = answer.map_err(|error| answer::unanswered(partner, &error))?;
        if let Some(pause) = pause::exhausted(answer.headers()) {
            let mut pauses = self.pauses.lock().unwrap_or_else(PoisonError::into_inner);
            pauses.insert(partner.to_owned(), pause);
        }
        Ok(answer)
    }
}

impl Partners for HttpPartners {
    type Pass = ();

    fn honours_keys(&self, carrier: &str) -> bool {
        self.directory.carriers.get(carrier).is_some_and(|carrier| carrier.honours_keys)
    }

    fn looks_up(&self, carrier: &str) -> bool {
        self.directory.carriers.get(carrier).is_some_and(|carrier| carrier.look_up.is_some())
    }

    fn terms(&self, partner: &str) -> Terms {
        self.directory.terms(partner)
    }

    fn asked_for(&self, partner: &str) -> Option<Duration> {
        self.pauses.lock().unwrap_or_else(PoisonError::into_inner).remove(partner)
    }

    async fn admit(&self, _partner: &str) -> Result<(), CallError> {
        Ok(())
    }

    async fn book(&self, request: &BookingRequest, _pass: &mut ()) -> Result<Booking, CallError> {
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
        let call = self.call(partner, Method::POST, url)?;
        let call = call.header("Idempotency-Key", &request.key).json(&body);
        let answer = self.send(partner, call).await?;
        answer::booked(request, &answer::accepted(partner, answer).await?)
    }

    async fn look_up(&self, request: &BookingRequest) -> Result<Option<Booking>, CallError> {
        let partner = request.carrier.as_str();
        let Some(url) = &self.carrier(partner)?.look_up else {
            return Err(refused(partner, "it has no look-up".to_owned()));
        };
        let key = utf8_percent_encode(&request.key, NON_ALPHANUMERIC).to_string();
        let call = self.call(partner, Method::GET, &url.replace("{key}", &key))?;
        let answer = self.send(partner, call).await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        answer::found(request, &answer::accepted(partner, answer).await?)
    }

    async fn cancel(&self, booking: &Booking, _pass: &mut ()) -> Result<(), CallError> {
        let partner = booking.carrier.as_str();
        let url = of_booking(&self.carrier(partner)?.bookings, &booking.reference)
            .ok_or_else(|| refused(partner, "no URL can be made of its reference".to_owned()))?;
        let call = self.call(partner, Method::DELETE, url.as_str())?;
        let answer = self.send(partner, call).await?;
        match answer.status() {
            // Gone already is as good as cancelled now.
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(()),
            _ => answer::accepted(partner, answer).await.map(|_| ()),
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
        let partner = notice.audience.partner();
        let body = serde_json::to_string(&body)
            .map_err(|error| refused(partner, format!("the notice cannot be written: {error}")))?;
        let mut call = self.call(partner, Method::POST, url)?;
        if let Some(signing) = &self.signing {
            // Nothing was sent, and whoever keeps the keys can mend it.
            let signed = signing.sign(partner, &notice.key, &body).await;
            let signed = signed.map_err(|error| not_sent(partner, &error.to_string()))?;
            for (name, value) in signed.into_iter().flatten() {
                call = call.header(name, value);
            }
        }
        let call = call.header("Idempotency-Key", &notice.key);
        let call = call.header(header::CONTENT_TYPE, "application/json").body(body);
        let answer = self.send(partner, call).await?;
        if answer.status() == StatusCode::CONFLICT {
            // The key stands for other words: a try that did not live to note what
            // it had done told them. Telling again would be a second notice.
            return Err(refused(partner, "was told in other words before".to_owned()));
        }
        answer::accepted(partner, answer).await.map(|_| ())
    }
}

/// A booking's own URL. The reference is the carrier's, so it is one path
/// segment whatever it contains.
fn of_booking(bookings: &str, reference: &str) -> Option<Url> {
    let mut url = Url::parse(bookings).ok()?;
    url.path_segments_mut().ok()?.pop_if_empty().push(reference);
    Some(url)
}
