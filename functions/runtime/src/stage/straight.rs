//! Stages without outside effects: work from the message, one commit.

use super::{Protocol, new_attempt};
use crate::batch::{Call, Handled, Handler};
use flotilla_crashpoint::{Point, reach};
use flotilla_task::{Action, Agent, Clock, Failure, Fence, Outcome, StageMessage, TaskStore};
use std::pin::pin;

/// The protocol around an [`Agent`].
#[derive(Debug)]
pub struct Straight<A, S, C> {
    /// Does the work.
    pub agent: A,
    /// Everything around it.
    pub protocol: Protocol<S, C>,
}

impl<A: Agent, S: TaskStore, C: Clock> Handler for Straight<A, S, C> {
    async fn handle(&self, call: Call<'_>) -> Handled {
        self.attempt(call).await.unwrap_or_else(|handled| handled)
    }
}

impl<A: Agent, S: TaskStore, C: Clock> Straight<A, S, C> {
    async fn attempt(&self, call: Call<'_>) -> Result<Handled, Handled> {
        let protocol = &self.protocol;
        let message = protocol.read(call, A::STAGE)?;
        let by = new_attempt();
        let worked = protocol.contain(call, pin!(self.agent.work(&message))).await;
        let fence = Fence::pending(A::STAGE, message.epoch);
        let next = match worked {
            Ok(next) => next,
            Err(failure) => return self.failed(call, &message, fence, failure).await,
        };
        reach(Point::Worked);
        let commit = Action::Commit { fence, next };
        Ok(match protocol.apply(call, &message.task, &by, commit).await? {
            Outcome::Applied(record) => protocol.committed(call, A::STAGE, &record),
            Outcome::Refused { record, .. } => protocol.refused(call, A::STAGE, record.as_ref()),
        })
    }

    /// A failure is counted in the record, which an unclaimed stage has not
    /// read. It is read now, and where it is not the version this message calls
    /// for, the failure is not this task's any more.
    async fn failed(
        &self,
        call: Call<'_>,
        message: &StageMessage,
        fence: Fence,
        failure: Failure,
    ) -> Result<Handled, Handled> {
        let protocol = &self.protocol;
        let read = protocol.store.get(&message.task).await;
        let record = read.map_err(|error| protocol.unanswered(call, &error))?;
        match record {
            Some(record) if fence.admits(&record) => {
                protocol.failed(call, &new_attempt(), &record, failure).await
            }
            other => Ok(protocol.refused(call, A::STAGE, other.as_ref())),
        }
    }
}
