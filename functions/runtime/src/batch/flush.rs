//! The one flush that ends an invocation.
//!
//! First everything leaves that must leave, then messages go back. A record
//! whose sends failed goes back too; its replay finds the committed task and
//! sends the stored message again.

use super::{BatchLoop, Handled, Handler, Incoming, Verdict};
use crate::queue::{MAX_MESSAGE_BYTES, Outgoing, Queues, dead_letter, is_fifo};
use crate::telemetry::About;
use flotilla_crashpoint::{Point, reach};
use flotilla_task::Clock;
use flotilla_task::envelope::Envelope;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Flushes and returns the ids of the records that go back.
pub(super) async fn flush<H: Handler, Q: Queues, C: Clock>(
    batch: &BatchLoop<H, Q, C>,
    mut handled: Vec<(&Incoming, Handled)>,
) -> Vec<String> {
    let mut outbox: BTreeMap<String, (Vec<usize>, Vec<Outgoing>)> = BTreeMap::new();
    let mut back: BTreeMap<usize, Duration> = BTreeMap::new();
    for (at, (incoming, handled)) in handled.iter_mut().enumerate() {
        let mut send = std::mem::take(&mut handled.send);
        match &handled.verdict {
            Verdict::Acknowledge => {}
            Verdict::GiveBack { delay } => {
                back.insert(at, *delay);
            }
            Verdict::DeadLetter(reason) => {
                let url = &batch.settings.dead_letter_url;
                let group = incoming.group.as_deref();
                let letter = dead_letter(url, &incoming.body, &incoming.id, group, reason);
                if letter.bytes() <= MAX_MESSAGE_BYTES {
                    send.push(letter);
                } else {
                    // No room for the reason: SQS's own redrive moves it after
                    // its last receive, and this line holds the reason.
                    about(incoming).enter(|| {
                        tracing::error!(message_id = %incoming.id, %reason, "left to redrive");
                    });
                    back.insert(at, Duration::ZERO);
                }
            }
        }
        for message in send {
            let to = match outbox.get_mut(&message.url) {
                Some(to) => to,
                None => outbox.entry(message.url.clone()).or_default(),
            };
            to.0.push(at);
            to.1.push(message);
        }
    }
    reach(Point::Flushing);
    for (url, (records, messages)) in outbox {
        let answers = batch.queues.send(&url, &messages).await;
        for (at, answer) in records.into_iter().zip(answers) {
            match answer {
                Ok(()) => {
                    batch.meter.sent.add(1);
                    if url == batch.settings.dead_letter_url {
                        tell_letter(batch, handled.get(at));
                    }
                }
                Err(error) => {
                    let Some((incoming, _)) = handled.get(at) else { continue };
                    about(incoming).enter(|| {
                        let message_id = incoming.id.as_str();
                        tracing::warn!(message_id, %url, %error, "not sent, its record goes back");
                    });
                    back.entry(at).or_insert_with(|| {
                        super::BACKOFF.delay(incoming.receives, fastrand::f64())
                    });
                }
            }
        }
    }
    if is_fifo(&batch.settings.queue_url) {
        keep_order(&handled, &mut back);
    }
    batch.meter.returned.add(back.len() as u64);
    batch.meter.acknowledged.add((handled.len() - back.len()) as u64);
    let record = |at: &usize| handled.get(*at).map(|(incoming, _)| *incoming);
    let receipts: Vec<_> =
        back.iter().filter_map(|(at, delay)| Some((record(at)?.receipt.clone(), *delay))).collect();
    if !receipts.is_empty() {
        reach(Point::GivingBack);
        batch.queues.give_back(&batch.settings.queue_url, &receipts).await;
    }
    back.keys().filter_map(|at| Some(record(at)?.id.clone())).collect()
}

/// A record's letter has reached the dead-letter queue.
fn tell_letter<H, Q, C>(batch: &BatchLoop<H, Q, C>, record: Option<&(&Incoming, Handled)>) {
    if let Some((incoming, Handled { verdict: Verdict::DeadLetter(reason), .. })) = record {
        batch.meter.dead_lettered.add(1);
        about(incoming).enter(|| {
            tracing::warn!(message_id = %incoming.id, %reason, "to the dead-letter queue");
        });
    }
}

/// What a record is about, as far as it can be read.
fn about(incoming: &Incoming) -> About {
    Envelope::parse(&incoming.body).map_or_else(|_| About::here(), |read| About::record(&read))
}

/// On a FIFO queue, whatever follows a record that goes back goes back with it.
fn keep_order(handled: &[(&Incoming, Handled)], back: &mut BTreeMap<usize, Duration>) {
    let mut stopped: BTreeSet<&str> = BTreeSet::new();
    for (at, (incoming, _)) in handled.iter().enumerate() {
        let Some(group) = incoming.group.as_deref() else { continue };
        if stopped.contains(group) {
            back.entry(at).or_insert(Duration::ZERO);
        } else if back.contains_key(&at) {
            stopped.insert(group);
        }
    }
}
