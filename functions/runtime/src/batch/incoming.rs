//! What SQS delivers, as far as the loop needs it.
//!
//! `aws_lambda_events` has a type for all that stands in such an event. Most of it would
//! be copied for each record and never looked at.

use flotilla_task::Timestamp;
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::str::FromStr;

/// A Lambda event of a queue.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct SqsEvent {
    /// The messages.
    #[serde(rename = "Records")]
    pub records: Vec<Incoming>,
}

/// A received message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Incoming {
    /// SQS's id of the message; empty when there was none.
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

/// A message in the event's words.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    message_id: Option<String>,
    receipt_handle: Option<String>,
    body: Option<String>,
    #[serde(borrow)]
    attributes: Option<Attributes<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attributes<'a> {
    #[serde(borrow)]
    approximate_receive_count: Option<Cow<'a, str>>,
    message_group_id: Option<String>,
    #[serde(borrow)]
    sent_timestamp: Option<Cow<'a, str>>,
}

impl<'de> Deserialize<'de> for Incoming {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let record = Record::deserialize(from)?;
        let attributes = record.attributes.unwrap_or_default();
        Ok(Self {
            id: record.message_id.unwrap_or_default(),
            receipt: record.receipt_handle.unwrap_or_default(),
            body: record.body.unwrap_or_default(),
            receives: number(attributes.approximate_receive_count).unwrap_or(1),
            group: attributes.message_group_id,
            sent_at: number(attributes.sent_timestamp).map(Timestamp::from_millis),
        })
    }
}

fn number<T: FromStr>(text: Option<Cow<'_, str>>) -> Option<T> {
    text?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lambda_events::event::sqs::SqsEvent as Whole;

    const PROCESSING: &str = include_str!("../../../../events/lambda/processing.json");

    /// The library's type is the reference for what stands where.
    #[test]
    fn a_message_is_read_as_the_library_reads_it() {
        let read: SqsEvent = serde_json::from_str(PROCESSING).unwrap();
        let whole: Whole = serde_json::from_str(PROCESSING).unwrap();
        let (read, whole) = (&read.records[0], &whole.records[0]);
        assert_eq!(Some(&read.id), whole.message_id.as_ref());
        assert_eq!(Some(&read.receipt), whole.receipt_handle.as_ref());
        assert_eq!(Some(&read.body), whole.body.as_ref());
        assert_eq!(read.receives.to_string(), whole.attributes["ApproximateReceiveCount"]);
        assert_eq!(read.group.as_ref(), whole.attributes.get("MessageGroupId"));
        let sent_at = read.sent_at.unwrap().as_millis().to_string();
        assert_eq!(sent_at, whole.attributes["SentTimestamp"]);
    }

    #[test]
    fn what_is_not_said_has_a_default() {
        for record in [
            "{}",
            r#"{"messageId":null,"body":null,"attributes":null}"#,
            r#"{"attributes":{"SentTimestamp":"soon","ApproximateReceiveCount":"-1"}}"#,
        ] {
            let read: Incoming = serde_json::from_str(record).unwrap();
            assert_eq!(read, Incoming { receives: 1, ..Incoming::default() }, "{record}");
        }
        assert!(serde_json::from_str::<SqsEvent>(r#"{"Records":{}}"#).is_err());
        assert!(serde_json::from_str::<SqsEvent>("{}").is_err());
    }
}
