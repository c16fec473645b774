//! One call: told, perhaps struck by a fault, passed on, noted.

use crate::about;
use crate::action::{Called, caller};
use crate::entries::Split;
use crate::fault::{Fault, Kind, throttled};
use crate::record::{Call, Record};
use crate::units;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::sync::Arc;

/// The cloud behind the proxy, and what was seen of the calls to it.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) cloud: String,
    pub(crate) client: reqwest::Client,
    pub(crate) record: Record,
}

/// A request as it came.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What a request says, read once.
struct Said {
    function: String,
    called: Called,
    body: Value,
}

/// What went back.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Wire {
    /// In front of that cloud.
    pub(crate) fn before(cloud: &str) -> reqwest::Result<Arc<Self>> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let cloud = cloud.trim_end_matches('/').to_owned();
        Ok(Arc::new(Self { cloud, client, record: Record::default() }))
    }

    /// Passes a call on, unless a rule says otherwise.
    pub(crate) async fn pass(&self, asked: Asked) -> Response {
        let text = |name: HeaderName| {
            asked.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
        };
        let body: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
        let said = Said {
            function: caller(text(header::USER_AGENT)).unwrap_or_default().to_owned(),
            called: Called::read(text(HeaderName::from_static("x-amz-target")), &body),
            body,
        };
        let text = String::from_utf8_lossy(&asked.body);
        let fault = self.record.strike(&said.function, &said.called, &text);
        let answer = self.struck(fault.as_ref(), &said, &asked).await;
        let answered: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let units = units::of(&said.called.operation, &answered);
        let written = about::written(&said.called.operation, &said.body);
        let read = about::read(&said.called.operation, &said.body);
        let sent = about::sent(&said.called.operation, &said.body);
        self.record.note(Call {
            function: said.function,
            service: said.called.service,
            operation: said.called.operation,
            parts: said.called.parts,
            status: answer.status.as_u16(),
            error: answered
                .get("__type")
                .and_then(Value::as_str)
                .and_then(|kind| kind.rsplit('#').next())
                .unwrap_or_default()
                .to_owned(),
            write_centiunits: units.write,
            read_centiunits: units.read,
            written,
            read,
            sent,
            bytes: asked.body.len(),
            fault: fault.map(|fault| fault.kind),
        });
        let mut response = Response::new(Body::from(answer.body));
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        response.into_response()
    }

    async fn struck(&self, fault: Option<&Fault>, said: &Said, asked: &Asked) -> Answer {
        let Some(fault) = fault else { return self.carry_out(said, asked, false).await };
        match fault.kind {
            Kind::Throttle => {
                Answer::error(StatusCode::BAD_REQUEST, throttled(&said.called.service))
            }
            Kind::Fail => Answer::error(
                StatusCode::INTERNAL_SERVER_ERROR,
                r#"{"__type":"InternalServerError","message":"the wire proxy fails the call"}"#,
            ),
            Kind::FailEntries => {
                let split = Split::of(&asked.body, &fault.contains);
                let answer = match split.taken {
                    Some(body) => self.forward(&Asked { body, ..asked.clone() }).await,
                    None => Answer::error(StatusCode::OK, "{}"),
                };
                Answer { body: split.refused.told_with(&answer.body), ..answer }
            }
            Kind::Delay => {
                tokio::time::sleep(fault.lasts()).await;
                self.carry_out(said, asked, true).await
            }
            Kind::Duplicate => {
                self.carry_out(said, asked, false).await;
                self.carry_out(said, asked, false).await
            }
            Kind::LoseAnswer => {
                let carried_out = self.carry_out(said, asked, false).await;
                tokio::time::sleep(fault.lasts()).await;
                Answer { status: StatusCode::GATEWAY_TIMEOUT, ..carried_out }
            }
        }
    }

    /// Passes a call on, and lets the witness look at it.
    async fn carry_out(&self, said: &Said, asked: &Asked, late: bool) -> Answer {
        let answer = self.forward(asked).await;
        let answered = serde_json::from_slice(&answer.body).unwrap_or_default();
        self.record.witness(&said.called, &said.body, &answered, late);
        answer
    }

    async fn forward(&self, asked: &Asked) -> Answer {
        let path = asked.uri.path_and_query().map_or("/", |path| path.as_str());
        let request = self
            .client
            .request(asked.method.clone(), format!("{}{path}", self.cloud))
            .headers(end_to_end(&asked.headers))
            .body(asked.body.clone());
        let answered = async {
            let answer = request.send().await?;
            let (status, headers) = (answer.status(), end_to_end(answer.headers()));
            Ok::<_, reqwest::Error>(Answer { status, headers, body: answer.bytes().await? })
        };
        answered.await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the cloud did not answer");
            Answer::error(StatusCode::BAD_GATEWAY, "{\"__type\":\"NoAnswer\"}")
        })
    }
}

impl Answer {
    fn error(status: StatusCode, body: &'static str) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::from_static(body.as_bytes()) }
    }
}

/// Without the headers that belong to one connection (RFC 9110, section 7.6.1)
/// and those that the next one writes itself.
fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    let mut kept = headers.clone();
    for name in [
        header::HOST,
        header::CONNECTION,
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
        header::TE,
        header::TRAILER,
    ] {
        kept.remove(name);
    }
    kept
}
