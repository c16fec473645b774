//! What came: the body of a message, read, and refused where it could not be
//! carried or told apart.

use flotilla_shipment::inbound::{self, Inbound, Kind, TypeError};
use flotilla_shipment::places::Places;
use flotilla_shipment::process::check;
use flotilla_shipment::sources::Sources;
use flotilla_task::envelope::Envelope;
use flotilla_task::{EventId, Failure, Reason, ReasonCode, Source};
use jiff::Timestamp;
use std::time::Duration;

/// The largest event that becomes a task, in bytes of JSON. Its record must stay
/// far below DynamoDB's 400 KB, and its message below SQS's 1 MiB.
const MAX_EVENT_BYTES: usize = 64 * 1024;

/// Pieces of a document that leave in one go. A document of more events is cut
/// into so many smaller documents, which are cut in their turn.
const PIECES: usize = 50;

/// Reads what comes from outside.
#[derive(Debug)]
pub struct Intake {
    /// Whose times without an offset are in which zone.
    pub sources: Sources,
    /// Known places, for times that end with a place's day.
    pub places: Places,
    /// How old an event may be.
    pub horizon: Duration,
}

/// One event, as it came.
#[derive(Debug)]
pub(crate) struct Came {
    pub(crate) source: Source,
    pub(crate) event: EventId,
    pub(crate) inbound: Inbound,
    /// When it, or what it takes back, happened; now, when that cannot be read.
    pub(crate) at: Timestamp,
    /// Whether its values make sense by themselves.
    pub(crate) is_sound: bool,
}

/// What a message holds.
#[derive(Debug)]
pub(crate) enum Read {
    /// One event.
    Event(Box<Came>),
    /// Several events, or none: documents of fewer.
    Pieces(Vec<String>),
}

pub(crate) fn permanent(code: ReasonCode, text: impl AsRef<str>) -> Failure {
    Failure::Permanent(Reason::new(code, text))
}

/// A value that makes no sense.
pub(crate) fn invalid(error: &impl std::fmt::Display) -> Failure {
    permanent(ReasonCode::InvalidField, error.to_string())
}

impl Intake {
    /// Reads one event, or cuts a document of several, or of none.
    pub(crate) fn read(&self, envelope: &Envelope<'_>, now: Timestamp) -> Result<Read, Failure> {
        let kind = kind_of(envelope).map_err(Failure::Permanent)?;
        let data = envelope.data().map_err(Failure::Permanent)?;
        if let Some(pieces) = inbound::pieces(kind, data, PIECES).map_err(|e| invalid(&e))? {
            return Ok(Read::Pieces(pieces));
        }
        if data.len() > MAX_EVENT_BYTES {
            let text = format!("data: {} bytes, the limit is {MAX_EVENT_BYTES}", data.len());
            return Err(permanent(ReasonCode::TooLarge, text));
        }
        let source = envelope.source_id().map_err(Failure::Permanent)?;
        let id = envelope.event_id().map_err(Failure::Permanent)?;
        if let Some(text) = envelope.time.as_deref() {
            let time = text.parse().map_err(|error| invalid(&format!("time: {error}")))?;
            self.check_horizon("time", time, now)?;
        }
        let mut inbound = inbound::read(kind, data).map_err(|error| invalid(&error))?;
        let zone = self.sources.zone_of(&source);
        inbound.received = inbound.received.in_zone(zone);
        let mut checked = check(&inbound.received, &self.places, now);
        if let (Some(original), Ok(_)) = (inbound.original.take(), &checked) {
            checked = check(&original.in_zone(zone), &self.places, now);
        }
        let (at, is_sound) = match checked {
            Ok(at) => {
                self.check_horizon("the event", at, now)?;
                (at, true)
            }
            Err(error) if needs_time(kind) => return Err(invalid(&error)),
            Err(_) => (now, false),
        };
        let event = inbound.event.clone().unwrap_or(id);
        Ok(Read::Event(Box::new(Came { source, event, inbound, at, is_sound })))
    }

    /// An event from before the horizon may have had a task that is gone, so a
    /// duplicate could not be told from a new one.
    fn check_horizon(&self, what: &str, at: Timestamp, now: Timestamp) -> Result<(), Failure> {
        let horizon = i64::try_from(self.horizon.as_secs()).unwrap_or(i64::MAX);
        if at.as_second().saturating_add(horizon) >= now.as_second() {
            return Ok(());
        }
        let days = self.horizon.as_secs() / 86_400;
        let text = format!("{what}: {at} is more than {days} days ago");
        Err(permanent(ReasonCode::Horizon, text))
    }
}

/// Whether a document is refused at once when its values make no sense: which
/// loads were together cannot be told without the time. The fleet's own kinds
/// name their shipment or one load, and fail in processing, with a record.
const fn needs_time(kind: Kind) -> bool {
    match kind {
        Kind::Order | Kind::Tracking => false,
        Kind::Epcis | Kind::Dcsa => true,
    }
}

fn kind_of(envelope: &Envelope<'_>) -> Result<Kind, Reason> {
    inbound::kind_of(&envelope.kind).map_err(|error| {
        let code = match error {
            TypeError::Unknown(_) => ReasonCode::UnknownType,
            TypeError::Newer { .. } => ReasonCode::NewerVersion,
        };
        Reason::new(code, error.to_string())
    })
}
