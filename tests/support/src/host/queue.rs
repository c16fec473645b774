//! An SQS queue, as far as a host needs it.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, Message, MessageSystemAttributeName,
    QueueAttributeName, SendMessageBatchRequestEntry,
};
use std::collections::HashMap;
use std::time::Duration;

/// The most messages that SQS hands out in one answer.
const MOST: usize = 10;

/// A queue did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct QueueError(String);

fn failed(error: impl std::error::Error) -> QueueError {
    QueueError(DisplayErrorContext(&error).to_string())
}

/// A queue.
#[derive(Debug, Clone)]
pub struct Queue {
    client: Client,
    /// Its URL.
    pub url: String,
}

/// How many messages it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depth {
    /// Waiting.
    pub visible: u32,
    /// Handed out and not deleted.
    pub in_flight: u32,
    /// Sent with a delay that has not passed.
    pub delayed: u32,
}

impl Depth {
    /// Nothing is in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

impl Queue {
    /// The queue at that URL. The client must be patient: an answer that it does
    /// not wait for takes messages with it until their visibility timeout.
    #[must_use]
    pub const fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }

    /// Makes a queue.
    ///
    /// # Errors
    /// [`QueueError`], as for all of these.
    pub async fn create(
        client: &Client,
        name: &str,
        attributes: HashMap<QueueAttributeName, String>,
    ) -> Result<Self, QueueError> {
        let call = client.create_queue().queue_name(name).set_attributes(Some(attributes));
        let made = call.send().await.map_err(failed)?;
        Ok(Self::new(client.clone(), made.queue_url.unwrap_or_default()))
    }

    /// Removes it.
    ///
    /// # Errors
    /// [`QueueError`].
    pub async fn remove(&self) -> Result<(), QueueError> {
        self.client.delete_queue().queue_url(&self.url).send().await.map_err(failed)?;
        Ok(())
    }

    /// One of its attributes; empty when it has none of that name.
    ///
    /// # Errors
    /// [`QueueError`].
    pub async fn attribute(&self, name: QueueAttributeName) -> Result<String, QueueError> {
        let all = self.attributes().await?;
        Ok(all.get(&name).cloned().unwrap_or_default())
    }

    /// How many messages it holds.
    ///
    /// # Errors
    /// [`QueueError`].
    pub async fn depth(&self) -> Result<Depth, QueueError> {
        use QueueAttributeName as Name;
        let all = self.attributes().await?;
        let read = |name| all.get(&name).and_then(|count| count.parse().ok()).unwrap_or(0);
        Ok(Depth {
            visible: read(Name::ApproximateNumberOfMessages),
            in_flight: read(Name::ApproximateNumberOfMessagesNotVisible),
            delayed: read(Name::ApproximateNumberOfMessagesDelayed),
        })
    }

    /// Sends up to ten messages.
    ///
    /// # Errors
    /// [`QueueError`], also when one of them was not taken.
    pub async fn send(&self, bodies: &[&str]) -> Result<(), QueueError> {
        let entry = |(at, body): (usize, &&str)| {
            SendMessageBatchRequestEntry::builder().id(at.to_string()).message_body(*body).build()
        };
        let entries: Result<Vec<_>, _> = bodies.iter().enumerate().map(entry).collect();
        let call = self.client.send_message_batch().queue_url(&self.url);
        let call = call.set_entries(Some(entries.map_err(failed)?));
        let answer = call.send().await.map_err(failed)?;
        match answer.failed().first() {
            Some(failed) => Err(QueueError(format!("a message was not taken: {failed:?}"))),
            None => Ok(()),
        }
    }

    /// Receives up to so many messages. Waits for the first; more than one answer
    /// holds are asked for until an answer is empty.
    ///
    /// # Errors
    /// [`QueueError`].
    pub async fn receive(&self, most: usize, wait: Duration) -> Result<Vec<Message>, QueueError> {
        let mut messages = Vec::new();
        loop {
            let ask = (most - messages.len()).min(MOST);
            let answer = self
                .client
                .receive_message()
                .queue_url(&self.url)
                .max_number_of_messages(i32::try_from(ask).unwrap_or(1))
                .wait_time_seconds(i32::try_from(wait.as_secs()).unwrap_or(1))
                .message_attribute_names("All")
                .message_system_attribute_names(MessageSystemAttributeName::All)
                .send()
                .await
                .map_err(failed)?;
            let more = answer.messages.unwrap_or_default();
            let full = more.is_empty() || most <= MOST || messages.len() + more.len() >= most;
            messages.extend(more);
            if full {
                return Ok(messages);
            }
        }
    }

    /// Deletes a received message. One that has been handed out again since is
    /// not this receiver's to delete.
    ///
    /// # Errors
    /// [`QueueError`].
    pub async fn delete(&self, message: &Message) -> Result<(), QueueError> {
        let call = self.client.delete_message().queue_url(&self.url);
        call.set_receipt_handle(message.receipt_handle.clone()).send().await.map_err(failed)?;
        Ok(())
    }

    /// Shows received messages again, as if their visibility timeout were over.
    ///
    /// # Errors
    /// [`QueueError`].
    pub async fn show(&self, messages: &[Message]) -> Result<(), QueueError> {
        for run in messages.chunks(MOST) {
            let entry = |(at, message): (usize, &Message)| {
                ChangeMessageVisibilityBatchRequestEntry::builder()
                    .id(at.to_string())
                    .set_receipt_handle(message.receipt_handle.clone())
                    .visibility_timeout(0)
                    .build()
            };
            let entries: Result<Vec<_>, _> = run.iter().enumerate().map(entry).collect();
            let call = self.client.change_message_visibility_batch().queue_url(&self.url);
            let call = call.set_entries(Some(entries.map_err(failed)?));
            call.send().await.map_err(failed)?;
        }
        Ok(())
    }

    async fn attributes(&self) -> Result<HashMap<QueueAttributeName, String>, QueueError> {
        let call = self.client.get_queue_attributes().queue_url(&self.url);
        let answer = call.attribute_names(QueueAttributeName::All).send().await.map_err(failed)?;
        Ok(answer.attributes.unwrap_or_default())
    }
}
