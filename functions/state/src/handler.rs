//! The state queue's messages: tasks, questions, and the call to recover.

use crate::{Recover, Retrieve, State};
use flotilla_runtime::batch::{Call, Handled, Handler};
use flotilla_runtime::queue::Queues;
use flotilla_runtime::stage::{Straight, refuse};
use flotilla_shipment::ports::{Answers, Index, Parking, Remember};
use flotilla_task::message::check_type;
use flotilla_task::{Clock, Stuck, TaskStore};

/// A question about a shipment.
const RETRIEVE: &str = "flotilla.retrieve";
/// The call to look for lost tasks.
const RECOVER: &str = "flotilla.recover";

/// Handles the state queue.
#[derive(Debug)]
pub struct StateHandler<R, Q, S, C> {
    /// Tasks.
    pub tasks: Straight<State<R, Q>, S, C>,
    /// Questions.
    pub retrieve: Retrieve<R>,
    /// Recovery.
    pub recover: Recover,
}

impl<R, Q, S, C> Handler for StateHandler<R, Q, S, C>
where
    R: Remember + Index + Parking + Answers,
    Q: Queues,
    S: TaskStore + Stuck,
    C: Clock,
{
    async fn handle(&self, call: Call<'_>) -> Handled {
        let kind = call.envelope.kind.as_ref();
        let protocol = &self.tasks.protocol;
        let refused = |reason| refuse(reason, call.incoming.receives, &protocol.settings);
        if kind.starts_with(RETRIEVE) {
            return match check_type(kind, RETRIEVE, 1) {
                Ok(()) => self.retrieve.answer(call, &protocol.settings).await,
                Err(reason) => refused(reason),
            };
        }
        if kind.starts_with(RECOVER) {
            return match check_type(kind, RECOVER, 1) {
                Ok(()) => self.recover.run(call, protocol).await,
                Err(reason) => refused(reason),
            };
        }
        self.tasks.handle(call).await
    }
}
