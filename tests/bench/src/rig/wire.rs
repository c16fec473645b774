//! What the functions ask of SQS, answered from memory. It is no emulator: it knows
//! the three operations that the functions use, checks nothing, and has standard queues
//! only. It tells no MD5, which the SDK does not look at.
//!
//! Source: the AWS JSON 1.0 protocol of the SQS API reference.

use super::queue::Letter;
use super::queues::{Queues, Which};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flotilla_task::Stage;
use flotilla_wire::own_thread::OwnThread;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// The thread's name, by which its processor time is found.
pub(crate) const THREAD: &str = "queues";
const DEAD: &str = "-dead-letter";

/// Answers for these queues, until it is dropped.
///
/// # Errors
/// When there is no port or no thread for it.
pub(crate) fn start(queues: Arc<Queues>) -> io::Result<OwnThread> {
    let router =
        Router::new().fallback(answer).layer(DefaultBodyLimit::disable()).with_state(queues);
    OwnThread::serve(THREAD, |listener, stopped| async {
        axum::serve(listener, router).with_graceful_shutdown(stopped).await
    })
}

/// The URL of a stage's queue on some host.
pub(super) fn url(base: &str, stage: Stage) -> String {
    format!("{base}/000000000000/{stage}")
}

/// The URL of its dead-letter queue.
pub(super) fn dead_url(base: &str, stage: Stage) -> String {
    format!("{}{DEAD}", url(base, stage))
}

fn which(url: &str) -> Option<Which> {
    let name = url.rsplit('/').next()?;
    let (name, is_dead) = name.strip_suffix(DEAD).map_or((name, false), |name| (name, true));
    let stage = Stage::ALL.into_iter().find(|stage| stage.as_str() == name)?;
    Some(if is_dead { Which::Dead(stage) } else { Which::Live(stage) })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Asked<E> {
    queue_url: String,
    entries: Vec<E>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Send {
    id: String,
    message_body: String,
    #[serde(default)]
    delay_seconds: u64,
    message_group_id: Option<String>,
    #[serde(default)]
    message_attributes: HashMap<String, Attribute>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    #[serde(default)]
    string_value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Hide {
    id: String,
    receipt_handle: String,
    visibility_timeout: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Done {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<String>,
}

async fn answer(State(queues): State<Arc<Queues>>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let said = match target.unwrap_or_default() {
        "AmazonSQS.SendMessageBatch" => send(&queues, &body),
        "AmazonSQS.ChangeMessageVisibilityBatch" => hide(&queues, &body),
        // What the warm-up asks for; what it is told does not matter.
        "AmazonSQS.GetQueueAttributes" => Some(json!({"Attributes": {}}).to_string()),
        _ => None,
    };
    let (status, said) = match said {
        Some(said) => (StatusCode::OK, said),
        None => {
            let error = json!({"__type": "com.amazonaws.sqs#UnsupportedOperation"});
            (StatusCode::BAD_REQUEST, error.to_string())
        }
    };
    (status, [(header::CONTENT_TYPE, "application/x-amz-json-1.0")], said).into_response()
}

fn send(queues: &Queues, body: &[u8]) -> Option<String> {
    let asked: Asked<Send> = serde_json::from_slice(body).ok()?;
    let to = which(&asked.queue_url)?;
    let mut ids = Vec::with_capacity(asked.entries.len());
    let letter = |entry: Send| {
        ids.push(entry.id);
        let attributes = entry.message_attributes.into_iter();
        Letter {
            body: entry.message_body,
            group: entry.message_group_id,
            attributes: attributes.map(|(name, value)| (name, value.string_value)).collect(),
            delay: Duration::from_secs(entry.delay_seconds),
        }
    };
    let letters = asked.entries.into_iter().map(letter).collect();
    let numbers = queues.send(to, letters);
    let done = ids.into_iter().zip(numbers);
    let done = done.map(|(id, number)| Done { id, message_id: Some(number.to_string()) });
    told(&done.collect::<Vec<_>>())
}

fn hide(queues: &Queues, body: &[u8]) -> Option<String> {
    let asked: Asked<Hide> = serde_json::from_slice(body).ok()?;
    let Which::Live(stage) = which(&asked.queue_url)? else { return None };
    let hidden = asked.entries.into_iter().filter_map(|entry| {
        let lasts = Duration::from_secs(entry.visibility_timeout);
        let done = Done { id: entry.id, message_id: None };
        queues.hide(stage, &entry.receipt_handle, lasts).then_some(done)
    });
    told(&hidden.collect::<Vec<_>>())
}

fn told(done: &[Done]) -> Option<String> {
    serde_json::to_string(&json!({"Successful": done, "Failed": []})).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_means_its_queue() {
        for stage in Stage::ALL {
            assert_eq!(which(&url("http://127.0.0.1:1", stage)), Some(Which::Live(stage)));
            assert_eq!(which(&dead_url("http://127.0.0.1:1", stage)), Some(Which::Dead(stage)));
        }
        assert_eq!(which("http://127.0.0.1:1/000000000000/nobody"), None);
    }
}
