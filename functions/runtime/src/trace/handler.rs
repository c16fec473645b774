//! A handler whose records are traced.

use super::Tracer;
use super::work::with;
use crate::batch::{Call, Handled, Handler};
use flotilla_task::Clock;
use std::pin::pin;

/// Opens a span around the work on each record.
#[derive(Debug)]
pub struct Traced<H, C> {
    /// Does the work.
    pub handler: H,
    /// Is told of it.
    pub tracer: Tracer,
    /// The time.
    pub clock: C,
}

impl<H: Handler, C: Clock> Handler for Traced<H, C> {
    async fn handle(&self, call: Call<'_>) -> Handled {
        let (at_hand, span) = self.tracer.begin(call, self.clock.now());
        let handled = with(at_hand, pin!(self.handler.handle(call))).await;
        if let Some(span) = span {
            span.end(&handled);
        }
        handled
    }
}
