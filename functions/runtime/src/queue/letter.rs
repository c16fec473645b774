//! Dead letters: a message as it came, with the reason as attributes.

use super::{Outgoing, is_fifo};
use flotilla_task::envelope::Envelope;
use flotilla_task::{Reason, ReasonCode};
use std::time::Duration;

/// The letter to a dead-letter queue. `origin` tells where the message came from:
/// the id under which SQS delivered it, or what it was kept under.
#[must_use]
pub fn dead_letter(
    url: &str,
    body: &str,
    origin: &str,
    group: Option<&str>,
    reason: &Reason,
) -> Outgoing {
    let fifo = is_fifo(url);
    let mut attributes = vec![
        ("reason", printable(&reason.text)),
        ("reason_code", ReasonCode::as_str(reason.code).to_owned()),
        ("original_message_id", printable(origin)),
    ];
    let envelope = Envelope::parse(body).ok();
    if let Some(task) = envelope.as_ref().and_then(|envelope| envelope.task.as_deref()) {
        attributes.push(("task", printable(task)));
    }
    Outgoing {
        group: fifo.then(|| group.unwrap_or(origin).to_owned()),
        deduplication: fifo.then(|| origin.to_owned()),
        url: url.to_owned(),
        body: body.to_owned(),
        delay: Duration::ZERO,
        attributes,
    }
}

/// An attribute must not be empty and takes XML's characters only.
fn printable(text: &str) -> String {
    let safe: String =
        text.chars().filter(|c| !c.is_control() && *c < '\u{fffe}').take(512).collect();
    if safe.is_empty() { "(none)".to_owned() } else { safe }
}
