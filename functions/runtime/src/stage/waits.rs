//! Waiting is not failing: where a message stays while its task waits.
//!
//! Every receive counts towards the crash backstop, so a short wait keeps the
//! message where it is and a long one sends a copy. A FIFO queue knows no delayed
//! copy, and one message that waits there holds up all of its shipment's behind
//! it: there a copy goes to the back of the line.

use super::Protocol;
use crate::batch::{Call, Handled};
use crate::queue::{Outgoing, is_fifo};
use flotilla_task::{
    Action, AttemptId, Clock, Fence, Outcome, Reason, TaskRecord, TaskStore, WaitEnds, fingerprint,
};
use std::time::Duration;

/// Longer waits leave the queue and come back as a delayed copy, because each
/// receive counts towards the crash backstop.
const LONG_WAIT: Duration = Duration::from_secs(120);

/// A wait grows with the receives, up to so many times its first length.
const MAX_PATIENCE: u32 = 10;

impl<S: TaskStore, C: Clock> Protocol<S, C> {
    /// Waits for a moment, by visibility while it is short; a copy goes when it is
    /// long or many receives are used up.
    pub(super) fn wait(&self, call: Call<'_>, record: &TaskRecord, delay: Duration) -> Handled {
        let used = call.incoming.receives.saturating_mul(2) > self.settings.max_receives;
        match (is_fifo(&self.settings.queue_url), used) {
            (true, true) => self.step_back(call, record),
            (false, true) => self.send_stored(record, delay),
            (false, false) if delay > LONG_WAIT => self.send_stored(record, delay),
            (true | false, false) => Handled::give_back(delay),
        }
    }

    /// A claimed task that waits gives its claim up without counting a failure, so
    /// that the next try need not wait for the lease. The longer it has waited,
    /// the longer it waits next time.
    pub(super) async fn waited(
        &self,
        call: Call<'_>,
        by: &AttemptId,
        record: &TaskRecord,
        (reason, delay, ends): (&Reason, Duration, WaitEnds),
    ) -> Result<Handled, Handled> {
        self.meter.busy.add(1);
        tracing::debug!(task = %record.id, %reason, "waits");
        let delay = delay * call.incoming.receives.clamp(1, MAX_PATIENCE);
        let wait = |record| match ends {
            WaitEnds::ByTime => self.wait(call, record, delay),
            WaitEnds::ByAnotherTask => self.let_pass(call, record, delay),
        };
        if !record.stage.claims() {
            return Ok(wait(record));
        }
        let action = Action::Yield { fence: Fence::of(record) };
        match self.apply(call, &record.id, by, action).await? {
            Outcome::Applied(after) => Ok(wait(&after)),
            Outcome::Refused { record: now, .. } => {
                self.meter.fenced.add(1);
                Ok(self.refused(call, record.stage, now.as_ref()))
            }
        }
    }

    /// Waits for another task. On a FIFO queue its message may stand behind this
    /// one: having waited once in vain, this one steps back.
    fn let_pass(&self, call: Call<'_>, record: &TaskRecord, delay: Duration) -> Handled {
        if is_fifo(&self.settings.queue_url) && call.incoming.receives > 1 {
            return self.step_back(call, record);
        }
        self.wait(call, record, delay)
    }

    /// Sends the stored message to the back of its shipment's line. SQS swallows
    /// what has the deduplication id of a message it took within five minutes, so
    /// the copy's is made from that of the message in hand, once for each.
    fn step_back(&self, call: Call<'_>, record: &TaskRecord) -> Handled {
        let once = |id: String| fingerprint(&[&id, &call.incoming.id]);
        match self.stored(record, Duration::ZERO) {
            Ok(copy) => {
                let deduplication = copy.deduplication.map(once);
                Handled::sending(vec![Outgoing { deduplication, ..copy }])
            }
            Err(back) => back,
        }
    }
}
