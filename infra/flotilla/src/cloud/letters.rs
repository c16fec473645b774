//! Dead letters as they lie in their queues: read, sent back, deleted, left there.
//!
//! Reading one hides it from everybody else for a while. Who reads and does not
//! delete makes it visible again; who dies in between leaves that to SQS.

use super::Cloud;
use crate::books::{DeadLetter, items};
use crate::error::Error;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, Message,
    MessageAttributeValue, MessageSystemAttributeName,
};
use flotilla_runtime::queue::is_fifo;
use flotilla_task::envelope::Envelope;
use flotilla_task::{Stage, Timestamp, fingerprint};
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

/// The most that one call takes.
const BATCH: usize = 10;
/// The attributes that make a message a dead letter. SQS allows ten in all, and they
/// would be wrong once it is no dead letter any more.
const OF_A_LETTER: [&str; 4] = ["reason", "reason_code", "original_message_id", "task"];

/// One dead letter.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    /// What it tells: whose it is, the reason, the task.
    pub told: DeadLetter,
    /// SQS's id of it.
    pub id: String,
    /// The handle of this receive.
    pub receipt: String,
    /// Its body.
    pub body: String,
    /// Its message group: on FIFO queues the shipment.
    pub group: Option<String>,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
    /// How often it was received, as SQS counts it.
    pub receives: u32,
    /// Attributes that came with the message itself.
    pub others: HashMap<String, MessageAttributeValue>,
}

/// A dead-letter queue, as far as letters are read and moved.
pub trait LetterBox {
    /// Whether letters of a group show only in their order, and none while others of the
    /// group are hidden.
    fn is_fifo(&self) -> bool;

    /// Up to ten letters, hidden from others for so long.
    fn receive(&self, hidden: Duration) -> impl Future<Output = Result<Vec<Letter>, Error>>;

    /// Sends a letter back to the queue that it was meant for.
    fn send_on(&self, letter: &Letter) -> impl Future<Output = Result<(), Error>>;

    /// Deletes letters; says of each whether it is gone.
    fn delete(&self, letters: &[Letter]) -> impl Future<Output = Result<Vec<bool>, Error>>;

    /// Makes letters visible again.
    fn give_back(&self, letters: &[Letter]) -> impl Future<Output = Result<(), Error>>;
}

/// The dead-letter queue of a stage.
#[derive(Debug, Clone, Copy)]
pub struct SqsLetters<'a> {
    sqs: &'a aws_sdk_sqs::Client,
    stage: Stage,
    dead: &'a str,
    queue: &'a str,
}

impl Cloud {
    /// The dead-letter queue of a stage.
    ///
    /// # Errors
    /// [`Error::Environment`] when the stack has no such output.
    pub fn letter_box(&self, stage: Stage) -> Result<SqsLetters<'_>, Error> {
        let (dead, queue) = (self.stack.dead_letters(stage)?, self.stack.queue(stage)?);
        Ok(SqsLetters { sqs: &self.sqs, stage, dead, queue })
    }
}

impl LetterBox for SqsLetters<'_> {
    fn is_fifo(&self) -> bool {
        is_fifo(self.dead)
    }

    async fn receive(&self, hidden: Duration) -> Result<Vec<Letter>, Error> {
        let answer = self
            .sqs
            .receive_message()
            .queue_url(self.dead)
            .max_number_of_messages(10)
            .visibility_timeout(i32::try_from(hidden.as_secs()).unwrap_or(i32::MAX))
            .wait_time_seconds(1)
            .message_attribute_names("All")
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .send()
            .await
            .map_err(|error| Error::aws(&format!("reading {}", self.dead), &error))?;
        Ok(answer.messages().iter().map(|message| letter(self.stage, message)).collect())
    }

    async fn send_on(&self, letter: &Letter) -> Result<(), Error> {
        let (group, deduplication) = address(self.queue, letter);
        self.sqs
            .send_message()
            .queue_url(self.queue)
            .message_body(&letter.body)
            .set_message_group_id(group)
            .set_message_deduplication_id(deduplication)
            .set_message_attributes(Some(letter.others.clone()))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| Error::aws(&format!("sending a letter to {}", self.queue), &error))
    }

    async fn delete(&self, letters: &[Letter]) -> Result<Vec<bool>, Error> {
        let tried = format!("deleting letters from {}", self.dead);
        let mut gone = Vec::with_capacity(letters.len());
        for run in letters.chunks(BATCH) {
            let mut request = self.sqs.delete_message_batch().queue_url(self.dead);
            for (at, letter) in run.iter().enumerate() {
                let entry = DeleteMessageBatchRequestEntry::builder()
                    .id(at.to_string())
                    .receipt_handle(&letter.receipt)
                    .build()
                    .map_err(|error| Error::aws(&tried, &error))?;
                request = request.entries(entry);
            }
            let answer = request.send().await.map_err(|error| Error::aws(&tried, &error))?;
            let taken: BTreeSet<&str> =
                answer.successful().iter().map(|entry| entry.id()).collect();
            gone.extend((0..run.len()).map(|at| taken.contains(at.to_string().as_str())));
        }
        Ok(gone)
    }

    async fn give_back(&self, letters: &[Letter]) -> Result<(), Error> {
        let tried = format!("giving letters back to {}", self.dead);
        for run in letters.chunks(BATCH) {
            let mut request = self.sqs.change_message_visibility_batch().queue_url(self.dead);
            for (at, letter) in run.iter().enumerate() {
                let entry = ChangeMessageVisibilityBatchRequestEntry::builder()
                    .id(at.to_string())
                    .receipt_handle(&letter.receipt)
                    .visibility_timeout(0)
                    .build()
                    .map_err(|error| Error::aws(&tried, &error))?;
                request = request.entries(entry);
            }
            // A single handle that ran out is no harm: its message shows by itself.
            request.send().await.map_err(|error| Error::aws(&tried, &error))?;
        }
        Ok(())
    }
}

fn letter(stage: Stage, message: &Message) -> Letter {
    let system = |name| message.attributes().and_then(|all| all.get(&name)).cloned();
    let sent = system(MessageSystemAttributeName::SentTimestamp);
    let receives = system(MessageSystemAttributeName::ApproximateReceiveCount);
    let mut others = message.message_attributes().cloned().unwrap_or_default();
    others.retain(|name, _| !OF_A_LETTER.contains(&name.as_str()));
    Letter {
        told: items::dead_letter(stage, message),
        id: message.message_id().unwrap_or_default().to_owned(),
        receipt: message.receipt_handle().unwrap_or_default().to_owned(),
        body: message.body().unwrap_or_default().to_owned(),
        group: system(MessageSystemAttributeName::MessageGroupId),
        sent_at: sent.and_then(|at| at.parse().ok()).map(Timestamp::from_millis),
        receives: receives.and_then(|count| count.parse().ok()).unwrap_or(0),
        others,
    }
}

/// Message group and deduplication id of a letter that goes back to its queue.
///
/// FIFO queues swallow a message with the deduplication id of one that they took
/// within five minutes, which the dead message itself may be: it gets one of its own,
/// the same each time this letter is sent. On standard queues the group is the tenant,
/// as when it was first sent.
fn address(queue: &str, letter: &Letter) -> (Option<String>, Option<String>) {
    if is_fifo(queue) {
        let group = letter.group.clone().unwrap_or_else(|| letter.id.clone());
        return (Some(group), Some(fingerprint(&["redriven", &letter.id])));
    }
    let envelope = Envelope::parse(&letter.body).ok();
    let tenant = envelope.and_then(|envelope| envelope.tenant_id().ok().flatten());
    (tenant.map(|tenant| tenant.to_string()).or_else(|| letter.group.clone()), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> Message {
        let text = |value: &str| {
            let value = MessageAttributeValue::builder().data_type("String").string_value(value);
            value.build().unwrap()
        };
        let body = r#"{"specversion": "1.0", "id": "e", "source": "urn:t", "type": "x.v1",
            "task": "t-9", "tenant": "acme"}"#;
        Message::builder()
            .message_id("m-1")
            .receipt_handle("r-1")
            .body(body)
            .attributes(MessageSystemAttributeName::SentTimestamp, "1795000000000")
            .attributes(MessageSystemAttributeName::ApproximateReceiveCount, "3")
            .attributes(MessageSystemAttributeName::MessageGroupId, "SHP-1")
            .message_attributes("reason", text("it broke"))
            .message_attributes("reason_code", text("failed"))
            .message_attributes("original_message_id", text("m-0"))
            .message_attributes("task", text("t-9"))
            .message_attributes("desk", text("7"))
            .build()
    }

    #[test]
    fn a_letter_is_read_and_its_reason_does_not_travel_on() {
        let letter = letter(Stage::Decision, &message());
        assert_eq!((letter.id.as_str(), letter.receives), ("m-1", 3));
        assert_eq!(letter.sent_at, Some(Timestamp::from_millis(1_795_000_000_000)));
        assert_eq!(letter.told.code.as_deref(), Some("failed"));
        assert_eq!(letter.told.task.as_deref(), Some("t-9"));
        let others: Vec<_> = letter.others.keys().map(String::as_str).collect();
        assert_eq!(others, ["desk"]);
    }

    #[test]
    fn a_letter_goes_back_to_its_shipments_line_or_its_tenants() {
        let letter = letter(Stage::Decision, &message());
        let (group, once) = address("http://sqs/q.fifo", &letter);
        assert_eq!(group.as_deref(), Some("SHP-1"));
        assert_eq!(once, address("http://sqs/q.fifo", &letter).1, "sent twice, it is taken once");
        let other = Letter { id: "m-2".into(), ..letter.clone() };
        assert_ne!(once, address("http://sqs/q.fifo", &other).1);
        assert_eq!(address("http://sqs/q", &letter), (Some("acme".into()), None));
        let unread = Letter { body: "{".into(), group: None, ..letter };
        assert_eq!(address("http://sqs/q", &unread), (None, None));
    }
}
