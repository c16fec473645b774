//! Which messages are events, and which call for a pull.

use crate::pull::PULL;
use flotilla_runtime::batch::{Call, Handled, Handler};

/// Both handlers of ingestion.
#[derive(Debug)]
pub struct Kinds<E, P> {
    /// Takes events.
    pub events: E,
    /// Pulls sources.
    pub pulls: P,
}

impl<E: Handler, P: Handler> Handler for Kinds<E, P> {
    async fn handle(&self, call: Call<'_>) -> Handled {
        if call.envelope.kind.starts_with(PULL) {
            self.pulls.handle(call).await
        } else {
            self.events.handle(call).await
        }
    }
}
