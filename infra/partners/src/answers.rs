//! Answers that no partner should give, and some do.

use crate::problem::Problem;
use axum::Json;
use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use serde::Serialize;
use serde_json::json;
use std::io;

/// What a partner's answers are like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answers {
    /// They say what was done.
    Well,
    /// Nothing is done, and a 200 says so in its body.
    ErrorBody,
    /// It is done, and the connection closes in the middle of the answer.
    Cut,
    /// A booking is made, and another one's is the answer.
    OtherBooking,
    /// Nothing is done: the caller is sent to an address of the cloud's own.
    Redirect,
    /// It is done, and the answer is larger than any.
    Oversize,
}

/// Where no partner is: what clouds call their metadata service.
const PRIVATE: &str = "http://169.254.169.254/latest/meta-data/";

impl Answers {
    const ALL: [(&str, Self); 6] = [
        ("well", Self::Well),
        ("error_body", Self::ErrorBody),
        ("cut", Self::Cut),
        ("other_booking", Self::OtherBooking),
        ("redirect", Self::Redirect),
        ("oversize", Self::Oversize),
    ];

    pub(crate) fn named(name: &str) -> Result<Self, Problem> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|(_, answers)| *answers).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|(name, _)| *name).collect();
            Problem::malformed("answers", &format!("one of {}", known.join(", ")))
        })
    }

    /// The answer of a partner that does nothing.
    pub(crate) fn instead(self) -> Option<Response> {
        match self {
            Self::ErrorBody => {
                let body = json!({"error": "the depot is closed", "code": "E-17"});
                Some((StatusCode::OK, Json(body)).into_response())
            }
            Self::Redirect => {
                let to = [(header::LOCATION, PRIVATE)];
                Some((StatusCode::FOUND, to).into_response())
            }
            Self::Well | Self::Cut | Self::OtherBooking | Self::Oversize => None,
        }
    }

    /// What becomes of the answer of one that did what it was asked.
    pub(crate) fn spoil(self, answer: Response) -> Response {
        match self {
            Self::Cut => {
                let begun = stream::iter([Ok("{\"reference\":\"")]);
                let end = stream::once(async {
                    // What was begun leaves first.
                    tokio::task::yield_now().await;
                    Err(io::Error::from(io::ErrorKind::ConnectionReset))
                });
                Body::from_stream(begun.chain(end)).into_response()
            }
            Self::Oversize => {
                (StatusCode::OK, Json(json!({"padding": " ".repeat(100_000)}))).into_response()
            }
            Self::Well | Self::ErrorBody | Self::OtherBooking | Self::Redirect => answer,
        }
    }
}
