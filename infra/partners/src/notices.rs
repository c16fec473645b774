//! The dispatch desk over HTTP. It honours keys.

use crate::World;
use crate::input::{Fields, required_key};
use crate::ledger::{Made, Message};
use crate::line::Line;
use crate::moods::DISPATCH;
use crate::problem::Problem;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::sync::Arc;

pub(crate) async fn notify(
    State(world): State<Arc<World>>,
    ConnectInfo(line): ConnectInfo<Line>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let key = required_key(&headers)?;
    let fields = Fields::parse(&body)?;
    let message = Message {
        shipment: fields.text("shipment")?,
        task: fields.text("task")?,
        text: fields.text("text")?,
        action: fields.text("action")?,
    };
    let act = |ledger: &mut crate::Ledger| {
        let taken = Json(json!({"taken": key}));
        match ledger.notify(&key, message) {
            Made::New(_) => Ok((StatusCode::ACCEPTED, taken).into_response()),
            Made::Replayed(_) => {
                let replayed = [("idempotent-replayed", "true")];
                Ok((StatusCode::ACCEPTED, replayed, taken).into_response())
            }
            Made::Conflict => Err(Problem::conflict(&key)),
        }
    };
    Ok(world.call(DISPATCH, &key, &line, act).await)
}
