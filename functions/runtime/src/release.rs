//! Releasing parked events: an identifier has got its shipment, and what waited
//! for it goes back to the ingestion queue as it came.
//!
//! An event is forgotten only after its message has left, so a crash between
//! costs a duplicate, which ingestion recognises. The race with an event that is
//! just being parked is closed on the other side: ingestion parks, then looks
//! at the index once more.

use crate::queue::{Outgoing, Queues, is_fifo};
use flotilla_shipment::identifier::Identifier;
use flotilla_shipment::ports::Index;
use flotilla_task::{Failure, fingerprint};
use std::time::Duration;

/// Sends the events that wait for an identifier, and forgets them. Returns how
/// many there were.
///
/// # Errors
/// A retryable [`Failure`] when the store or the queue did not answer; what had
/// left by then is not sent again, or is recognised.
pub async fn release(
    index: &impl Index,
    queues: &impl Queues,
    ingestion_url: &str,
    identifier: &Identifier,
) -> Result<usize, Failure> {
    let parked = index.parked(identifier).await?;
    let fifo = is_fifo(ingestion_url);
    let messages: Vec<_> = parked
        .iter()
        .map(|event| Outgoing {
            url: ingestion_url.to_owned(),
            body: event.body.clone(),
            group: fifo.then(|| identifier.index_key()),
            deduplication: fifo.then(|| {
                let since = event.parked_at.as_millis().to_string();
                fingerprint(&[event.source.as_str(), event.event.as_str(), &since])
            }),
            delay: Duration::ZERO,
            attributes: Vec::new(),
        })
        .collect();
    if messages.is_empty() {
        return Ok(0);
    }
    let answers = queues.send(ingestion_url, &messages).await;
    for (event, answer) in parked.iter().zip(answers) {
        answer.map_err(|error| Failure::retry(error.to_string()))?;
        index.unpark(identifier, event).await?;
        tracing::info!(event = %event.event, %identifier, "released");
    }
    Ok(messages.len())
}
