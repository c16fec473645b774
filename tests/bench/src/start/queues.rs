//! Queues that take what is sent and hand it out to whoever measures. As much of SQS's
//! protocol as the functions speak.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;

/// All queues, until the process ends.
#[derive(Debug, Clone)]
pub struct Queues {
    /// Where they listen.
    pub address: SocketAddr,
    sent: Sent,
}

/// Bodies, by the URL of the queue.
type Sent = Arc<Mutex<BTreeMap<String, Vec<String>>>>;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Batch {
    queue_url: String,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    id: String,
    message_body: String,
}

impl Queues {
    /// Serves them on a free port.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (address, sent) = (listener.local_addr()?, Sent::default());
        let router = Router::new().route("/", post(answer)).with_state(Arc::clone(&sent));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, sent })
    }

    /// Takes out what was sent to a queue.
    #[must_use]
    pub fn take(&self, url: &str) -> Vec<String> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).remove(url).unwrap_or_default()
    }
}

async fn answer(State(sent): State<Sent>, headers: HeaderMap, body: String) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    match target.and_then(|target| target.strip_prefix("AmazonSQS.")) {
        Some("GetQueueAttributes") => Json(json!({"Attributes": {}})).into_response(),
        Some("SendMessageBatch") => match serde_json::from_str(&body) {
            Ok(batch) => Json(take(&sent, batch)).into_response(),
            Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
        },
        Some("ChangeMessageVisibilityBatch") => {
            Json(json!({"Successful": [], "Failed": []})).into_response()
        }
        _ => StatusCode::BAD_REQUEST.into_response(),
    }
}

fn take(sent: &Sent, batch: Batch) -> Value {
    let taken =
        |entry: &Entry| json!({"Id": entry.id, "MessageId": entry.id, "MD5OfMessageBody": ""});
    let answer = json!({
        "Successful": batch.entries.iter().map(taken).collect::<Vec<_>>(),
        "Failed": [],
    });
    let mut sent = sent.lock().unwrap_or_else(PoisonError::into_inner);
    let bodies = batch.entries.into_iter().map(|entry| entry.message_body);
    sent.entry(batch.queue_url).or_default().extend(bodies);
    answer
}
