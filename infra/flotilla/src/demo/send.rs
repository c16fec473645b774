//! Sends the plan at its pace, in batches that SQS takes, and keeps the first book.

use super::Options;
use super::live::{Live, now_ms};
use crate::books::SentBook;
use crate::cloud::Cloud;
use crate::cloud::queues::Outgoing;
use crate::error::Error;
use crate::generate::{Message, Plan};
use flotilla_task::Stage;
use std::cell::RefCell;
use std::time::{Duration, Instant};

/// What SQS takes in one batch.
const BATCH_ENTRIES: usize = 10;
const BATCH_BYTES: usize = 1_048_576;
/// Small batches are gathered for so long.
const TICK: Duration = Duration::from_millis(100);
/// How often a message is offered before SQS is believed to be out of order.
const OFFERS: u32 = 6;

pub(super) async fn run(
    cloud: &Cloud,
    plan: &Plan,
    run: &str,
    options: &Options,
    live: &RefCell<Live>,
) -> Result<SentBook, Error> {
    let url = cloud.stack.queue(Stage::Ingestion)?;
    let mut book =
        SentBook { run: run.to_owned(), seed: options.seed, entries: plan.entries.clone() };
    let begun = Instant::now();
    let mut rest = plan.messages.as_slice();
    while let Some(first) = rest.first() {
        let due = options.send_for.mul_f64(first.share.clamp(0.0, 1.0));
        tokio::time::sleep_until((begun + due).into()).await;
        let share = begun.elapsed().as_secs_f64() / options.send_for.as_secs_f64().max(0.001);
        let (batch, later) = rest.split_at(batch_length(plan, rest, share));
        offer(cloud, url, plan, batch, &mut book, live).await?;
        rest = later;
        if begun.elapsed() < options.send_for {
            tokio::time::sleep(TICK.mul_f64(0.2)).await;
        }
    }
    live.borrow_mut().all_sent = true;
    Ok(book)
}

/// How many of the next messages go together: those that are due, at most what
/// a batch may hold, at least one.
fn batch_length(plan: &Plan, rest: &[Message], share: f64) -> usize {
    let mut bytes = 0;
    let fits = |message: &&Message| {
        bytes += plan.bodies.get(message.entry).map_or(0, String::len);
        message.share <= share && bytes <= BATCH_BYTES
    };
    rest.iter().take(BATCH_ENTRIES).take_while(fits).count().max(1).min(rest.len())
}

/// Offers a batch until SQS has taken all of it.
async fn offer(
    cloud: &Cloud,
    url: &str,
    plan: &Plan,
    batch: &[Message],
    book: &mut SentBook,
    live: &RefCell<Live>,
) -> Result<(), Error> {
    let mut open: Vec<usize> = batch.iter().map(|message| message.entry).collect();
    let mut offers = 0;
    while !open.is_empty() {
        let copies: Vec<String> = open.iter().map(|entry| copy_name(book, *entry)).collect();
        let messages: Vec<_> = open
            .iter()
            .zip(&copies)
            .filter_map(|(entry, copy)| {
                let body = plan.bodies.get(*entry)?.as_str();
                Some(Outgoing { body, tenant: plan.tenants.get(*entry)?, copy })
            })
            .collect();
        let at = now_ms();
        offers += 1;
        let taken = match cloud.send(url, &messages).await {
            Ok(taken) => taken,
            // Some may have been taken: offering again makes duplicates, which the fleet bears.
            Err(error) if offers >= OFFERS => return Err(error),
            Err(_try_again) => vec![false; open.len()],
        };
        let mut left = Vec::new();
        for (entry, taken) in open.into_iter().zip(taken) {
            match book.entries.get_mut(entry) {
                Some(entry) if taken => {
                    entry.sent += 1;
                    entry.sent_at_ms.get_or_insert(at);
                    live.borrow_mut().sent += 1;
                }
                Some(_) | None => left.push(entry),
            }
        }
        if !left.is_empty() {
            if offers >= OFFERS {
                let problem = format!("{} messages were refused {OFFERS} times", left.len());
                let advice = "Is the queue the ingestion queue of this project's template?";
                return Err(Error::environment(&format!("sending to {url}"), problem, advice));
            }
            tokio::time::sleep(TICK * offers).await;
        }
        open = left;
    }
    Ok(())
}

fn copy_name(book: &SentBook, entry: usize) -> String {
    let sent = book.entries.get(entry).map_or(0, |entry| entry.sent);
    format!("{}-{entry}-{sent}", book.run)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(sizes: &[usize]) -> Plan {
        let messages = (0..sizes.len()).map(|entry| Message { entry, share: 0.1 }).collect();
        let bodies = sizes.iter().map(|size| "x".repeat(*size)).collect();
        Plan { entries: Vec::new(), bodies, tenants: Vec::new(), messages }
    }

    #[test]
    fn batches_hold_what_sqs_takes() {
        let length = |sizes: &[usize], share| {
            let plan = plan(sizes);
            batch_length(&plan, &plan.messages, share)
        };
        assert_eq!(length(&[100; 25], 0.5), 10, "ten entries");
        assert_eq!(length(&[400_000; 3], 0.5), 2, "a mebibyte");
        assert_eq!(length(&[1_048_576, 1], 0.5), 1, "the largest alone");
        assert_eq!(length(&[100; 3], 0.05), 1, "the next one, though not due");
    }
}
