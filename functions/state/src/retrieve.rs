//! Questions: what do you know of this shipment? The answer goes to a queue
//! that must be on the list of allowed ones, or anybody who can send here could
//! make the fleet send anywhere.

use flotilla_runtime::batch::{Call, Handled};
use flotilla_runtime::queue::{MAX_MESSAGE_BYTES, Outgoing, is_fifo};
use flotilla_runtime::settings::Settings;
use flotilla_runtime::stage::refuse;
use flotilla_shipment::ports::Answers;
use flotilla_task::envelope::Envelope;
use flotilla_task::{Reason, ReasonCode, ShipmentId, fingerprint};
use serde::Deserialize;
use std::borrow::Cow;
use std::time::Duration;

/// Answers questions.
#[derive(Debug)]
pub struct Retrieve<R> {
    /// What is known.
    pub records: R,
    /// URLs that may be answered to: the setting `REPLY_QUEUE_URLS`.
    pub allowed: Vec<String>,
}

#[derive(Deserialize)]
struct Question {
    shipment: ShipmentId,
    reply_to: String,
}

impl<R: Answers> Retrieve<R> {
    /// Answers one question.
    pub async fn answer(&self, call: Call<'_>, settings: &Settings) -> Handled {
        let receives = call.incoming.receives;
        let question = match self.read(call.envelope) {
            Ok(question) => question,
            Err(reason) => return refuse(reason, receives, settings),
        };
        let known = match self.records.known(&question.shipment).await {
            Ok(known) => known,
            Err(error) => {
                tracing::warn!(%error, "the question goes back");
                return Handled::back_off(receives);
            }
        };
        match reply(call.envelope, &question, &known.to_string()) {
            Ok(message) if message.bytes() <= MAX_MESSAGE_BYTES => Handled::sending(vec![message]),
            Ok(message) => {
                let text = format!("the answer has {} bytes, too many to send", message.bytes());
                Handled::dead_letter(Reason::new(ReasonCode::TooLarge, text))
            }
            Err(error) => Handled::dead_letter(Reason::new(ReasonCode::Failed, error.to_string())),
        }
    }

    fn read(&self, envelope: &Envelope<'_>) -> Result<Question, Reason> {
        let question: Question = serde_json::from_str(envelope.data()?)
            .map_err(|error| Reason::new(ReasonCode::InvalidField, format!("data: {error}")))?;
        if !self.allowed.contains(&question.reply_to) {
            let text = format!("reply_to: {:?} is not an allowed queue", question.reply_to);
            return Err(Reason::new(ReasonCode::InvalidField, text));
        }
        Ok(question)
    }
}

fn reply(
    asked: &Envelope<'_>,
    question: &Question,
    known: &str,
) -> Result<Outgoing, serde_json::Error> {
    let id = format!("{}/answer", asked.id);
    let body = serde_json::to_string(&Envelope {
        specversion: Cow::Borrowed("1.0"),
        id: Cow::Borrowed(&id),
        source: Cow::Borrowed("urn:flotilla:fleet"),
        kind: Cow::Borrowed("flotilla.retrieved.v1"),
        subject: Some(Cow::Borrowed(question.shipment.as_str())),
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
        data: Some(serde_json::from_str(known)?),
    })?;
    let fifo = is_fifo(&question.reply_to);
    Ok(Outgoing {
        url: question.reply_to.clone(),
        body,
        group: fifo.then(|| question.shipment.to_string()),
        deduplication: fifo.then(|| fingerprint(&[&asked.source, &asked.id])),
        delay: Duration::ZERO,
        attributes: Vec::new(),
    })
}
