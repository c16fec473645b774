//! Which path leads where, and the routes that have no mood.

use crate::line::Line;
use crate::moods::{DISPATCH, Mood};
use crate::problem::Problem;
use crate::{CARRIERS, Ledger, Moods, World, bookings, notices};
use axum::body::Bytes;
use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use axum::extract::{Path, State};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use std::sync::Arc;

pub(crate) fn connected(world: World) -> IntoMakeServiceWithConnectInfo<Router, Line> {
    Router::new()
        .route("/carriers/{id}/bookings", post(bookings::book).get(bookings::look_up))
        .route("/carriers/{id}/bookings/{reference}", delete(bookings::cancel))
        .route("/dispatch/notices", post(notices::notify))
        .route("/ledger", get(ledger))
        .route("/moods", get(moods))
        .route("/moods/{partner}", post(set_mood))
        .route("/healthz", get(health))
        .fallback(|| async { Problem::unknown("no such path; GET /ledger shows what was done") })
        .with_state(Arc::new(world))
        .into_make_service_with_connect_info()
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
    let mood = state.moods.get_mut(&partner).ok_or_else(|| {
        let mut known: Vec<_> = CARRIERS.iter().map(|carrier| carrier.id).collect();
        known.push(DISPATCH);
        Problem::unknown(&format!("no such partner; there are {}", known.join(", ")))
    })?;
    *mood = mood.changed_by(&body)?;
    Ok(Json(mood.clone()))
}
