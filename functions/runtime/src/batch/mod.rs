//! The batch loop: an invocation's records, each on its own.
//!
//! ```text
//! SqsEvent -> parse each body -> group by shipment -> groups side by side (bounded),
//!   records of a group in order, panics caught, nothing new near the deadline
//!   -> one flush: sends, dead letters, visibility -> batchItemFailures
//! ```
//!
//! A message is acknowledged only after everything that follows from it has
//! left. One bad record never fails its batch.
//!
//! The state of the work on a record is some kilobytes large. Whoever wraps it here and
//! in what is below (a time limit, a scope) holds it pinned where it is (`pin!`), since
//! by value each of them would copy all of it and reserve room for it once more.

mod flush;
mod group;
mod incoming;

pub use incoming::{Incoming, SqsEvent};

use crate::meter::Meter;
use crate::queue::{Outgoing, Queues, is_fifo};
use crate::settings::Settings;
use crate::telemetry::About;
use aws_lambda_events::event::sqs::SqsBatchResponse;
use flotilla_crashpoint::{Point, reach};
use flotilla_task::backoff::Backoff;
use flotilla_task::envelope::Envelope;
use flotilla_task::{Clock, Reason, ReasonCode, Timestamp};
use futures_util::{FutureExt, StreamExt, stream};
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

/// How retries spread out on the queue: windows of 1, 2, 4 ... 300 seconds.
pub const BACKOFF: Backoff =
    Backoff { base: Duration::from_secs(1), limit: Duration::from_secs(300) };

/// What becomes of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Delete it, once everything in [`Handled::send`] has left.
    Acknowledge,
    /// Make it visible again after the delay.
    GiveBack {
        /// From now.
        delay: Duration,
    },
    /// Send it to the dead-letter queue with the reason, then delete it.
    DeadLetter(Reason),
}

/// What handling a record came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handled {
    /// What becomes of the record.
    pub verdict: Verdict,
    /// What must leave before it is acknowledged.
    pub send: Vec<Outgoing>,
}

impl Handled {
    /// Acknowledge, nothing to send.
    pub const DONE: Self = Self { verdict: Verdict::Acknowledge, send: Vec::new() };

    /// Send, then acknowledge.
    #[must_use]
    pub const fn sending(send: Vec<Outgoing>) -> Self {
        Self { verdict: Verdict::Acknowledge, send }
    }

    /// Give back for a while.
    #[must_use]
    pub const fn give_back(delay: Duration) -> Self {
        Self { verdict: Verdict::GiveBack { delay }, send: Vec::new() }
    }

    /// To the dead-letter queue.
    #[must_use]
    pub const fn dead_letter(reason: Reason) -> Self {
        Self { verdict: Verdict::DeadLetter(reason), send: Vec::new() }
    }

    /// Both together, of one record: everything is sent, and it is acknowledged
    /// only if both may be.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.send.extend(other.send);
        self.verdict = match (self.verdict, other.verdict) {
            (Verdict::GiveBack { delay: a }, Verdict::GiveBack { delay: b }) => {
                Verdict::GiveBack { delay: a.min(b) }
            }
            (back @ Verdict::GiveBack { .. }, _) | (_, back @ Verdict::GiveBack { .. }) => back,
            (letter @ Verdict::DeadLetter(_), _) | (_, letter @ Verdict::DeadLetter(_)) => letter,
            (Verdict::Acknowledge, Verdict::Acknowledge) => Verdict::Acknowledge,
        };
        self
    }

    /// Back to the queue after a failure that has no record to be counted in;
    /// the delay grows with the receives.
    #[must_use]
    pub fn back_off(receives: u32) -> Self {
        Self::give_back(BACKOFF.delay(receives, fastrand::f64()))
    }
}

/// One record to handle.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The record as SQS delivered it.
    pub incoming: &'a Incoming,
    /// Its body, read.
    pub envelope: &'a Envelope<'a>,
    /// When this invocation ends. A lease taken now lasts until then and a margin.
    pub deadline: Timestamp,
}

/// Handles records, one at a time.
pub trait Handler: Send + Sync {
    /// Handles one record. May run beside others of the same batch.
    fn handle(&self, call: Call<'_>) -> impl Future<Output = Handled> + Send;
}

/// The batch loop around a handler.
#[derive(Debug)]
pub struct BatchLoop<H, Q, C> {
    /// Handles each record.
    pub handler: H,
    /// Where messages leave.
    pub queues: Q,
    /// The time.
    pub clock: C,
    /// Bounds and URLs.
    pub settings: Settings,
    /// What was done.
    pub meter: Arc<Meter>,
}

/// The event cannot be answered record by record. SQS delivers the whole batch again.
#[derive(Debug, thiserror::Error)]
#[error("a record has no message id, so its failure could not be reported")]
pub struct NoMessageId;

impl<H: Handler, Q: Queues, C: Clock> BatchLoop<H, Q, C> {
    /// Works through one event and says which records go back.
    ///
    /// # Errors
    /// [`NoMessageId`], before anything is done.
    pub async fn run(
        &self,
        event: SqsEvent,
        deadline: Timestamp,
    ) -> Result<SqsBatchResponse, NoMessageId> {
        let records = event.records;
        if records.iter().any(|record| record.id.is_empty()) {
            return Err(NoMessageId);
        }
        let now = self.clock.now();
        for sent_at in records.iter().filter_map(|record| record.sent_at) {
            self.meter.waited.add(sent_at.until(now));
        }
        let fifo = is_fifo(&self.settings.queue_url);
        let parsed: Vec<_> = records.iter().map(|r| (r, Envelope::parse(&r.body))).collect();
        let groups = group::in_order(&parsed, fifo);
        let worked = stream::iter(groups)
            .map(|group| self.work_group(&parsed, group, fifo, deadline))
            .buffer_unordered(self.settings.concurrency)
            .collect::<Vec<_>>()
            .await;
        // Every record is in one group; one that were not would go back.
        let back = |record| (record, Handled::give_back(Duration::ZERO));
        let mut handled: Vec<_> = records.iter().map(back).collect();
        for (at, done) in worked.into_iter().flatten() {
            if let Some((_, handled)) = handled.get_mut(at) {
                *handled = done;
            }
        }
        let failed = flush::flush(self, handled).await;
        let mut response = SqsBatchResponse::default();
        for id in failed {
            response.add_failure(id);
        }
        Ok(response)
    }

    /// Works on one shipment's records in order. On a FIFO queue the first that
    /// goes back takes the rest of its group along.
    async fn work_group(
        &self,
        parsed: &[(&Incoming, Result<Envelope<'_>, Reason>)],
        group: Vec<usize>,
        fifo: bool,
        deadline: Timestamp,
    ) -> Vec<(usize, Handled)> {
        let mut done = Vec::with_capacity(group.len());
        let mut stopped: Option<Handled> = None;
        for at in group {
            let Some((incoming, envelope)) = parsed.get(at) else { continue };
            let handled = match (&stopped, envelope) {
                (Some(stopped), _) => stopped.clone(),
                (None, Err(reason)) => Handled::dead_letter(reason.clone()),
                (None, Ok(envelope)) => {
                    let work = pin!(self.work(Call { incoming, envelope, deadline }));
                    About::record(envelope).scope(work).await
                }
            };
            if let (true, Verdict::GiveBack { delay }) = (fifo, &handled.verdict) {
                stopped = Some(Handled::give_back(*delay));
            }
            done.push((at, handled));
        }
        done
    }

    /// Handles one record within the time there is, and catches its panic.
    async fn work(&self, call: Call<'_>) -> Handled {
        let left = self.clock.now().until(call.deadline);
        let Some(limit) = left.checked_sub(self.settings.margin).filter(|left| !left.is_zero())
        else {
            return Handled::give_back(Duration::ZERO);
        };
        reach(Point::Taken);
        let work = pin!(self.handler.handle(call));
        let work = AssertUnwindSafe(work).catch_unwind();
        match tokio::time::timeout(limit, work).await {
            Ok(Ok(handled)) => handled,
            Ok(Err(panic)) => {
                self.meter.panicked.add(1);
                let reason = panic_reason(panic.as_ref());
                tracing::error!(message_id = %call.incoming.id, %reason, "a handler panicked");
                if call.incoming.receives >= self.settings.retry_budget {
                    return Handled::dead_letter(reason);
                }
                Handled::back_off(call.incoming.receives)
            }
            Err(_elapsed) => {
                tracing::warn!(message_id = %call.incoming.id, "out of time, given back");
                Handled::give_back(Duration::ZERO)
            }
        }
    }
}

/// What a caught panic said.
pub(crate) fn panic_reason(panic: &(dyn std::any::Any + Send)) -> Reason {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words");
    Reason::new(ReasonCode::Panic, text)
}
