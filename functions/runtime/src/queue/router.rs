//! From a stage to its queue. An agent knows the next queues, nothing else.

use super::{MAX_DELAY, Outgoing, is_fifo};
use crate::settings::NextQueues;
use crate::trace::Parent;
use flotilla_task::{Stage, StageMessage, fingerprint};
use serde::Serialize;
use std::time::Duration;

/// A message cannot be addressed. A retry does not help: a setting is missing,
/// or the stored payload is damaged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownQueue {
    /// The setting for that queue is missing.
    #[error("this function does not know the {0} queue; set {1}")]
    NotSet(Stage, &'static str),
    /// Nothing is sent to ingestion from inside.
    #[error("no task is handed back to ingestion")]
    Ingestion,
    /// The stored payload is not JSON.
    #[error("the stored message cannot be written: {0}")]
    Damaged(String),
}

/// Addresses messages between agents.
#[derive(Debug, Clone)]
pub struct Router {
    next: NextQueues,
    own: (Stage, String),
    traced: bool,
}

impl Router {
    /// A router for the function of that stage, called from that queue.
    #[must_use]
    pub const fn new(own: Stage, own_url: String, next: NextQueues) -> Self {
        Self { next, own: (own, own_url), traced: false }
    }

    /// With messages whose parent in a trace is the work that committed them, instead
    /// of the one that created the task.
    #[must_use]
    pub const fn traced(mut self, traced: bool) -> Self {
        self.traced = traced;
        self
    }

    /// The URL of a stage's queue. A function's own is always known.
    ///
    /// # Errors
    /// [`UnknownQueue`] names the setting that is missing.
    pub fn url(&self, stage: Stage) -> Result<&str, UnknownQueue> {
        if stage == self.own.0 {
            return Ok(&self.own.1);
        }
        let (url, setting) = match stage {
            Stage::Ingestion => return Err(UnknownQueue::Ingestion),
            Stage::Processing => (&self.next.processing, "PROCESSING_QUEUE_URL"),
            Stage::Decision => (&self.next.decision, "DECISION_QUEUE_URL"),
            Stage::Communication => (&self.next.communication, "COMMUNICATION_QUEUE_URL"),
            Stage::State => (&self.next.state, "STATE_QUEUE_URL"),
        };
        url.as_deref().ok_or(UnknownQueue::NotSet(stage, setting))
    }

    /// A stage's message, addressed. On FIFO queues the shipment is the group
    /// and there is no delay of its own.
    ///
    /// # Errors
    /// [`UnknownQueue`].
    pub fn address(
        &self,
        message: &StageMessage,
        delay: Duration,
    ) -> Result<Outgoing, UnknownQueue> {
        let url = self.url(message.stage)?;
        let parent = self.traced.then(|| Parent::of_stored(message)).flatten();
        let body = match parent {
            Some(parent) => {
                StageMessage { trace: Some(parent.to_string()), ..message.clone() }.to_json()
            }
            None => message.to_json(),
        };
        let body = body.map_err(|error| UnknownQueue::Damaged(error.to_string()))?;
        let fifo = is_fifo(url);
        Ok(Outgoing {
            url: url.to_owned(),
            body,
            group: if fifo {
                Some(message.shipment.to_string())
            } else {
                message.tenant.as_ref().map(ToString::to_string)
            },
            deduplication: fifo.then(|| format!("{}/{}", message.id(), message.resends)),
            delay: if fifo { Duration::ZERO } else { delay.min(MAX_DELAY) },
            attributes: Vec::new(),
        })
    }

    /// A message of the function to itself: the next page of a long job.
    ///
    /// # Errors
    /// When the data cannot be written as JSON.
    pub fn next_page(&self, kind: &str, data: &impl Serialize) -> Result<Outgoing, UnknownQueue> {
        let damaged = |error: serde_json::Error| UnknownQueue::Damaged(error.to_string());
        let data = serde_json::to_string(data).map_err(damaged)?;
        let id = fingerprint(&[kind, &data]);
        let url = self.own.1.clone();
        let fifo = is_fifo(&url);
        let body = serde_json::json!({
            "specversion": "1.0",
            "id": id,
            "source": "urn:flotilla:fleet",
            "type": kind,
            "data": serde_json::from_str::<serde_json::Value>(&data).map_err(damaged)?,
        });
        Ok(Outgoing {
            url,
            body: body.to_string(),
            group: fifo.then(|| kind.to_owned()),
            deduplication: fifo.then_some(id),
            delay: Duration::ZERO,
            attributes: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flotilla_task::{Epoch, Payload, ShipmentId, TaskId, Tenant};

    fn message(stage: Stage) -> StageMessage {
        StageMessage {
            task: TaskId::new("t-1").unwrap(),
            shipment: ShipmentId::new("SHP-1").unwrap(),
            tenant: Some(Tenant::new("acme").unwrap()),
            stage,
            epoch: Epoch::new(2),
            resends: 0,
            hops: 1,
            trace: None,
            payload: Payload::from_json("{}".into()),
        }
    }

    fn router(suffix: &str) -> Router {
        let url = |name: &str| Some(format!("http://sqs/{name}{suffix}"));
        let next = NextQueues {
            processing: url("processing"),
            decision: url("decision"),
            communication: url("communication"),
            state: url("state"),
        };
        Router::new(Stage::Ingestion, format!("http://sqs/ingestion{suffix}"), next)
    }

    /// Also after a wait, which sends the stored message once more.
    #[test]
    fn on_standard_queues_the_group_is_the_tenant_at_every_stage() {
        for stage in Stage::ALL {
            let sent = router("").address(&message(stage), Duration::from_secs(30)).unwrap();
            assert_eq!(sent.group.as_deref(), Some("acme"), "{stage}");
            assert_eq!((sent.deduplication, sent.delay), (None, Duration::from_secs(30)));
        }
        let nobodys = StageMessage { tenant: None, ..message(Stage::State) };
        assert_eq!(router("").address(&nobodys, Duration::ZERO).unwrap().group, None);
    }

    #[test]
    fn on_fifo_queues_the_group_is_the_shipment() {
        let sent = router(".fifo").address(&message(Stage::State), Duration::from_secs(30));
        let sent = sent.unwrap();
        assert_eq!(sent.group.as_deref(), Some("SHP-1"));
        assert!(sent.deduplication.is_some() && sent.delay.is_zero());
    }
}
