//! The Lambda Runtime API of one process.
//!
//! ```text
//! GET  .../runtime/invocation/next           waits until there is an event
//! POST .../runtime/invocation/ID/response    its answer
//! POST .../runtime/invocation/ID/error       or that it failed
//! POST .../runtime/init/error                it cannot even begin
//! ```
//!
//! It decides nothing: what the process says goes to whoever invokes.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

/// Bytes of an answer that Lambda takes.
const LIMIT: usize = 6 * 1024 * 1024 + 100;

/// What a process says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// It asks for its first event.
    Ready,
    /// It cannot begin.
    CannotBegin(Bytes),
    /// Its answer to that invocation.
    Answered(String, Bytes),
    /// That invocation failed.
    Failed(String, Bytes),
}

/// An event to hand over.
#[derive(Debug)]
pub(super) struct Invocation {
    pub(super) id: String,
    /// When it has to be done, in milliseconds since 1970.
    pub(super) deadline_ms: u64,
    pub(super) arn: String,
    pub(super) trace: String,
    pub(super) payload: Vec<u8>,
}

/// The server, until it is dropped.
#[derive(Debug)]
pub(super) struct Api {
    pub(super) address: String,
    events: UnboundedSender<Invocation>,
    server: JoinHandle<()>,
}

struct Shared {
    events: tokio::sync::Mutex<UnboundedReceiver<Invocation>>,
    told: UnboundedSender<Told>,
    state: Mutex<Conversation>,
}

#[derive(Default)]
struct Conversation {
    /// Whether it has ever asked for an event.
    asked: bool,
    working_on: Option<String>,
}

impl Api {
    /// Listens on loopback; what the process says arrives at the other end.
    pub(super) async fn listen() -> std::io::Result<(Self, UnboundedReceiver<Told>)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?.to_string();
        let (events, waiting) = unbounded_channel();
        let (told, heard) = unbounded_channel();
        let state = Mutex::default();
        let shared = Shared { events: tokio::sync::Mutex::new(waiting), told, state };
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::new(shared));
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the runtime API had to end");
            }
        });
        Ok((Self { address, events, server }, heard))
    }

    /// Gives an event to the process when it asks next.
    pub(super) fn give(&self, invocation: Invocation) {
        // The receiver lives as long as the server, which lives as long as this.
        let _never_gone = self.events.send(invocation);
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    fn told(&self, told: Told) {
        // Nobody listens any more to a process that outlives its invocation.
        let _nobody = self.told.send(told);
    }

    fn conversation<T>(&self, look: impl FnOnce(&mut Conversation) -> T) -> T {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes the answer to the invocation that the process works on.
    fn answer(&self, id: &str, told: Told) -> Response {
        let mine = |now: &mut Conversation| {
            now.working_on.take_if(|working_on| working_on == id).is_some()
        };
        if !self.conversation(mine) {
            return refuse(StatusCode::BAD_REQUEST, "InvalidRequestID");
        }
        self.told(told);
        accepted()
    }
}

async fn next(State(shared): State<Arc<Shared>>) -> Response {
    if !shared.conversation(|now| std::mem::replace(&mut now.asked, true)) {
        shared.told(Told::Ready);
    }
    let Some(event) = shared.events.lock().await.recv().await else {
        return refuse(StatusCode::GONE, "Closed");
    };
    shared.conversation(|now| now.working_on = Some(event.id.clone()));
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("lambda-runtime-aws-request-id", event.id),
        ("lambda-runtime-deadline-ms", event.deadline_ms.to_string()),
        ("lambda-runtime-invoked-function-arn", event.arn),
        ("lambda-runtime-trace-id", event.trace),
        ("content-type", "application/json".to_owned()),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    (headers, event.payload).into_response()
}

async fn response(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    if body.len() > LIMIT {
        let said = json!({"errorType": "Function.ResponseSizeTooLarge"}).to_string();
        shared.answer(&id, Told::Failed(id.clone(), said.into()));
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge");
    }
    shared.answer(&id, Told::Answered(id.clone(), body))
}

async fn error(State(shared): State<Arc<Shared>>, Path(id): Path<String>, body: Bytes) -> Response {
    shared.answer(&id, Told::Failed(id.clone(), body))
}

async fn init_error(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    if shared.conversation(|now| now.asked) {
        return refuse(StatusCode::FORBIDDEN, "InvalidStateTransition");
    }
    shared.told(Told::CannotBegin(body));
    accepted()
}

fn accepted() -> Response {
    (StatusCode::ACCEPTED, Json(json!({"status": "OK"}))).into_response()
}

fn refuse(status: StatusCode, kind: &str) -> Response {
    (status, Json(json!({"errorType": kind, "errorMessage": kind}))).into_response()
}
