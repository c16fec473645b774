//! Who wants to know that a notice is from the fleet: a receiver that was given keys
//! takes signed notices only, as Standard Webhooks has it. One without takes all.

use crate::World;
use crate::input::Fields;
use crate::moods::{CUSTOMER, DISPATCH};
use crate::problem::Problem;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The keys that each receiver takes, one or several.
#[derive(Default)]
pub(crate) struct Signatures(BTreeMap<&'static str, Vec<Webhook>>);

impl Signatures {
    /// Whether a receiver takes this call.
    pub(crate) fn check(
        &self,
        receiver: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<(), Problem> {
        let Some(keys) = self.0.get(receiver).filter(|keys| !keys.is_empty()) else {
            return Ok(());
        };
        let mut why = String::new();
        for key in keys {
            match key.verify(body, headers) {
                Ok(()) => return Ok(()),
                Err(error) => why = error.to_string(),
            }
        }
        Err(Problem::unsigned(&why))
    }
}

impl fmt::Debug for Signatures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Sets the keys that a receiver takes from now on: `{"keys": "whsec_... whsec_..."}`.
/// Without keys it takes unsigned notices again.
pub(crate) async fn set(
    State(world): State<Arc<World>>,
    Path(receiver): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let fields = Fields::parse(&body)?;
    fields.only(&["keys"])?;
    let text = fields.optional_text("keys")?.unwrap_or_default();
    let receiver = [DISPATCH, CUSTOMER].into_iter().find(|known| *known == receiver);
    let receiver = receiver.ok_or_else(|| {
        Problem::unknown("there are dispatch and customer; the others get no notices")
    })?;
    let keys: Result<Vec<_>, _> = text.split_whitespace().map(Webhook::new).collect();
    let keys = keys.map_err(|_| Problem::malformed("keys", "keys such as whsec_ and base64"))?;
    let taken = json!({"receiver": receiver, "keys": keys.len()});
    world.state().signatures.0.insert(receiver, keys);
    Ok(Json(taken))
}
