//! Queues: what is sent, and the port it leaves through.

mod chunk;
mod letter;
mod router;
mod sqs;

pub use chunk::{MAX_BATCH_ENTRIES, MAX_MESSAGE_BYTES, chunks};
pub use letter::dead_letter;
pub use router::{Router, UnknownQueue};
pub use sqs::SqsQueues;

use std::future::Future;
use std::time::Duration;

/// The longest `DelaySeconds` SQS takes.
pub const MAX_DELAY: Duration = Duration::from_secs(900);
/// The longest visibility timeout SQS takes.
pub const MAX_VISIBILITY: Duration = Duration::from_secs(43_200);

/// A message on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The queue's URL.
    pub url: String,
    /// The body.
    pub body: String,
    /// FIFO: the shipment, in whose order messages are kept. Standard: the
    /// tenant, so that a noisy one does not delay the others.
    pub group: Option<String>,
    /// FIFO only: equal ids within five minutes are swallowed.
    pub deduplication: Option<String>,
    /// How long it stays invisible; standard queues only, at most [`MAX_DELAY`].
    pub delay: Duration,
    /// String attributes.
    pub attributes: Vec<(&'static str, String)>,
}

impl Outgoing {
    /// Its size as SQS counts it: body, and names, types and values of attributes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let attributes =
            self.attributes.iter().map(|(name, value)| name.len() + "String".len() + value.len());
        self.body.len() + attributes.sum::<usize>()
    }
}

/// Whether a queue keeps order.
#[must_use]
pub fn is_fifo(url: &str) -> bool {
    url.ends_with(".fifo")
}

/// A message was not taken. Its record's replay sends it again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("SQS did not take the message: {0}")]
pub struct NotSent(pub String);

/// Where messages leave, and where received ones go back.
pub trait Queues: Send + Sync {
    /// Sends to one queue; one answer for each message, in order.
    fn send(
        &self,
        url: &str,
        messages: &[Outgoing],
    ) -> impl Future<Output = Vec<Result<(), NotSent>>> + Send;

    /// Sets when received messages (by receipt handle) are visible again. A
    /// failure is no harm: the queue's own visibility timeout applies then.
    fn give_back(
        &self,
        url: &str,
        messages: &[(String, Duration)],
    ) -> impl Future<Output = ()> + Send;
}
