//! Answers to those who ask. They go to a queue that must be on the list of
//! allowed ones, or anybody who can send here could make the fleet send anywhere.

use flotilla_runtime::queue::{Outgoing, is_fifo};
use flotilla_task::envelope::Envelope;
use flotilla_task::{Reason, ReasonCode, ShipmentId, fingerprint};
use serde_json::Value;
use std::borrow::Cow;
use std::time::Duration;

/// Queues that may be answered to: the setting `REPLY_QUEUE_URLS`.
#[derive(Debug, Clone)]
pub struct Replies(pub Vec<String>);

impl Replies {
    /// Checks where an answer is wanted.
    pub(crate) fn check(&self, reply_to: &str) -> Result<(), Reason> {
        if self.0.iter().any(|allowed| allowed == reply_to) {
            return Ok(());
        }
        let text = format!("reply_to: {reply_to:?} is not an allowed queue");
        Err(Reason::new(ReasonCode::InvalidField, text))
    }
}

/// The answer to a question about a shipment. The same question, delivered twice,
/// has the same answer's id.
pub(crate) fn reply(
    asked: &Envelope<'_>,
    (kind, to, shipment): (&str, &str, &ShipmentId),
    answer: &Value,
) -> Result<Outgoing, Reason> {
    let wrong = |error: serde_json::Error| Reason::new(ReasonCode::Failed, error.to_string());
    let id = format!("{}/answer", asked.id);
    let data = serde_json::value::to_raw_value(answer).map_err(wrong)?;
    let body = serde_json::to_string(&Envelope {
        specversion: Cow::Borrowed("1.0"),
        id: Cow::Borrowed(&id),
        source: Cow::Borrowed("urn:flotilla:fleet"),
        kind: Cow::Borrowed(kind),
        subject: Some(Cow::Borrowed(shipment.as_str())),
        time: None,
        datacontenttype: Some(Cow::Borrowed("application/json")),
        tenant: asked.tenant.clone(),
        traceparent: asked.traceparent.clone(),
        task: None,
        stage: None,
        epoch: None,
        hops: None,
        resends: None,
        after: None,
        data: Some(&data),
    })
    .map_err(wrong)?;
    let fifo = is_fifo(to);
    Ok(Outgoing {
        url: to.to_owned(),
        body,
        group: fifo.then(|| shipment.to_string()),
        deduplication: fifo.then(|| fingerprint(&[&asked.source, &asked.id])),
        delay: Duration::ZERO,
        attributes: Vec::new(),
    })
}
