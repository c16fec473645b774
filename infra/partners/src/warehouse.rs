//! A warehouse that speaks GS1 EPCIS 2.0: its capture interface and the simple
//! query over `GET /events`.
//!
//! From the EPCIS 2.0 `OpenAPI` definition (GS1, `REST Bindings/openapi.json` of
//! gs1/EPCIS): a capture is a job that is asked for by its id; by default all
//! events of a document are taken or none; a page holds 30 events unless
//! `perPage` says otherwise, and names the next one in `Link`. The four time
//! filters are there, the other fifty are not, and are refused.

use crate::World;
use crate::line::Line;
use crate::moods::WAREHOUSE;
use crate::oddity::Answer;
use crate::problem::Problem;
use crate::query::Asked;
use crate::world::State;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::Arc;

const USUAL_PAGE: usize = 30;
const LARGEST_PAGE: usize = 1000;
const TOKEN: &str = "nextPageToken";
const CONTEXT: &str = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";

/// What became of one captured document.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Job {
    #[serde(rename = "captureID")]
    id: String,
    created_at: Timestamp,
    finished_at: Timestamp,
    running: bool,
    success: bool,
    capture_error_behaviour: &'static str,
    errors: [(); 0],
}

pub(crate) async fn capture(
    Shared(world): Shared<Arc<World>>,
    ConnectInfo(line): ConnectInfo<Line>,
    body: Bytes,
) -> Result<Response, Problem> {
    let events = events_of(&body)?;
    let first = events.first().and_then(|event| event.get("eventID")).and_then(Value::as_str);
    let luck = format!("POST {}", first.unwrap_or_default());
    let act = |state: &mut State| {
        let now = Timestamp::now();
        let before = state.warehouse.len();
        let events = events.into_iter().enumerate();
        let stored = events.map(|(at, event)| recorded(event, now, before + at)).collect();
        state.warehouse.add(now, stored);
        let id = format!("job-{}", state.jobs.len() + 1);
        let location = format!("/warehouse/capture/{id}");
        state.jobs.push(Job {
            id,
            created_at: now,
            finished_at: now,
            running: false,
            success: true,
            capture_error_behaviour: "rollback",
            errors: [],
        });
        Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)]).into_response())
    };
    Ok(world.call(WAREHOUSE, &luck, &line, act).await)
}

/// The events of a document that is whole; all are refused with one that is not.
fn events_of(body: &[u8]) -> Result<Vec<Value>, Problem> {
    let document: Value =
        serde_json::from_slice(body).map_err(|error| Problem::not_json(&error))?;
    let list = match document.get("type").and_then(Value::as_str) {
        Some("EPCISDocument") => document.pointer("/epcisBody/eventList"),
        Some("EPCISQueryDocument") => {
            document.pointer("/epcisBody/queryResults/resultsBody/eventList")
        }
        Some(_) | None => {
            return Err(Problem::malformed("type", "EPCISDocument or EPCISQueryDocument"));
        }
    };
    let list = list
        .and_then(Value::as_array)
        .ok_or_else(|| Problem::malformed("eventList", "a list of events"))?;
    for event in list {
        let word = |name| event.get(name).and_then(Value::as_str);
        if !word("type").is_some_and(|kind| kind.ends_with("Event")) {
            return Err(Problem::malformed("type", "each event's type, such as ObjectEvent"));
        }
        if word("eventTime").is_none_or(|time| time.parse::<Timestamp>().is_err()) {
            return Err(Problem::malformed("eventTime", "each event's time with its offset"));
        }
    }
    Ok(list.clone())
}

/// As a repository keeps it: with its record time, and an id if it had none.
fn recorded(mut event: Value, now: Timestamp, place: usize) -> Value {
    if let Some(fields) = event.as_object_mut() {
        fields.insert("recordTime".to_owned(), json!(now));
        fields
            .entry("eventID")
            .or_insert_with(|| json!(format!("urn:uuid:00000000-0000-4000-8000-{place:012x}")));
    }
    event
}

/// What became of a capture. It is over when its answer is given.
pub(crate) async fn job(
    Shared(world): Shared<Arc<World>>,
    Path(id): Path<String>,
) -> Result<Json<Job>, Problem> {
    let state = world.state();
    let job = state.jobs.iter().find(|job| job.id == id);
    job.cloned().map(Json).ok_or_else(|| Problem::unknown("no such capture job"))
}

pub(crate) async fn query(
    Shared(world): Shared<Arc<World>>,
    ConnectInfo(line): ConnectInfo<Line>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (since, before) = ("GE_eventTime", "LT_eventTime");
    let (recorded_since, recorded_before) = ("GE_recordTime", "LT_recordTime");
    let asked =
        Asked::read(&uri, &["perPage", TOKEN, since, before, recorded_since, recorded_before])?;
    let limit = asked.size("perPage", USUAL_PAGE, LARGEST_PAGE)?;
    let from = asked.start(TOKEN)?;
    let happened = (asked.instant(since)?, asked.instant(before)?);
    let came = (asked.instant(recorded_since)?, asked.instant(recorded_before)?);
    let act = |state: &mut State| {
        let oddity = state.oddity(WAREHOUSE);
        let mut page = state.warehouse.page(from, limit, |kept| {
            let time = kept.event.get("eventTime").and_then(Value::as_str);
            let time = time.and_then(|time| time.parse().ok());
            within(Some(kept.came), came) && within(time, happened)
        });
        oddity.bend(&mut page, from, "eventTime");
        let content = format!("{:?} {:?}", page.events, page.next);
        let body = json!({
            "@context": [CONTEXT],
            "type": "EPCISQueryDocument",
            "schemaVersion": "2.0",
            "creationDate": Timestamp::now(),
            "epcisBody": {"queryResults": {
                "queryName": "SimpleEventQuery",
                "resultsBody": {"eventList": page.events},
            }},
        })
        .to_string();
        let kind = "application/json";
        let mut answer = Answer { asked: &headers, oddity, kind, body, content }.send()?;
        let link = page.next.map(|place| {
            let url = oddity.next(asked.page_url(&headers, TOKEN, place));
            format!("<{url}>; rel=\"next\"").parse()
        });
        if let Some(Ok(link)) = link {
            answer.headers_mut().insert(header::LINK, link);
        }
        Ok(answer)
    };
    Ok(world.call(WAREHOUSE, &asked.luck(), &line, act).await)
}

/// Whether a time lies from the first bound on and before the second. An
/// unknown time lies within no bounds.
fn within(
    time: Option<Timestamp>,
    (since, before): (Option<Timestamp>, Option<Timestamp>),
) -> bool {
    since.is_none_or(|since| time.is_some_and(|time| time >= since))
        && before.is_none_or(|before| time.is_some_and(|time| time < before))
}
