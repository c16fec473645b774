//! Ingestion thinks: what came, which shipments it is about, and one task for
//! each event and shipment.
//!
//! ```text
//! a document of many events  -> again::pieces    one message for each, to its own queue
//! an order                   -> order            registers names, releases what waited
//! an event about loads       -> packing          learns which load is in which
//!                            -> resolve          loads -> shipments
//!                            -> waiting          parks what nobody knows yet
//! shipments                  -> a task for each, a few dozen at a time
//! ```

use crate::SIDE_BY_SIDE;
use crate::again;
use crate::intake::{Came, Intake, Read};
use flotilla_runtime::batch::{Call, Handled, Handler};
use flotilla_runtime::queue::Queues;
use flotilla_runtime::stage::{Protocol, refuse};
use flotilla_runtime::trace;
use flotilla_shipment::inbound::Subject;
use flotilla_shipment::ports::{Index, Loads, Parking};
use flotilla_task::message::check_type;
use flotilla_task::{Clock, Failure, NewTask, Payload, ShipmentId, TaskId, TaskStore};
use futures_util::{StreamExt, stream};
use std::collections::BTreeSet;
use std::time::Duration;

/// The call to give up events that have waited too long.
const EXPIRE: &str = "flotilla.expire";

/// So many tasks are created for one message; the event's other shipments follow
/// in a next one. What one invocation does is bounded by that, however many
/// shipments travel in one container.
const FAN_OUT: usize = 50;

/// Turns what comes from outside into tasks.
#[derive(Debug)]
pub struct Ingestion<I, Q, S, C> {
    /// Names, loads and parked events.
    pub records: I,
    /// Where released events go: this function's own queue.
    pub queues: Q,
    /// Reads and refuses.
    pub intake: Intake,
    /// How long an event waits for its load to be known: the setting `PARKED_DAYS`.
    pub patience: Duration,
    /// Creates tasks.
    pub protocol: Protocol<S, C>,
}

impl<I, Q, S, C> Handler for Ingestion<I, Q, S, C>
where
    I: Index + Loads + Parking,
    Q: Queues,
    S: TaskStore,
    C: Clock,
{
    async fn handle(&self, call: Call<'_>) -> Handled {
        let handled = if call.envelope.kind.starts_with(EXPIRE) {
            match check_type(&call.envelope.kind, EXPIRE, 1) {
                Ok(()) => self.expire().await,
                Err(reason) => Err(Failure::Permanent(reason)),
            }
        } else {
            self.take(call).await
        };
        handled.unwrap_or_else(|failure| self.ended(call, failure))
    }
}

impl<I, Q, S, C> Ingestion<I, Q, S, C>
where
    I: Index + Loads + Parking,
    Q: Queues,
    S: TaskStore,
    C: Clock,
{
    async fn take(&self, call: Call<'_>) -> Result<Handled, Failure> {
        let came = match self.intake.read(call.envelope, self.protocol.clock.now().into())? {
            Read::Event(came) => came,
            Read::Pieces(pieces) => return self.split(call, &pieces),
        };
        let shipments = match &came.inbound.subject {
            Subject::Order { shipment, names } => {
                self.order(&came, shipment, names).await?;
                BTreeSet::from([shipment.clone()])
            }
            Subject::Loads { loads, packing } => {
                if let Some(packing) = packing {
                    self.learn(call, packing, &came).await?;
                }
                self.concerned(call, &came, loads).await?
            }
            Subject::Nobody(why) => {
                self.protocol.meter.ignored.add(1);
                tracing::info!(event = %came.event, source = %came.source, why, "concerns nobody");
                BTreeSet::new()
            }
        };
        self.create(call, &came, shipments).await
    }

    /// Sends a document on as its pieces, which this function receives one by one:
    /// each event has its own tries, and one that is wrong is refused alone.
    fn split(&self, call: Call<'_>, pieces: &[String]) -> Result<Handled, Failure> {
        if pieces.is_empty() {
            self.protocol.meter.ignored.add(1);
            tracing::info!(message_id = %call.incoming.id, "a document without events");
        }
        let url = &self.protocol.settings.queue_url;
        again::pieces(call, url, pieces).map(Handled::sending)
    }

    /// A task for each shipment. What is left of a long list follows in a next
    /// message, which goes on after the last of these. A shipment that sorts before
    /// it and is known only later gets its task from a parked or kept copy.
    async fn create(
        &self,
        call: Call<'_>,
        came: &Came,
        shipments: BTreeSet<ShipmentId>,
    ) -> Result<Handled, Failure> {
        let done = |shipment: &ShipmentId| {
            call.envelope.after.as_deref().is_some_and(|after| shipment.as_str() <= after)
        };
        let mut rest: Vec<ShipmentId> = shipments.into_iter().filter(|id| !done(id)).collect();
        let later = rest.split_off(rest.len().min(FAN_OUT));
        let next = match (later.is_empty(), rest.last()) {
            (false, Some(last)) => {
                Some(again::after(call, &self.protocol.settings.queue_url, last)?)
            }
            (true, _) | (false, None) => None,
        };
        let created: Vec<Result<Handled, Failure>> = stream::iter(rest)
            .map(|shipment| self.create_one(call, came, shipment))
            .buffered(SIDE_BY_SIDE)
            .collect()
            .await;
        let mut handled = Handled::DONE;
        for one in created {
            handled = handled.and(one?);
        }
        Ok(handled.and(Handled::sending(next.into_iter().collect())))
    }

    async fn create_one(
        &self,
        call: Call<'_>,
        came: &Came,
        shipment: ShipmentId,
    ) -> Result<Handled, Failure> {
        let task = TaskId::derive(&came.source, &came.event, &shipment);
        let new = NewTask {
            tenant: call.envelope.tenant_id().map_err(Failure::Permanent)?,
            source: came.source.clone(),
            event: came.event.clone(),
            payload: Payload::write(
                &came.inbound.received.clone().withdrawing(&came.source, &shipment),
            )?,
            trace: trace::onward(call.envelope),
            shipment,
        };
        Ok(self.protocol.create(call, &task, new).await)
    }

    /// What a failure means for the message: there is no record to count in.
    fn ended(&self, call: Call<'_>, failure: Failure) -> Handled {
        let receives = call.incoming.receives;
        match failure {
            Failure::Permanent(reason) => refuse(reason, receives, &self.protocol.settings),
            Failure::Wait { delay, .. } => Handled::give_back(delay),
            Failure::Retry { reason, .. } => {
                self.protocol.meter.retried.add(1);
                tracing::warn!(message_id = %call.incoming.id, %reason, "will be tried again");
                Handled::back_off(receives)
            }
            Failure::Hold(_) | Failure::Fenced => Handled::back_off(receives),
        }
    }
}
