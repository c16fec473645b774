//! Answers that say no: always JSON with an `error` a person understands and,
//! where the caller's input is wrong, the `field`.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) field: Option<&'static str>,
    pub(crate) error: String,
    pub(crate) retry_after_s: Option<u32>,
}

impl Problem {
    fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self { status, field: None, error: error.into(), retry_after_s: None }
    }

    /// The request is not what this route takes: `field` is missing or no such thing.
    pub(crate) fn malformed(field: &'static str, expected: &str) -> Self {
        let error = format!("{field}: expected {expected}");
        Self { field: Some(field), ..Self::new(StatusCode::BAD_REQUEST, error) }
    }

    /// The request is well formed, but the partner does not do that.
    pub(crate) fn refused(field: &'static str, why: &str) -> Self {
        let error = format!("{field}: {why}");
        Self { field: Some(field), ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, error) }
    }

    pub(crate) fn not_json(cause: &serde_json::Error) -> Self {
        Self::new(StatusCode::BAD_REQUEST, format!("body: expected a JSON object, got: {cause}"))
    }

    pub(crate) fn unknown(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, what)
    }

    pub(crate) fn stranger() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "who are you? send a bearer token")
    }

    pub(crate) fn gone(what: &str) -> Self {
        Self::new(StatusCode::GONE, what)
    }

    pub(crate) fn conflict(key: &str) -> Self {
        let error =
            format!("Idempotency-Key: {key} was used before with another body; nothing was done");
        Self { field: Some("Idempotency-Key"), ..Self::new(StatusCode::CONFLICT, error) }
    }

    /// Not from somebody who has the key; nothing was done.
    pub(crate) fn unsigned(why: &str) -> Self {
        let error = format!("webhook-signature: {why}; nothing was done");
        Self { field: Some("webhook-signature"), ..Self::new(StatusCode::UNAUTHORIZED, error) }
    }

    pub(crate) fn throttled(retry_after_s: u32) -> Self {
        Self {
            retry_after_s: Some(retry_after_s),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too many requests; nothing was done")
        }
    }

    pub(crate) fn broken() -> Self {
        // The same words whether or not something was done: real partners do not tell either.
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "something went wrong")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = match self.field {
            Some(field) => json!({"error": self.error, "field": field}),
            None => json!({"error": self.error}),
        };
        let mut response = (self.status, Json(body)).into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        // For partners that word their refusals as a standard has it.
        response.extensions_mut().insert(self);
        response
    }
}
