//! CloudEvents 1.0 in JSON, structured mode: the shape of every message.
//!
//! Written by hand because it is ten fields; a test reads what we write with
//! the CloudEvents SDK. Specification: CloudEvents 1.0.2, JSON event format.

use crate::{EventId, Reason, ReasonCode, Source, Tenant};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The longest trace parent of W3C Trace Context version 00.
const TRACE_PARENT_BYTES: usize = 55;

/// One CloudEvent, borrowing from the message it was read from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Envelope<'a> {
    /// Always "1.0".
    #[serde(borrow)]
    pub specversion: Cow<'a, str>,
    /// Unique at its source.
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    /// Where it came from.
    #[serde(borrow)]
    pub source: Cow<'a, str>,
    /// What it is, with its version: `flotilla.order.v1`.
    #[serde(borrow, rename = "type")]
    pub kind: Cow<'a, str>,
    /// The shipment, on messages between agents.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Cow<'a, str>>,
    /// When it happened, RFC 3339.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Cow<'a, str>>,
    /// What `data` is.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub datacontenttype: Option<Cow<'a, str>>,
    /// Extension: whose traffic it is.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Cow<'a, str>>,
    /// Extension of the distributed tracing specification.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<Cow<'a, str>>,
    /// Extension: the task, on messages between agents.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Cow<'a, str>>,
    /// Extension: the stage that is called, on messages between agents.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Cow<'a, str>>,
    /// Extension: the task's epoch when the message was stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u64>,
    /// Extension: how often the task was handed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hops: Option<u32>,
    /// Extension: how often recovery has sent this message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resends: Option<u32>,
    /// Extension: ingestion's own, on an event of many shipments. Those up to
    /// this one have their task.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Cow<'a, str>>,
    /// What it says.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub data: Option<&'a RawValue>,
}

impl<'a> Envelope<'a> {
    /// Reads a message body.
    ///
    /// # Errors
    /// A [`Reason`] for the dead-letter queue: not JSON, or not a CloudEvent
    /// 1.0; a retry does not help.
    pub fn parse(body: &'a str) -> Result<Self, Reason> {
        let envelope: Self = serde_json::from_str(body).map_err(|error| {
            let code = match error.classify() {
                serde_json::error::Category::Data => ReasonCode::NotCloudevent,
                serde_json::error::Category::Io
                | serde_json::error::Category::Syntax
                | serde_json::error::Category::Eof => ReasonCode::NotJson,
            };
            Reason::new(code, error.to_string())
        })?;
        if envelope.specversion != "1.0" {
            let text = format!("specversion: expected \"1.0\", got {:?}", envelope.specversion);
            return Err(Reason::new(ReasonCode::NotCloudevent, text));
        }
        Ok(envelope)
    }

    /// The data's JSON text.
    ///
    /// # Errors
    /// A [`Reason`] when there is none.
    pub fn data(&self) -> Result<&'a str, Reason> {
        self.data.map(RawValue::get).ok_or_else(|| missing("data"))
    }

    /// The event's id at its source, checked.
    ///
    /// # Errors
    /// A [`Reason`] that names the field.
    pub fn event_id(&self) -> Result<EventId, Reason> {
        EventId::new(self.id.as_ref()).map_err(|error| invalid(&error))
    }

    /// The event's source, checked.
    ///
    /// # Errors
    /// A [`Reason`] that names the field.
    pub fn source_id(&self) -> Result<Source, Reason> {
        Source::new(self.source.as_ref()).map_err(|error| invalid(&error))
    }

    /// Whose traffic it is, when it says so.
    ///
    /// # Errors
    /// A [`Reason`] that names the field.
    pub fn tenant_id(&self) -> Result<Option<Tenant>, Reason> {
        let tenant = self.tenant.as_deref().map(Tenant::new).transpose();
        tenant.map_err(|error| invalid(&error))
    }

    /// The trace parent, when it has the right shape. A broken one is left out:
    /// tracing must not cost an event.
    #[must_use]
    pub fn trace_parent(&self) -> Option<&str> {
        let trace = self.traceparent.as_deref()?;
        let shape = trace.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
        (trace.len() == TRACE_PARENT_BYTES && shape).then_some(trace)
    }
}

/// The reason for a missing field.
#[must_use]
pub fn missing(field: &str) -> Reason {
    Reason::new(ReasonCode::InvalidField, format!("{field}: missing"))
}

fn invalid(error: &crate::InvalidId) -> Reason {
    Reason::new(ReasonCode::InvalidField, error.to_string())
}
