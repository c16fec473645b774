//! Questions: what do you know of this shipment?

use crate::reply::{Replies, reply};
use flotilla_runtime::batch::{Call, Handled};
use flotilla_runtime::queue::MAX_MESSAGE_BYTES;
use flotilla_runtime::settings::Settings;
use flotilla_runtime::stage::refuse;
use flotilla_shipment::answers::{Answers, Page};
use flotilla_task::envelope::Envelope;
use flotilla_task::{Reason, ReasonCode, ShipmentId};
use serde::Deserialize;

/// Answers questions.
#[derive(Debug)]
pub struct Retrieve<R> {
    /// What is known.
    pub records: R,
    /// Who may be answered.
    pub replies: Replies,
}

#[derive(Deserialize)]
struct Question {
    shipment: ShipmentId,
    reply_to: String,
    #[serde(default)]
    page: Page,
}

impl<R: Answers> Retrieve<R> {
    /// Answers one question.
    pub async fn answer(&self, call: Call<'_>, settings: &Settings) -> Handled {
        let receives = call.incoming.receives;
        let question = match self.read(call.envelope) {
            Ok(question) => question,
            Err(reason) => return refuse(reason, receives, settings),
        };
        let known = match self.records.known(&question.shipment, &question.page).await {
            Ok(known) => known,
            Err(error) => {
                tracing::warn!(%error, "the question goes back");
                return Handled::back_off(receives);
            }
        };
        let to = ("flotilla.retrieved.v1", question.reply_to.as_str(), &question.shipment);
        match reply(call.envelope, to, &known) {
            Ok(message) if message.bytes() <= MAX_MESSAGE_BYTES => Handled::sending(vec![message]),
            Ok(message) => {
                let text = format!("the answer has {} bytes, too many to send", message.bytes());
                Handled::dead_letter(Reason::new(ReasonCode::TooLarge, text))
            }
            Err(reason) => Handled::dead_letter(reason),
        }
    }

    fn read(&self, envelope: &Envelope<'_>) -> Result<Question, Reason> {
        let invalid = |text: String| Reason::new(ReasonCode::InvalidField, text);
        let question: Question = serde_json::from_str(envelope.data()?)
            .map_err(|error| invalid(format!("data: {error}")))?;
        question.page.check().map_err(|error| invalid(error.to_string()))?;
        self.replies.check(&question.reply_to)?;
        Ok(question)
    }
}
