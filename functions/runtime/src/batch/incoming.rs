//! One SQS record, as far as the loop needs it.

use super::NoMessageId;
use aws_lambda_events::event::sqs::SqsMessage;
use flotilla_task::Timestamp;

/// A received message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Incoming {
    /// SQS's id of the message.
    pub id: String,
    /// The handle of this receive.
    pub receipt: String,
    /// The body; empty when there was none.
    pub body: String,
    /// How often it was received, this time included.
    pub receives: u32,
    /// Its message group.
    pub group: Option<String>,
    /// When it was sent, by SQS's clock.
    pub sent_at: Option<Timestamp>,
}

impl Incoming {
    /// Reads a record of the Lambda event.
    pub(super) fn read(message: SqsMessage) -> Result<Self, NoMessageId> {
        let attribute = |name: &str| message.attributes.get(name).cloned();
        Ok(Self {
            receives: attribute("ApproximateReceiveCount")
                .and_then(|count| count.parse().ok())
                .unwrap_or(1),
            group: attribute("MessageGroupId"),
            sent_at: attribute("SentTimestamp")
                .and_then(|millis| millis.parse().ok())
                .map(Timestamp::from_millis),
            id: message.message_id.filter(|id| !id.is_empty()).ok_or(NoMessageId)?,
            receipt: message.receipt_handle.unwrap_or_default(),
            body: message.body.unwrap_or_default(),
        })
    }
}
