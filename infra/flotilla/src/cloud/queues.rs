//! Queues: how deep they are, what lies in the dead-letter queues, sending.

use super::Cloud;
use crate::books::{DeadLetter, items};
use crate::error::Error;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, Message, QueueAttributeName,
    SendMessageBatchRequestEntry,
};
use flotilla_task::Stage;
use std::collections::BTreeSet;

/// How many messages a queue holds, as SQS estimates it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depth {
    /// Waiting.
    pub visible: u64,
    /// Received and not yet acknowledged.
    pub in_flight: u64,
    /// Sent with a delay that has not passed.
    pub delayed: u64,
}

impl Depth {
    /// Whether nothing is in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.visible == 0 && self.in_flight == 0 && self.delayed == 0
    }
}

/// One message to send.
#[derive(Debug, Clone)]
pub struct Outgoing<'a> {
    /// Its body.
    pub body: &'a str,
    /// Whose traffic it is: the message group, for fairness.
    pub tenant: &'a str,
    /// Sets copies apart on a FIFO queue, which would swallow equal ones.
    pub copy: &'a str,
}

/// How long a dead letter stays hidden while it is read.
const READING_SECONDS: i32 = 60;

impl Cloud {
    /// How deep a queue is.
    ///
    /// # Errors
    /// [`Error::Environment`] when SQS does not answer; so for the others here.
    pub async fn depth(&self, url: &str) -> Result<Depth, Error> {
        let answer = self
            .sqs
            .get_queue_attributes()
            .queue_url(url)
            .attribute_names(QueueAttributeName::ApproximateNumberOfMessages)
            .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)
            .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesDelayed)
            .send()
            .await
            .map_err(|error| Error::aws(&format!("reading the depth of {url}"), &error))?;
        let read = |name: &QueueAttributeName| -> u64 {
            let values = answer.attributes();
            values.and_then(|map| map.get(name)).and_then(|text| text.parse().ok()).unwrap_or(0)
        };
        Ok(Depth {
            visible: read(&QueueAttributeName::ApproximateNumberOfMessages),
            in_flight: read(&QueueAttributeName::ApproximateNumberOfMessagesNotVisible),
            delayed: read(&QueueAttributeName::ApproximateNumberOfMessagesDelayed),
        })
    }

    /// Sends up to ten messages and says which of them SQS took.
    ///
    /// # Errors
    /// [`Error::Environment`]; some may have been sent nevertheless.
    pub async fn send(&self, url: &str, batch: &[Outgoing<'_>]) -> Result<Vec<bool>, Error> {
        let tried = format!("sending to {url}");
        let fifo = url.ends_with(".fifo");
        let mut request = self.sqs.send_message_batch().queue_url(url);
        for (number, message) in batch.iter().enumerate() {
            let mut entry = SendMessageBatchRequestEntry::builder()
                .id(number.to_string())
                .message_body(message.body)
                .message_group_id(message.tenant);
            if fifo {
                entry = entry.message_deduplication_id(message.copy);
            }
            request = request.entries(entry.build().map_err(|error| Error::aws(&tried, &error))?);
        }
        let answer = request.send().await.map_err(|error| Error::aws(&tried, &error))?;
        let taken: BTreeSet<&str> = answer.successful().iter().map(|entry| entry.id()).collect();
        Ok((0..batch.len()).map(|number| taken.contains(number.to_string().as_str())).collect())
    }

    /// Reads every message of a stage's dead-letter queue and leaves it there.
    ///
    /// # Errors
    /// See [`Self::depth`].
    pub async fn dead_letters(&self, stage: Stage) -> Result<Vec<DeadLetter>, Error> {
        let url = self.stack.dead_letters(stage)?;
        let mut seen = BTreeSet::new();
        let mut letters = Vec::new();
        let mut empty = 0;
        // One empty answer may come from servers that hold none of the messages.
        while empty < 2 {
            let messages = self.receive(url).await?;
            if messages.is_empty() {
                empty += 1;
                continue;
            }
            for message in &messages {
                if seen.insert(message.message_id().unwrap_or_default().to_owned()) {
                    letters.push((items::dead_letter(stage, message), handle(message)));
                }
            }
        }
        for handles in letters.chunks(10) {
            self.show_again(url, handles.iter().map(|(_, handle)| handle)).await?;
        }
        Ok(letters.into_iter().map(|(letter, _)| letter).collect())
    }

    async fn receive(&self, url: &str) -> Result<Vec<Message>, Error> {
        let answer = self
            .sqs
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(10)
            .visibility_timeout(READING_SECONDS)
            .wait_time_seconds(1)
            .message_attribute_names("All")
            .send()
            .await
            .map_err(|error| Error::aws(&format!("reading {url}"), &error))?;
        Ok(answer.messages.unwrap_or_default())
    }

    async fn show_again(
        &self,
        url: &str,
        handles: impl Iterator<Item = &String>,
    ) -> Result<(), Error> {
        let tried = format!("giving messages back to {url}");
        let mut request = self.sqs.change_message_visibility_batch().queue_url(url);
        for (number, handle) in handles.enumerate() {
            let entry = ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(number.to_string())
                .receipt_handle(handle)
                .visibility_timeout(0)
                .build()
                .map_err(|error| Error::aws(&tried, &error))?;
            request = request.entries(entry);
        }
        // A single handle that ran out is no harm: its message shows by itself.
        request.send().await.map(|_| ()).map_err(|error| Error::aws(&tried, &error))
    }
}

fn handle(message: &Message) -> String {
    message.receipt_handle().unwrap_or_default().to_owned()
}
