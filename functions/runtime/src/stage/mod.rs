//! The protocol around an agent's work: claim, work, commit, and what a refusal
//! or a failure means for the message.

mod claiming;
mod settle;
mod straight;
mod told;

pub use claiming::{Claiming, LEASE_MARGIN};
pub use straight::Straight;

use crate::batch::{Call, Handled, panic_reason};
use crate::meter::Meter;
use crate::queue::Router;
use crate::settings::Settings;
use flotilla_task::{
    AttemptId, Clock, Failure, Reason, ReasonCode, Stage, StageMessage, TaskStore,
};
use futures_util::FutureExt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

/// What both kinds of stage share: the store, the time, the way to the next queue.
#[derive(Debug)]
pub struct Protocol<S, C> {
    /// Where tasks live.
    pub store: S,
    /// The time.
    pub clock: C,
    /// The way to the next queue.
    pub router: Router,
    /// Budgets.
    pub settings: Settings,
    /// What was done.
    pub meter: Arc<Meter>,
}

impl<S: TaskStore, C: Clock> Protocol<S, C> {
    /// The stage message in a record, or what becomes of one that is none.
    fn read(&self, call: Call<'_>, stage: Stage) -> Result<StageMessage, Handled> {
        let message = StageMessage::from_envelope(call.envelope)
            .map_err(|reason| refuse(reason, call.incoming.receives, &self.settings))?;
        if message.stage != stage {
            let text = format!("stage: this is the {stage} queue, got {}", message.stage);
            return Err(Handled::dead_letter(Reason::new(ReasonCode::InvalidField, text)));
        }
        Ok(message)
    }
}

/// Work ends this much before the batch loop would cut its record off, so that
/// running out of time is counted as a failure and the claim is given up.
const TIME_TO_SETTLE: Duration = Duration::from_millis(300);

impl<S: TaskStore, C: Clock> Protocol<S, C> {
    /// Runs an agent's work, catches its panic, and ends it in time to settle.
    async fn contain<T>(
        &self,
        call: Call<'_>,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let left = self.clock.now().until(call.deadline);
        let limit = left.saturating_sub(self.settings.margin + TIME_TO_SETTLE);
        let contained = AssertUnwindSafe(work).catch_unwind();
        match tokio::time::timeout(limit, contained).await {
            Ok(Ok(worked)) => worked,
            Ok(Err(panic)) => {
                self.meter.panicked.add(1);
                Err(Failure::Retry {
                    reason: panic_reason(panic.as_ref()),
                    after: None,
                    terms: None,
                })
            }
            Err(_elapsed) => Err(Failure::retry(format!("not done within {limit:?}"))),
        }
    }
}

/// What becomes of a message that cannot be read. A newer version waits for a
/// rollout to end, with the retry budget as its limit; nothing else gets better.
#[must_use]
pub fn refuse(reason: Reason, receives: u32, settings: &Settings) -> Handled {
    if reason.code == ReasonCode::NewerVersion && receives < settings.retry_budget {
        tracing::info!(%reason, "given back until a newer release is there");
        return Handled::back_off(receives);
    }
    Handled::dead_letter(reason)
}

/// A new attempt's id.
#[must_use]
pub fn new_attempt() -> AttemptId {
    AttemptId::from_bits(fastrand::u64(..))
}
