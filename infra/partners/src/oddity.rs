//! Odd answers: what a source may send instead of a page. Set for a source, an
//! oddity stays until another is set; the ledger counts the answers all the same.

use crate::World;
use crate::feed::Page;
use crate::input::Fields;
use crate::problem::Problem;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;

/// Far above what anybody would take for a page.
const HUGE: usize = 10 * 1024 * 1024;
/// The sources that may be odd.
const SOURCES: [&str; 3] = [crate::WAREHOUSE, crate::TRACKING, crate::yard::YARD];

/// What a source sends instead of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Oddity {
    /// The page.
    #[default]
    None,
    /// A page for people, with status 200.
    Html,
    /// The first half of the page.
    Half,
    /// The page, and as the next one the same.
    Repeat,
    /// The page, whose first event will happen in a year.
    Future,
    /// The page with 10 MB of spaces before it.
    Huge,
    /// 401 for whoever does not show `let-me-in`, as a bearer token or in X-Api-Key.
    Stranger,
    /// 404.
    Missing,
    /// A redirect to another host.
    Redirect,
    /// The page, and as the next one a page at another host.
    Elsewhere,
}

const NAMES: [(&str, Oddity); 10] = [
    ("none", Oddity::None),
    ("html", Oddity::Html),
    ("half", Oddity::Half),
    ("repeat", Oddity::Repeat),
    ("future", Oddity::Future),
    ("huge", Oddity::Huge),
    ("stranger", Oddity::Stranger),
    ("missing", Oddity::Missing),
    ("redirect", Oddity::Redirect),
    ("elsewhere", Oddity::Elsewhere),
];

/// `POST /oddities/{source}` with `{"oddity": "html"}`.
pub(crate) async fn set(
    Shared(world): Shared<Arc<World>>,
    Path(source): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let name = Fields::parse(&body)?.text("oddity")?;
    let known = SOURCES.into_iter().find(|known| *known == source);
    let source = known.ok_or_else(|| {
        Problem::unknown(&format!("no such source; there are {}", SOURCES.join(", ")))
    })?;
    let oddity = NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, oddity)| oddity);
    let oddity = oddity.ok_or_else(|| {
        let names = NAMES.map(|(name, _)| name).join(", ");
        Problem::malformed("oddity", &format!("one of {names}"))
    })?;
    world.state().oddities.insert(source, oddity);
    Ok(Json(json!({"oddity": name})))
}

impl Oddity {
    /// Changes what the page holds; `at` names the field of an event's time.
    pub(crate) fn bend(self, page: &mut Page, from: usize, at: &str) {
        match self {
            Self::Repeat => page.next = Some(from),
            Self::Future => {
                let later = Timestamp::now() + SignedDuration::from_hours(366 * 24);
                if let Some(time) = page.events.first_mut().and_then(|event| event.get_mut(at)) {
                    *time = json!(later);
                }
            }
            Self::None
            | Self::Html
            | Self::Half
            | Self::Huge
            | Self::Stranger
            | Self::Missing
            | Self::Redirect
            | Self::Elsewhere => {}
        }
    }

    /// The address of the next page.
    pub(crate) fn next(self, url: String) -> String {
        if self == Self::Elsewhere { "http://192.0.2.1/events?page=2".to_owned() } else { url }
    }
}

/// A page on its way out, with its tag: who has that page already is told so.
pub(crate) struct Answer<'a> {
    pub(crate) asked: &'a HeaderMap,
    pub(crate) oddity: Oddity,
    pub(crate) kind: &'static str,
    pub(crate) body: String,
    /// What the page says, without the time at which it is said.
    pub(crate) content: String,
}

impl Answer<'_> {
    pub(crate) fn send(self) -> Result<Response, Problem> {
        let tag = tag(&self.content);
        let known = self.asked.get(header::IF_NONE_MATCH).and_then(|tag| tag.to_str().ok());
        let (kind, body) = match self.oddity {
            Oddity::Html => ("text/html", "<!DOCTYPE html><h1>We are at lunch</h1>".to_owned()),
            Oddity::Half => {
                let half = self.body.chars().take(self.body.chars().count() / 2).collect();
                (self.kind, half)
            }
            Oddity::Huge => (self.kind, " ".repeat(HUGE) + &self.body),
            Oddity::Stranger if !self.is_let_in() => return Err(Problem::stranger()),
            Oddity::Missing => return Err(Problem::unknown("no such page")),
            Oddity::Redirect => {
                let there = [(header::LOCATION, "http://192.0.2.1/")];
                return Ok((StatusCode::FOUND, there).into_response());
            }
            Oddity::None if known == Some(tag.as_str()) => {
                return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
            }
            Oddity::None
            | Oddity::Stranger
            | Oddity::Repeat
            | Oddity::Future
            | Oddity::Elsewhere => (self.kind, self.body),
        };
        let mut answer = ([(header::ETAG, tag)], body).into_response();
        answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        Ok(answer)
    }
}

impl Answer<'_> {
    fn is_let_in(&self) -> bool {
        let shows = |name: &str| self.asked.get(name).and_then(|value| value.to_str().ok());
        shows("authorization") == Some("Bearer let-me-in")
            || shows("x-api-key") == Some("let-me-in")
    }
}

/// FNV-1a of what the page says: stable over releases.
fn tag(content: &str) -> String {
    let hash = content.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("\"{hash:016x}\"")
}
