//! A tracking system that speaks DCSA Track & Trace 2.2.
//!
//! From the DCSA `OpenAPI` definition (dcsaorg/DCSA-OpenAPI, `tnt/v2`, domains
//! `EVENT` and `DCSA` 1.0): `GET /v2/events` answers a JSON list, 100 events
//! unless `limit` says otherwise, and links the next page in `Next-Page`, which
//! the last page leaves out. `POST /v2/events` is not the standard's: it is how
//! the stand-in is told what to tell.

use crate::World;
use crate::line::Line;
use crate::moods::TRACKING;
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

const USUAL_PAGE: usize = 100;
const LARGEST_PAGE: usize = 1000;
const TOKEN: &str = "cursor";
const CREATED_SINCE: &str = "eventCreatedDateTime:gte";

/// Takes an event or a list of them. The stand-in's own.
pub(crate) async fn load(
    Shared(world): Shared<Arc<World>>,
    body: Bytes,
) -> Result<Response, Problem> {
    let document: Value =
        serde_json::from_slice(&body).map_err(|error| Problem::not_json(&error))?;
    let events = if let Value::Array(events) = document { events } else { vec![document] };
    if !events.iter().all(|event| event.get("eventType").is_some_and(Value::is_string)) {
        return Err(Problem::malformed("eventType", "TRANSPORT, EQUIPMENT or SHIPMENT"));
    }
    let taken = events.len();
    world.state().tracking.add(Timestamp::now(), events);
    Ok((StatusCode::CREATED, Json(json!({"taken": taken}))).into_response())
}

pub(crate) async fn query(
    Shared(world): Shared<Arc<World>>,
    ConnectInfo(line): ConnectInfo<Line>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asked = Asked::read(
        &uri,
        &[
            "limit",
            TOKEN,
            "eventType",
            "equipmentReference",
            "carrierBookingReference",
            CREATED_SINCE,
        ],
    )?;
    let limit = asked.size("limit", USUAL_PAGE, LARGEST_PAGE)?;
    let from = asked.start(TOKEN)?;
    let since = asked.instant(CREATED_SINCE)?;
    let act = |state: &mut State| {
        let oddity = state.oddity(TRACKING);
        let mut page = state.tracking.page(from, limit, |kept| wanted(&kept.event, &asked, since));
        oddity.bend(&mut page, from, "eventDateTime");
        let url = |place| asked.page_url(&headers, TOKEN, place);
        let body = Value::Array(page.events).to_string();
        let content = format!("{body} {:?}", page.next);
        let kind = "application/json";
        let mut answer = Answer { asked: &headers, oddity, kind, body, content }.send()?;
        let next = page.next.map(|place| oddity.next(url(place)).parse());
        for (name, url) in [("current-page", Some(url(from).parse())), ("next-page", next)] {
            if let Some(Ok(url)) = url {
                answer.headers_mut().insert(name, url);
            }
        }
        Ok(answer)
    };
    Ok(world.call(TRACKING, &asked.luck(), &line, act).await)
}

/// Filters are combined with "and"; `eventType` may list several.
fn wanted(event: &Value, asked: &Asked, since: Option<Timestamp>) -> bool {
    let word = |name| event.get(name).and_then(Value::as_str);
    let kind = asked.text("eventType");
    let kind =
        kind.is_none_or(|kinds| kinds.split(',').any(|kind| word("eventType") == Some(kind)));
    let equipment = asked.text("equipmentReference");
    let equipment = equipment.is_none_or(|wanted| word("equipmentReference") == Some(wanted));
    let booking = asked.text("carrierBookingReference");
    let booking = booking.is_none_or(|wanted| is_of_booking(event, wanted));
    let created = word("eventCreatedDateTime").and_then(|time| time.parse::<Timestamp>().ok());
    let created = since.is_none_or(|since| created.is_some_and(|created| created >= since));
    kind && equipment && booking && created
}

/// A booking is named among the documents, or is the shipment event's own.
fn is_of_booking(event: &Value, booking: &str) -> bool {
    let is = |kind: Option<&Value>, value: Option<&Value>| {
        let kind = kind.and_then(Value::as_str);
        matches!(kind, Some("BKG" | "CBR")) && value.and_then(Value::as_str) == Some(booking)
    };
    let documents = event.get("documentReferences").and_then(Value::as_array);
    is(event.get("documentTypeCode"), event.get("documentID"))
        || documents.into_iter().flatten().any(|document| {
            is(document.get("documentReferenceType"), document.get("documentReferenceValue"))
        })
}
