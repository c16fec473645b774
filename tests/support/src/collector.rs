//! A collector of traces: takes what is posted to it, keeps it, and reads the spans of
//! OTLP/HTTP in JSON. Whatever else is posted to it is kept as well.

use crate::server::{Error, listen};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::task::JoinHandle;

/// How it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// With this status.
    Status(u16),
    /// Not at all.
    Never,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Posted {
    /// Its path.
    pub path: String,
    /// Its headers.
    pub headers: BTreeMap<String, String>,
    /// Its body.
    pub body: String,
}

/// A span as it was told.
#[derive(Debug, Clone)]
pub struct Told {
    /// `service.name` of who told it.
    pub service: String,
    /// Hexadecimal.
    pub trace: String,
    /// Hexadecimal.
    pub id: String,
    /// Hexadecimal.
    pub parent: Option<String>,
    /// Its name.
    pub name: String,
    /// Its attributes, as text.
    pub attributes: BTreeMap<String, String>,
    /// Its status's message, where it is an error.
    pub error: Option<String>,
}

/// The running collector, until it is dropped.
#[derive(Debug)]
pub struct Collector {
    /// Its base URL.
    pub url: String,
    shared: Arc<Mutex<Shared>>,
    server: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    answers: Answers,
    posted: Vec<Posted>,
}

impl Collector {
    /// Listens on a free port.
    ///
    /// # Errors
    /// [`Error`] when there is none.
    pub async fn start(answers: Answers) -> Result<Self, Error> {
        let (listener, url) = listen(0).await?;
        let shared = Arc::new(Mutex::new(Shared { answers, posted: Vec::new() }));
        let router = Router::new().fallback(take).with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the collector had to end");
            }
        });
        Ok(Self { url, shared, server })
    }

    /// Answers so from now on.
    pub fn answer(&self, answers: Answers) {
        lock(&self.shared).answers = answers;
    }

    /// Everything that was posted so far.
    #[must_use]
    pub fn posted(&self) -> Vec<Posted> {
        lock(&self.shared).posted.clone()
    }

    /// The spans that were told so far.
    #[must_use]
    pub fn spans(&self) -> Vec<Told> {
        let requests = self.posted().into_iter().filter(|posted| posted.path == "/v1/traces");
        requests.flat_map(|posted| read(&posted.body)).collect()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn take(
    State(shared): State<Arc<Mutex<Shared>>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, &'static str) {
    let text = |value: &axum::http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let headers = headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let answers = {
        let mut shared = lock(&shared);
        let body = String::from_utf8_lossy(&body).into_owned();
        shared.posted.push(Posted { path: uri.path().to_owned(), headers, body });
        shared.answers
    };
    match answers {
        Answers::Status(status) => (StatusCode::from_u16(status).unwrap_or_default(), "{}"),
        Answers::Never => std::future::pending().await,
    }
}

fn read(body: &str) -> Vec<Told> {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let mut told = Vec::new();
    for resource in list(&body, "resourceSpans") {
        let of = attributes(resource.get("resource").unwrap_or(&Value::Null));
        let service = of.get("service.name").cloned().unwrap_or_default();
        for scope in list(resource, "scopeSpans") {
            told.extend(list(scope, "spans").iter().map(|span| one(&service, span)));
        }
    }
    told
}

fn one(service: &str, span: &Value) -> Told {
    let text = |name: &str| span.get(name).and_then(Value::as_str).map(str::to_owned);
    let status = |name: &str| span.get("status").and_then(|status| status.get(name));
    let failed = status("code").and_then(Value::as_u64) == Some(2);
    let error = status("message").and_then(Value::as_str).filter(|_| failed);
    Told {
        service: service.to_owned(),
        trace: text("traceId").unwrap_or_default(),
        id: text("spanId").unwrap_or_default(),
        parent: text("parentSpanId"),
        name: text("name").unwrap_or_default(),
        attributes: attributes(span),
        error: error.map(str::to_owned),
    }
}

fn list<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    of.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn attributes(of: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| {
        let (_, value) = value.as_object()?.iter().next()?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    let attribute =
        |each: &Value| Some((each.get("key")?.as_str()?.to_owned(), text(each.get("value")?)?));
    list(of, "attributes").iter().filter_map(attribute).collect()
}
