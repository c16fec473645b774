//! Ingestion thinks: what came, which shipment it is about, and one task for
//! each event and shipment.

use flotilla_runtime::batch::{Call, Handled, Handler};
use flotilla_runtime::queue::Queues;
use flotilla_runtime::release::release;
use flotilla_runtime::stage::{Protocol, refuse};
use flotilla_shipment::identifier::Identifier;
use flotilla_shipment::inbound::{self, Inbound, Subject, TypeError};
use flotilla_shipment::ports::{Index, Parked, Registered};
use flotilla_shipment::process::check;
use flotilla_task::{
    Clock, EventId, Failure, NewTask, Payload, Reason, ReasonCode, ShipmentId, Source, TaskId,
    TaskStore, Timestamp,
};

/// The largest event that becomes a task, in bytes of JSON. Its record must stay
/// far below DynamoDB's 400 KB, and its message below SQS's 1 MiB.
const MAX_EVENT_BYTES: usize = 64 * 1024;

/// Turns what comes from outside into tasks.
#[derive(Debug)]
pub struct Ingestion<I, Q, S, C> {
    /// The identifier index and the parked events.
    pub index: I,
    /// Where released events go: this function's own queue.
    pub queues: Q,
    /// Creates tasks.
    pub protocol: Protocol<S, C>,
}

fn invalid(error: &impl std::fmt::Display) -> Failure {
    Failure::Permanent(Reason::new(ReasonCode::InvalidField, error.to_string()))
}

fn taken(at: usize, identifier: &Identifier, other: &ShipmentId) -> Failure {
    invalid(&format!("identifiers[{at}]: {identifier} belongs to shipment {other} already"))
}

/// Who sent which event.
struct Origin {
    source: Source,
    event: EventId,
}

impl<I: Index, Q: Queues, S: TaskStore, C: Clock> Handler for Ingestion<I, Q, S, C> {
    async fn handle(&self, call: Call<'_>) -> Handled {
        self.take(call).await.unwrap_or_else(|failure| self.ended(call, failure))
    }
}

impl<I: Index, Q: Queues, S: TaskStore, C: Clock> Ingestion<I, Q, S, C> {
    async fn take(&self, call: Call<'_>) -> Result<Handled, Failure> {
        let (origin, inbound) = self.read(call).map_err(Failure::Permanent)?;
        let loads = match &inbound.subject {
            Subject::Order { shipment, names } => {
                self.order(shipment, names, &inbound).await?;
                return self.create(call, origin, shipment.clone(), &inbound).await;
            }
            Subject::Loads { loads, .. } => loads.as_slice(),
            Subject::Nobody(_) => &[],
        };
        let identifier = loads
            .first()
            .ok_or_else(|| Failure::Permanent(flotilla_task::envelope::missing("identifier")))?;
        match self.resolve(call, &origin, identifier).await? {
            Some(shipment) => self.create(call, origin, shipment, &inbound).await,
            None => Ok(Handled::DONE),
        }
    }

    /// Reads the body, and refuses what could not be carried or told apart.
    fn read(&self, call: Call<'_>) -> Result<(Origin, Inbound), Reason> {
        let envelope = call.envelope;
        let kind = inbound::kind_of(&envelope.kind).map_err(|error| {
            let code = match error {
                TypeError::Unknown(_) => ReasonCode::UnknownType,
                TypeError::Newer { .. } => ReasonCode::NewerVersion,
            };
            Reason::new(code, error.to_string())
        })?;
        let data = envelope.data()?;
        if data.len() > MAX_EVENT_BYTES {
            let text = format!("data: {} bytes, the limit is {MAX_EVENT_BYTES}", data.len());
            return Err(Reason::new(ReasonCode::TooLarge, text));
        }
        let origin = Origin { source: envelope.source_id()?, event: envelope.event_id()? };
        self.check_horizon(envelope.time.as_deref())?;
        let inbound = inbound::read(kind, data)
            .map_err(|error| Reason::new(ReasonCode::InvalidField, error.to_string()))?;
        Ok((origin, inbound))
    }

    /// An event from before the horizon may have had a task that is gone, so a
    /// duplicate could not be told from a new one.
    fn check_horizon(&self, time: Option<&str>) -> Result<(), Reason> {
        let Some(text) = time else { return Ok(()) };
        let time: jiff::Timestamp = text
            .parse()
            .map_err(|error| Reason::new(ReasonCode::InvalidField, format!("time: {error}")))?;
        let at = Timestamp::from_millis(u64::try_from(time.as_millisecond()).unwrap_or(0));
        let horizon = self.protocol.settings.horizon;
        if at.plus(horizon) < self.protocol.clock.now() {
            let days = horizon.as_secs() / 86_400;
            let text = format!("time: {time} is more than {days} days ago");
            return Err(Reason::new(ReasonCode::Horizon, text));
        }
        Ok(())
    }

    /// Registers an order's identifiers, keeps its contact, and releases what
    /// waited for them. An order that makes no sense leaves nothing behind: its
    /// task is created all the same, and fails in processing with its reason.
    async fn order(
        &self,
        shipment: &ShipmentId,
        names: &[Identifier],
        order: &Inbound,
    ) -> Result<(), Failure> {
        let Ok(ordered_at) = check(&order.received, self.now()) else { return Ok(()) };
        for (at, identifier) in names.iter().enumerate() {
            match self.index.owner(identifier).await? {
                Some(other) if other != *shipment => return Err(taken(at, identifier, &other)),
                Some(_) | None => {}
            }
        }
        for (at, identifier) in names.iter().enumerate() {
            match self.index.register(identifier, shipment).await? {
                Registered::Mine => {}
                Registered::Of(other) => return Err(taken(at, identifier, &other)),
            }
        }
        if let Some(contact) = &order.contact {
            self.index.keep_contact(shipment, ordered_at, contact).await?;
        }
        let own = &self.protocol.settings.queue_url;
        for identifier in names {
            release(&self.index, &self.queues, own, identifier).await?;
        }
        Ok(())
    }

    fn now(&self) -> jiff::Timestamp {
        self.protocol.clock.now().into()
    }

    /// Which shipment an identifier names. An event that came before its order
    /// is parked; then the index is looked at once more, because the order may
    /// have come, and released what was parked, just before.
    async fn resolve(
        &self,
        call: Call<'_>,
        origin: &Origin,
        identifier: &Identifier,
    ) -> Result<Option<ShipmentId>, Failure> {
        if let Some(shipment) = self.index.owner(identifier).await? {
            return Ok(Some(shipment));
        }
        let parked = Parked {
            source: origin.source.clone(),
            event: origin.event.clone(),
            body: inbound::without_free_text(&call.incoming.body)
                .map_err(|error| invalid(&error))?,
            parked_at: self.protocol.clock.now(),
        };
        self.index.park(identifier, &parked).await?;
        let owner = self.index.owner(identifier).await?;
        if owner.is_some() {
            // The message in hand is worked on, and is not acknowledged before
            // its task's message has left.
            self.index.unpark(identifier, &parked).await?;
        } else {
            tracing::info!(event = %origin.event, %identifier, "parked until its order comes");
        }
        Ok(owner)
    }

    async fn create(
        &self,
        call: Call<'_>,
        origin: Origin,
        shipment: ShipmentId,
        inbound: &Inbound,
    ) -> Result<Handled, Failure> {
        let task = TaskId::derive(&origin.source, &origin.event, &shipment);
        let new = NewTask {
            shipment,
            tenant: call.envelope.tenant_id().map_err(Failure::Permanent)?,
            source: origin.source,
            event: origin.event,
            payload: Payload::write(&inbound.received)?,
            trace: call.envelope.trace_parent(),
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
