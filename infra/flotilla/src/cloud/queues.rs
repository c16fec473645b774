//! Queues: how deep they are, what lies in the dead-letter queues, sending.

use super::Cloud;
use super::reading::{Because, all};
use crate::books::DeadLetter;
use crate::error::Error;
use aws_sdk_sqs::types::{QueueAttributeName, SendMessageBatchRequestEntry};
use flotilla_task::{Stage, SystemClock};
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
    /// All of them.
    #[must_use]
    pub const fn all(&self) -> u64 {
        self.visible + self.in_flight + self.delayed
    }

    /// Whether nothing is in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.all() == 0
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

    /// Reads every message of a stage's dead-letter queue that is not hidden, and leaves
    /// it there.
    ///
    /// # Errors
    /// See [`Self::depth`]; also when there are too many to be read.
    pub async fn dead_letters(&self, stage: Stage) -> Result<Vec<DeadLetter>, Error> {
        let read = all(&self.letter_box(stage)?, None, &SystemClock, |_| ()).await?;
        if read.unseen.because == Some(Because::Unread) {
            let tried = format!("reading the dead letters of {stage}");
            let problem = format!("there are more than the {} that were read", read.letters.len());
            return Err(Error::environment(&tried, problem, "Redrive or drop some first."));
        }
        Ok(read.letters.into_iter().map(|letter| letter.told).collect())
    }
}
