//! Which path leads where, and the routes that have no mood.

use crate::line::Line;
use crate::moods::Mood;
use crate::problem::Problem;
use crate::{
    Ledger, Moods, World, bookings, dialect, notices, oddity, signatures, tracking, warehouse, yard,
};
use axum::body::Bytes;
use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use std::sync::Arc;

pub(crate) fn connected(world: World) -> IntoMakeServiceWithConnectInfo<Router, Line> {
    Router::new()
        .route("/carriers/{id}/bookings", post(bookings::book).get(bookings::look_up))
        .route("/carriers/{id}/bookings/{reference}", delete(bookings::cancel))
        .route("/dispatch/notices", post(notices::dispatch))
        .route("/customer/events", post(notices::customer))
        .route("/yard/moves", get(yard::moves).post(yard::load))
        .route("/yard/moves.csv", get(yard::table))
        .merge(standards())
        .route_layer(from_fn(to_the_end))
        .route("/ledger", get(ledger))
        .route("/moods", get(moods))
        .route("/moods/{partner}", post(set_mood))
        .route("/oddities/{source}", post(oddity::set))
        .route("/signatures/{receiver}", post(signatures::set))
        .route("/healthz", get(health))
        .fallback(|| async { Problem::unknown("no such path; GET /ledger shows what was done") })
        .with_state(Arc::new(world))
        .into_make_service_with_connect_info()
}

/// A partner finishes what it has begun, also when its caller has hung up: who did
/// not wait for the answer cannot tell what was done.
async fn to_the_end(request: Request, next: Next) -> Response {
    let finished = tokio::spawn(next.run(request)).await;
    finished.unwrap_or_else(|_panic| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

/// The partners that speak a standard, refusals included.
fn standards() -> Router<Arc<World>> {
    let warehouse = Router::new()
        .route("/warehouse/capture", post(warehouse::capture))
        .route("/warehouse/capture/{id}", get(warehouse::job))
        .route("/warehouse/events", get(warehouse::query))
        .route_layer(from_fn(dialect::epcis));
    let tracking = Router::new()
        .route("/tracking/v2/events", get(tracking::query).post(tracking::load))
        .route_layer(from_fn(dialect::dcsa));
    warehouse.merge(tracking)
}

async fn ledger(State(world): State<Arc<World>>) -> Json<Ledger> {
    Json(world.state().ledger.clone())
}

/// Alive, and how many calls are under way.
async fn health(State(world): State<Arc<World>>) -> Json<serde_json::Value> {
    Json(serde_json::json!({"ok": true, "open": world.state().open}))
}

async fn moods(State(world): State<Arc<World>>) -> Json<Moods> {
    Json(world.state().moods.clone())
}

/// Changes the fields that are given; the others stay as they are.
async fn set_mood(
    State(world): State<Arc<World>>,
    Path(partner): Path<String>,
    body: Bytes,
) -> Result<Json<Mood>, Problem> {
    let mut state = world.state();
    let known = state.moods.partners();
    let mood = state.moods.get_mut(&partner).ok_or_else(|| {
        Problem::unknown(&format!("no such partner; there are {}", known.join(", ")))
    })?;
    *mood = mood.changed_by(&body)?;
    world.changed.notify_waiters();
    Ok(Json(mood.clone()))
}
