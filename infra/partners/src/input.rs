//! Reads request bodies by hand, because serde's messages do not always name
//! the field that is wrong, and a caller in the dark cannot correct itself.

use crate::problem::Problem;
use axum::http::HeaderMap;
use serde_json::{Map, Value};

/// The longest text taken into the ledger.
const MAX_TEXT: usize = 4096;

/// A JSON object whose fields are asked for by name.
#[derive(Debug)]
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Problem> {
        serde_json::from_slice(body).map(Self).map_err(|cause| Problem::not_json(&cause))
    }

    /// A text of 1 to 4096 bytes.
    pub(crate) fn text(&self, field: &'static str) -> Result<String, Problem> {
        self.optional_text(field)?.ok_or_else(|| Problem::malformed(field, "a text; it is missing"))
    }

    pub(crate) fn optional_text(&self, field: &'static str) -> Result<Option<String>, Problem> {
        match self.0.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if (1..=MAX_TEXT).contains(&text.len()) => {
                Ok(Some(text.clone()))
            }
            Some(_) => Err(Problem::malformed(field, "a text of 1 to 4096 bytes")),
        }
    }

    pub(crate) fn whole(&self, field: &'static str) -> Result<u64, Problem> {
        self.0
            .get(field)
            .and_then(Value::as_u64)
            .ok_or_else(|| Problem::malformed(field, "a whole number, zero or more"))
    }

    /// A whole number up to `limit`, or `current` when the field is absent.
    pub(crate) fn whole_up_to(
        &self,
        field: &'static str,
        limit: u32,
        current: u32,
    ) -> Result<u32, Problem> {
        let Some(value) = self.0.get(field) else { return Ok(current) };
        value
            .as_u64()
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| *number <= limit)
            .ok_or_else(|| Problem::malformed(field, &format!("a whole number up to {limit}")))
    }

    /// A share between 0 and 1, or `current` when the field is absent.
    pub(crate) fn share(&self, field: &'static str, current: f64) -> Result<f64, Problem> {
        let Some(value) = self.0.get(field) else { return Ok(current) };
        value
            .as_f64()
            .filter(|share| (0.0..=1.0).contains(share))
            .ok_or_else(|| Problem::malformed(field, "a number between 0 and 1"))
    }

    /// Yes or no, or `current` when the field is absent.
    pub(crate) fn flag(&self, field: &'static str, current: bool) -> Result<bool, Problem> {
        let Some(value) = self.0.get(field) else { return Ok(current) };
        value.as_bool().ok_or_else(|| Problem::malformed(field, "true or false"))
    }

    /// Two whole numbers `[lo, hi]` with lo <= hi <= limit, or `current`.
    pub(crate) fn range(
        &self,
        field: &'static str,
        limit: u64,
        current: (u64, u64),
    ) -> Result<(u64, u64), Problem> {
        let Some(value) = self.0.get(field) else { return Ok(current) };
        let ends = value.as_array().map(Vec::as_slice).unwrap_or_default();
        if let [lo, hi] = ends
            && let (Some(lo), Some(hi)) = (lo.as_u64(), hi.as_u64())
            && lo <= hi
            && hi <= limit
        {
            return Ok((lo, hi));
        }
        Err(Problem::malformed(field, &format!("two whole numbers [lo, hi], lo <= hi <= {limit}")))
    }

    /// An instant, or nothing.
    pub(crate) fn instant(&self, field: &'static str) -> Result<Option<jiff::Timestamp>, Problem> {
        let Some(text) = self.optional_text(field)? else { return Ok(None) };
        text.parse()
            .map(Some)
            .map_err(|_| Problem::malformed(field, "an RFC 3339 time such as 2026-11-27T08:00:00Z"))
    }

    /// Refuses a field nobody knows: a misspelt mood would otherwise do nothing.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), Problem> {
        let stranger = self.0.keys().find(|name| !known.contains(&name.as_str()));
        stranger.map_or(Ok(()), |name| {
            Err(Problem::malformed("body", &format!("only {}; got {name}", known.join(", "))))
        })
    }
}

/// The caller's idempotency key.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    value
        .to_str()
        .ok()
        .filter(|key| (1..=255).contains(&key.len()))
        .map(|key| Some(key.to_owned()))
        .ok_or_else(|| Problem::malformed("Idempotency-Key", "1 to 255 printable characters"))
}

/// The caller's idempotency key, demanded.
pub(crate) fn required_key(headers: &HeaderMap) -> Result<String, Problem> {
    idempotency_key(headers)?
        .ok_or_else(|| Problem::malformed("Idempotency-Key", "this header; it is missing"))
}
