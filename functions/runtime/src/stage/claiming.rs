//! Stages with outside effects: claim, work from the record, commit.

use super::{Protocol, new_attempt};
use crate::batch::{Call, Handled, Handler};
use crate::telemetry::About;
use flotilla_crashpoint::{Point, reach};
use flotilla_task::{
    Action, AttemptId, Claimed, ClaimingAgent, Clock, Fence, Outcome, TaskRecord, TaskStore,
};
use std::pin::pin;
use std::time::Duration;

/// A lease lasts until the invocation's own deadline and this much longer. An
/// environment cannot outlive its deadline, so no heartbeat is needed; the
/// margin is for clocks that differ.
pub const LEASE_MARGIN: Duration = Duration::from_secs(2);

/// The protocol around a [`ClaimingAgent`].
#[derive(Debug)]
pub struct Claiming<A, S, C> {
    /// Does the work.
    pub agent: A,
    /// Everything around it.
    pub protocol: Protocol<S, C>,
}

impl<A: ClaimingAgent, S: TaskStore, C: Clock> Handler for Claiming<A, S, C> {
    async fn handle(&self, call: Call<'_>) -> Handled {
        self.attempt(call).await.unwrap_or_else(|handled| handled)
    }
}

impl<A: ClaimingAgent, S: TaskStore, C: Clock> Claiming<A, S, C> {
    async fn attempt(&self, call: Call<'_>) -> Result<Handled, Handled> {
        let protocol = &self.protocol;
        let message = protocol.read(call, A::STAGE)?;
        let by = new_attempt();
        let lease_until = call.deadline.plus(LEASE_MARGIN);
        let claim = Action::Claim { stage: A::STAGE, lease_until };
        let record = match protocol.apply(call, &message.task, &by, claim).await? {
            Outcome::Applied(record) => record,
            Outcome::Refused { record, .. } => {
                return Ok(protocol.refused(call, A::STAGE, record.as_ref()));
            }
        };
        reach(Point::Claimed);
        protocol.tell_claimed(&record);
        About::held(&record).scope(pin!(self.work(call, &by, record))).await
    }

    async fn work(
        &self,
        call: Call<'_>,
        by: &AttemptId,
        record: TaskRecord,
    ) -> Result<Handled, Handled> {
        let protocol = &self.protocol;
        let mut claimed = Claimed::new(&protocol.store, &protocol.clock, by.clone(), record);
        let worked = protocol.contain(call, pin!(self.agent.work(&mut claimed))).await;
        let record = claimed.record().clone();
        let next = match worked {
            Ok(next) => next,
            Err(failure) => return protocol.failed(call, by, &record, failure).await,
        };
        reach(Point::Worked);
        let commit = Action::Commit { fence: Fence::of(&record), next };
        Ok(match protocol.apply(call, &record.id, by, commit).await? {
            Outcome::Applied(after) => protocol.committed(call, A::STAGE, &after),
            Outcome::Refused { record: now, .. } => {
                protocol.tell_fenced(&record, now.as_ref());
                protocol.refused(call, A::STAGE, now.as_ref())
            }
        })
    }
}
