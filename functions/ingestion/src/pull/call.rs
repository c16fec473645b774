//! The message that calls for a pull.

use super::Puller;
use crate::intake::{invalid, permanent};
use flotilla_runtime::queue::{Outgoing, is_fifo};
use flotilla_shipment::pull::Cursor;
use flotilla_task::envelope::Envelope;
use flotilla_task::message::check_type;
use flotilla_task::{Epoch, Failure, ReasonCode, Source, fingerprint};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

/// The call for a pull, or with no source in it for every pull that is due.
pub(crate) const PULL: &str = "flotilla.pull";

/// What such a message says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PullCall {
    /// Which source; none: those that are due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<String>,
    /// The cursor's epoch when the fleet sent it to itself. A pull that has ended
    /// since is the one it called for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) epoch: Option<Epoch>,
    /// Whether it goes on with a pull for which there was no more time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) continues: bool,
}

impl PullCall {
    pub(super) fn of(source: &Source, epoch: Epoch, continues: bool) -> Self {
        Self { source: Some(source.to_string()), epoch: Some(epoch), continues }
    }

    pub(super) fn read(envelope: &Envelope<'_>) -> Result<Self, Failure> {
        check_type(&envelope.kind, PULL, 1).map_err(Failure::Permanent)?;
        let data = envelope.data().map_err(Failure::Permanent)?;
        serde_json::from_str(data)
            .map_err(|error| permanent(ReasonCode::InvalidField, format!("data: {error}")))
    }

    /// Whether the pull that it calls for has come to its end.
    pub(super) fn is_done(&self, cursor: &Cursor) -> bool {
        cursor.run.is_none() && self.epoch.is_some_and(|epoch| cursor.epoch > epoch)
    }
}

impl<K, P, Q, C> Puller<K, P, Q, C> {
    /// The message, addressed to this function itself. The same call has the same id.
    pub(super) fn message(&self, call: &PullCall) -> Result<Outgoing, Failure> {
        let data = serde_json::to_string(call).map_err(|error| invalid(&error))?;
        let id = fingerprint(&[PULL, &data]);
        let body = json!({
            "specversion": "1.0",
            "id": id,
            "source": "urn:flotilla:fleet",
            "type": format!("{PULL}.v1"),
            "data": call,
        });
        let url = &self.settings.queue_url;
        let fifo = is_fifo(url);
        let group = || fingerprint(&[PULL, call.source.as_deref().unwrap_or_default()]);
        Ok(Outgoing {
            url: url.clone(),
            body: body.to_string(),
            group: fifo.then(group),
            deduplication: fifo.then_some(id),
            delay: Duration::ZERO,
            attributes: Vec::new(),
        })
    }
}
