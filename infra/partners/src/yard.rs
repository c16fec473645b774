//! A container yard without a standard: its moves as plain feeds, in JSON with pages
//! and as one file of CSV.
//!
//! `POST /yard/moves` is how the stand-in is told what to tell: rows with `nr`, `box`,
//! `what` (`IN`, `OUT`, `SCAN`), `at` (without an offset) and `gate`.

use crate::World;
use crate::line::Line;
use crate::oddity::Answer;
use crate::problem::Problem;
use crate::query::Asked;
use crate::world::State;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State as Shared};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;

/// The yard's name among the partners.
pub const YARD: &str = "yard";

const USUAL_PAGE: usize = 50;
const LARGEST_PAGE: usize = 500;
const COLUMNS: [&str; 5] = ["nr", "box", "what", "at", "gate"];

/// Takes a list of rows. The stand-in's own.
pub(crate) async fn load(
    Shared(world): Shared<Arc<World>>,
    body: Bytes,
) -> Result<Response, Problem> {
    let rows: Vec<Value> =
        serde_json::from_slice(&body).map_err(|error| Problem::not_json(&error))?;
    let taken = rows.len();
    world.state().yard.add(Timestamp::now(), rows);
    Ok((StatusCode::CREATED, Json(json!({"taken": taken}))).into_response())
}

/// `{"moves": [...], "paging": {"next": "p00000032"}}`.
pub(crate) async fn moves(
    Shared(world): Shared<Arc<World>>,
    ConnectInfo(line): ConnectInfo<Line>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asked = Asked::read(&uri, &["size", "from"])?;
    let limit = asked.size("size", USUAL_PAGE, LARGEST_PAGE)?;
    let from = asked.start("from")?;
    let act = |state: &mut State| {
        let oddity = state.oddity(YARD);
        let mut page = state.yard.page(from, limit, |_| true);
        oddity.bend(&mut page, from, "at");
        let next = page.next.map(crate::feed::token).map(|token| oddity.next(token));
        let body = json!({"moves": page.events, "paging": {"next": next}}).to_string();
        let kind = "application/json";
        Answer { asked: &headers, oddity, kind, content: body.clone(), body }.send()
    };
    Ok(world.call(YARD, &asked.luck(), &line, act).await)
}

/// Everything, as a spreadsheet would have it.
pub(crate) async fn table(
    Shared(world): Shared<Arc<World>>,
    ConnectInfo(line): ConnectInfo<Line>,
    headers: HeaderMap,
) -> Response {
    let act = |state: &mut State| {
        let oddity = state.oddity(YARD);
        let mut page = state.yard.page(0, usize::MAX, |_| true);
        oddity.bend(&mut page, 0, "at");
        let mut body = format!("{}\n", COLUMNS.join(","));
        for row in &page.events {
            let cell = |name| row.get(name).and_then(Value::as_str).unwrap_or_default();
            body += &format!("{}\n", COLUMNS.map(|name| quoted(cell(name))).join(","));
        }
        Answer { asked: &headers, oddity, kind: "text/csv", content: body.clone(), body }.send()
    };
    world.call(YARD, "GET /yard/moves.csv", &line, act).await
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}
