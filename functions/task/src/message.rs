//! The message that calls a stage to work.
//!
//! It is made from the record alone, so that whoever sends it (the committer, a
//! replay, recovery, an operator) sends the same.

use crate::envelope::{Envelope, missing};
use crate::record::SCHEMA_VERSION;
use crate::{Epoch, Payload, Reason, ReasonCode, ShipmentId, Stage, TaskId, TaskRecord, Tenant};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The CloudEvents type of messages between agents, without its version.
const TYPE: &str = "flotilla.task";
/// The CloudEvents source of messages between agents.
const SOURCE: &str = "urn:flotilla:fleet";
/// Handing on stops here. The longest way is five stages and a few rounds
/// between decision and communication.
pub const MAX_HOPS: u32 = 32;

/// A call for work at a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageMessage {
    /// The task.
    pub task: TaskId,
    /// The shipment it is about.
    pub shipment: ShipmentId,
    /// Whose traffic it is.
    pub tenant: Option<Tenant>,
    /// The stage that is called.
    pub stage: Stage,
    /// The record's epoch when the message was stored.
    pub epoch: Epoch,
    /// How often recovery had sent it.
    pub resends: u32,
    /// How often the task was handed on.
    pub hops: u32,
    /// W3C trace parent.
    pub trace: Option<String>,
    /// What the stage needs.
    pub payload: Payload,
}

impl StageMessage {
    /// The message stored in a record.
    #[must_use]
    pub fn stored_in(record: &TaskRecord) -> Self {
        Self {
            task: record.id.clone(),
            shipment: record.shipment.clone(),
            tenant: record.tenant.clone(),
            stage: record.stage,
            epoch: record.epoch,
            resends: record.resends,
            hops: record.hops,
            trace: record.trace.clone(),
            payload: record.payload.clone(),
        }
    }

    /// The message's id: one for each version of a pending stage.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}/{}/{}", self.task, self.stage, self.epoch)
    }

    /// The body to send.
    ///
    /// # Errors
    /// When the stored payload is not JSON, which only damage from outside can cause.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let id = self.id();
        let kind = format!("{TYPE}.v{SCHEMA_VERSION}");
        let data: &RawValue = serde_json::from_str(self.payload.as_json())?;
        let json = serde_json::to_string(&Envelope {
            specversion: Cow::Borrowed("1.0"),
            id: Cow::Borrowed(&id),
            source: Cow::Borrowed(SOURCE),
            kind: Cow::Borrowed(&kind),
            subject: Some(Cow::Borrowed(self.shipment.as_str())),
            time: None,
            datacontenttype: Some(Cow::Borrowed("application/json")),
            tenant: self.tenant.as_ref().map(|tenant| Cow::Borrowed(tenant.as_str())),
            traceparent: self.trace.as_deref().map(Cow::Borrowed),
            task: Some(Cow::Borrowed(self.task.as_str())),
            stage: Some(Cow::Borrowed(self.stage.as_str())),
            epoch: Some(self.epoch.get()),
            hops: Some(self.hops),
            resends: (self.resends > 0).then_some(self.resends),
            after: None,
            data: Some(data),
        })?;
        // SQS takes XML's characters only. These two can stand in JSON strings
        // alone, where an escape means the same.
        if json.contains('\u{fffe}') || json.contains('\u{ffff}') {
            return Ok(json.replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff"));
        }
        Ok(json)
    }

    /// Reads a message between agents.
    ///
    /// # Errors
    /// A [`Reason`]. With [`ReasonCode::NewerVersion`] a retry helps: a rollout
    /// or a rollback is under way. With any other it does not.
    pub fn from_envelope(envelope: &Envelope<'_>) -> Result<Self, Reason> {
        check_type(&envelope.kind, TYPE, SCHEMA_VERSION)?;
        let invalid = |text: String| Reason::new(ReasonCode::InvalidField, text);
        let task = envelope.task.as_deref().ok_or_else(|| missing("task"))?;
        let shipment = envelope.subject.as_deref().ok_or_else(|| missing("subject"))?;
        let stage = envelope.stage.as_deref().ok_or_else(|| missing("stage"))?;
        let message = Self {
            task: TaskId::new(task).map_err(|error| invalid(error.to_string()))?,
            shipment: ShipmentId::new(shipment).map_err(|error| invalid(error.to_string()))?,
            tenant: envelope.tenant_id()?,
            stage: Stage::from_name(stage)
                .ok_or_else(|| invalid(format!("stage: no stage is called {stage:?}")))?,
            epoch: Epoch::new(envelope.epoch.ok_or_else(|| missing("epoch"))?),
            resends: envelope.resends.unwrap_or(0),
            hops: envelope.hops.unwrap_or(0),
            trace: envelope.trace_parent().map(str::to_owned),
            payload: Payload::from_json(envelope.data()?.to_owned()),
        };
        if message.hops > MAX_HOPS {
            let text = format!("hops: {} is more than {MAX_HOPS}", message.hops);
            return Err(Reason::new(ReasonCode::Loop, text));
        }
        Ok(message)
    }
}

/// The version in a type such as `flotilla.task.v1`, of that family; none when it
/// is another family's, or no version is written as a number is.
#[must_use]
pub fn version_of(kind: &str, family: &str) -> Option<u32> {
    let digits = kind.strip_prefix(family)?.strip_prefix(".v")?;
    let version: u32 = digits.parse().ok()?;
    (version > 0 && version.to_string() == digits).then_some(version)
}

/// Checks that `kind` is `family.v1` up to `family.v<known>`.
///
/// # Errors
/// [`ReasonCode::NewerVersion`] for a higher version of this family,
/// [`ReasonCode::UnknownType`] for anything else.
pub fn check_type(kind: &str, family: &str, known: u32) -> Result<(), Reason> {
    match version_of(kind, family) {
        Some(version) if version <= known => Ok(()),
        Some(version) => Err(Reason::new(
            ReasonCode::NewerVersion,
            format!(
                "type: {family} version {version} is newer than {known}, which this release knows"
            ),
        )),
        None => Err(Reason::new(
            ReasonCode::UnknownType,
            format!("type: expected {family}.v{known}, got {kind:?}"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> StageMessage {
        StageMessage {
            task: TaskId::new("t1").unwrap(),
            shipment: ShipmentId::new("S1").unwrap(),
            tenant: Some(Tenant::new("acme").unwrap()),
            stage: Stage::Decision,
            epoch: Epoch::new(7),
            resends: 1,
            hops: 2,
            trace: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
            payload: Payload::from_json("{\"a\":1}".into()),
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let json = message().to_json().unwrap();
        let read = StageMessage::from_envelope(&Envelope::parse(&json).unwrap()).unwrap();
        assert_eq!(read, message());
    }

    #[test]
    fn the_cloudevents_sdk_reads_what_we_write() {
        use cloudevents::AttributesReader;
        let event: cloudevents::Event =
            serde_json::from_str(&message().to_json().unwrap()).unwrap();
        assert_eq!(event.ty(), "flotilla.task.v1");
        assert_eq!(event.subject(), Some("S1"));
    }

    #[test]
    fn newer_versions_wait_and_unknown_types_do_not() {
        let code = |kind: &str| {
            let json = message().to_json().unwrap().replace("flotilla.task.v1", kind);
            StageMessage::from_envelope(&Envelope::parse(&json).unwrap()).unwrap_err().code
        };
        assert_eq!(code("flotilla.task.v2"), ReasonCode::NewerVersion);
        assert_eq!(code("flotilla.task.v0"), ReasonCode::UnknownType);
        assert_eq!(code("flotilla.tusk.v1"), ReasonCode::UnknownType);
        assert_eq!(code("flotilla.task"), ReasonCode::UnknownType);
    }

    #[test]
    fn unknown_optional_fields_are_ignored() {
        let json = message().to_json().unwrap().replacen('{', "{\"colour\":\"blue\",", 1);
        assert!(StageMessage::from_envelope(&Envelope::parse(&json).unwrap()).is_ok());
    }

    #[test]
    fn bad_bodies_are_named() {
        let code = |body: &str| Envelope::parse(body).unwrap_err().code;
        assert_eq!(code("{"), ReasonCode::NotJson);
        assert_eq!(code("hello"), ReasonCode::NotJson);
        assert_eq!(code("[]"), ReasonCode::NotCloudevent);
        assert_eq!(code("{\"specversion\":\"1.0\"}"), ReasonCode::NotCloudevent);
        assert_eq!(
            code("{\"specversion\":\"0.3\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\"}"),
            ReasonCode::NotCloudevent
        );
    }

    #[test]
    fn a_runaway_message_is_stopped() {
        let json = StageMessage { hops: MAX_HOPS + 1, ..message() }.to_json().unwrap();
        let error = StageMessage::from_envelope(&Envelope::parse(&json).unwrap()).unwrap_err();
        assert_eq!(error.code, ReasonCode::Loop);
    }
}
