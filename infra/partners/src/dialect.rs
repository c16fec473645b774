//! Refusals in the words of a standard, and the headers that name its version.
//!
//! Handlers refuse with a [`Problem`] whatever they speak; these layers put it
//! into the form that the standard's clients expect.

use crate::problem::Problem;
use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

/// EPCIS 2.0: problem documents of RFC 7807 with the exception's name as type.
pub(crate) async fn epcis(request: Request, next: Next) -> Response {
    let asking = request.method() == Method::GET;
    let mut answer = next.run(request).await;
    let status = answer.status();
    if let Some(detail) = refusal(&answer) {
        let body = json!({
            "type": exception(status, asking),
            "title": status.canonical_reason().unwrap_or_default(),
            "status": status.as_u16(),
            "detail": detail,
        });
        answer = reworded(&answer, body);
        let kind = HeaderValue::from_static("application/problem+json");
        answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    for name in ["gs1-epcis-version", "gs1-cbv-version"] {
        answer.headers_mut().insert(name, HeaderValue::from_static("2.0.0"));
    }
    answer
}

/// The standard has no name for a caller who asks too often.
fn exception(status: StatusCode, asking: bool) -> &'static str {
    match status.as_u16() {
        400 if asking => "epcisException:QueryParameterException",
        400 => "epcisException:ValidationException",
        404 => "epcisException:NoSuchResourceException",
        413 => "epcisException:CaptureLimitExceededException",
        500 => "epcisException:ImplementationException",
        _ => "about:blank",
    }
}

/// DCSA: its own error document.
pub(crate) async fn dcsa(request: Request, next: Next) -> Response {
    let (method, uri) = (request.method().to_string(), request.uri().to_string());
    let mut answer = next.run(request).await;
    let status = answer.status();
    if let Some(detail) = refusal(&answer) {
        let reason = status.canonical_reason().unwrap_or_default();
        let body = json!({
            "httpMethod": method,
            "requestUri": uri,
            "errors": [{"reason": reason, "message": detail}],
            "statusCode": status.as_u16(),
            "statusCodeText": reason,
            "errorDateTime": Timestamp::now(),
        });
        answer = reworded(&answer, body);
    }
    answer.headers_mut().insert("api-version", HeaderValue::from_static("2.2.0"));
    answer
}

/// Why an answer says no, if it does. The server's own refusals have no words.
fn refusal(answer: &Response) -> Option<String> {
    let no = answer.status().is_client_error() || answer.status().is_server_error();
    let problem = answer.extensions().get::<Problem>();
    no.then(|| problem.map_or_else(String::new, |problem| problem.error.clone()))
}

fn reworded(old: &Response, body: Value) -> Response {
    let mut answer = (old.status(), Json(body)).into_response();
    if let Some(after) = old.headers().get(header::RETRY_AFTER) {
        answer.headers_mut().insert(header::RETRY_AFTER, after.clone());
    }
    answer
}
