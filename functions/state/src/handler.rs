//! The state queue's messages: tasks, questions, requests to forget, and the call
//! to recover.

use crate::{Forgetting, Recover, Retrieve, State};
use flotilla_runtime::batch::{Call, Handled, Handler};
use flotilla_runtime::queue::Queues;
use flotilla_runtime::stage::{Straight, refuse};
use flotilla_shipment::answers::{Answers, Forget};
use flotilla_shipment::ports::{Index, Parking, Remember};
use flotilla_task::message::check_type;
use flotilla_task::{Clock, Stuck, TaskStore, Turns};

/// A question about a shipment.
const RETRIEVE: &str = "flotilla.retrieve";
/// A request to erase a person's data.
const FORGET: &str = "flotilla.forget";
/// The call to look for lost tasks.
const RECOVER: &str = "flotilla.recover";

/// Handles the state queue.
#[derive(Debug)]
pub struct StateHandler<R, Q, S, C> {
    /// Tasks.
    pub tasks: Straight<State<R, Q>, S, C>,
    /// Questions.
    pub retrieve: Retrieve<R>,
    /// Requests to forget.
    pub forget: Forgetting<R>,
    /// Recovery.
    pub recover: Recover,
}

impl<R, Q, S, C> Handler for StateHandler<R, Q, S, C>
where
    R: Remember + Index + Parking + Answers + Forget,
    Q: Queues,
    S: TaskStore + Stuck + Turns,
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
        if kind.starts_with(FORGET) {
            return match check_type(kind, FORGET, 1) {
                Ok(()) => self.forget.carry_out(call, &protocol.clock, &protocol.settings).await,
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
