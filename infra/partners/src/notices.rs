//! Those who are told something, over HTTP: the dispatch desk, and the shop's
//! webhook, which passes it on to the customer. Both honour keys.

use crate::World;
use crate::input::{Fields, required_key};
use crate::ledger::{Ledger, Made, Message, Notice};
use crate::line::Line;
use crate::moods::{CUSTOMER, DISPATCH};
use crate::problem::Problem;
use crate::world::State;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::sync::Arc;

/// All that a notice may say.
const FIELDS: [&str; 4] = ["shipment", "task", "text", "action"];

pub(crate) async fn dispatch(
    Shared(world): Shared<Arc<World>>,
    ConnectInfo(line): ConnectInfo<Line>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    world.state().signatures.check(DISPATCH, &headers, &body)?;
    take(&world, &line, DISPATCH, &headers, &Fields::parse(&body)?, Ledger::notify).await
}

/// The shop knows its customer by the shipment. It takes nothing else that could
/// name a person, so that a caller who sends more finds out.
pub(crate) async fn customer(
    Shared(world): Shared<Arc<World>>,
    ConnectInfo(line): ConnectInfo<Line>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    world.state().signatures.check(CUSTOMER, &headers, &body)?;
    let fields = Fields::parse(&body)?;
    fields.only(&FIELDS)?;
    take(&world, &line, CUSTOMER, &headers, &fields, Ledger::tell_customer).await
}

async fn take(
    world: &World,
    line: &Line,
    partner: &'static str,
    headers: &HeaderMap,
    fields: &Fields,
    deliver: impl FnOnce(&mut Ledger, &str, Message) -> Made<Notice>,
) -> Result<Response, Problem> {
    let key = required_key(headers)?;
    let [shipment, task, text, action] = FIELDS.map(|field| fields.text(field));
    let message = Message { shipment: shipment?, task: task?, text: text?, action: action? };
    let act = |state: &mut State| {
        let taken = Json(json!({"taken": key}));
        match deliver(&mut state.ledger, &key, message) {
            Made::New(_) => Ok((StatusCode::ACCEPTED, taken).into_response()),
            Made::Replayed(_) => {
                let replayed = [("idempotent-replayed", "true")];
                Ok((StatusCode::ACCEPTED, replayed, taken).into_response())
            }
            Made::Conflict => Err(Problem::conflict(&key)),
        }
    };
    Ok(world.call(partner, &key, line, act).await)
}
