//! Carriers over HTTP: book, look up, cancel.

use crate::World;
use crate::answers::Answers;
use crate::carriers::Carrier;
use crate::input::{Fields, idempotency_key, required_key};
use crate::ledger::{Booking, Made, Order, Status};
use crate::line::Line;
use crate::problem::Problem;
use crate::world::State;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, Query, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// The header that tells a replayed answer from a first one.
const REPLAYED: [(&str, &str); 1] = [("idempotent-replayed", "true")];

pub(crate) async fn book(
    Shared(world): Shared<Arc<World>>,
    ConnectInfo(line): ConnectInfo<Line>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let carrier = Carrier::find(&id)?;
    let key = if carrier.honours_keys {
        required_key(&headers)?
    } else {
        idempotency_key(&headers)?.unwrap_or_default()
    };
    let order = order(&Fields::parse(&body)?)?;
    let act = |state: &mut State| {
        carrier.accept(&order)?;
        let wrong = state.moods.get(carrier.id).is_some_and(|m| m.answers == Answers::OtherBooking);
        let answer = |booking: &Booking| answer(booking, wrong);
        match state.ledger.book(carrier, &key, order) {
            Made::New(booking) => Ok((StatusCode::CREATED, answer(&booking)).into_response()),
            Made::Replayed(booking) => {
                Ok((StatusCode::OK, REPLAYED, answer(&booking)).into_response())
            }
            Made::Conflict => Err(Problem::conflict(&key)),
        }
    };
    Ok(world.call(carrier.id, &key, &line, act).await)
}

fn order(fields: &Fields) -> Result<Order, Problem> {
    Ok(Order {
        shipment: fields.text("shipment")?,
        leg: fields.text("leg")?,
        generation: fields.whole("generation")?,
        service: fields.text("service")?,
        origin: fields.text("origin")?,
        destination: fields.text("destination")?,
        via: fields.optional_text("via")?,
        weight_g: fields.whole("weight_g")?,
        pickup_after: fields.instant("pickup_after")?,
    })
}

fn answer(booking: &Booking, wrong: bool) -> Json<serde_json::Value> {
    let shipment = if wrong { "SHP-OF-SOMEBODY-ELSE" } else { &booking.order.shipment };
    let mut body = json!({
        "reference": booking.reference,
        "shipment": shipment,
        "service": booking.order.service,
        "cost_cents": booking.cost_cents,
    });
    if let (Some(eta), Some(fields)) = (booking.eta, body.as_object_mut()) {
        fields.insert("eta".to_owned(), json!(eta));
    }
    Json(body)
}

#[derive(Debug, Deserialize)]
pub(crate) struct LookUp {
    key: Option<String>,
}

pub(crate) async fn look_up(
    Shared(world): Shared<Arc<World>>,
    ConnectInfo(line): ConnectInfo<Line>,
    Path(id): Path<String>,
    Query(query): Query<LookUp>,
) -> Result<Response, Problem> {
    let carrier = Carrier::find(&id)?;
    let key = query
        .key
        .ok_or_else(|| Problem::malformed("key", "a query parameter: the idempotency key"))?;
    let luck = format!("GET {key}");
    let act = |state: &mut State| Ok(Json(state.ledger.with_key(carrier, &key)).into_response());
    Ok(world.call(carrier.id, &luck, &line, act).await)
}

pub(crate) async fn cancel(
    Shared(world): Shared<Arc<World>>,
    ConnectInfo(line): ConnectInfo<Line>,
    Path((id, reference)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let carrier = Carrier::find(&id)?;
    let luck = format!("DELETE {reference}");
    let act = |state: &mut State| match state.ledger.cancel(carrier, &reference) {
        Some(Status::Live) => Ok(StatusCode::NO_CONTENT.into_response()),
        Some(Status::Cancelled) => Err(Problem::gone("this booking was cancelled before")),
        None => Err(Problem::unknown("no booking with this reference")),
    };
    Ok(world.call(carrier.id, &luck, &line, act).await)
}
