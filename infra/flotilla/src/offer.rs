//! Messages to the ingestion queue: cut into batches that SQS takes, offered until
//! it has taken them, and written down in the first book.

use crate::books::SentBook;
use crate::cloud::Cloud;
use crate::cloud::queues::Outgoing;
use crate::error::Error;
use crate::generate::Plan;
use crate::watch::live::{Live, now_ms};
use std::cell::RefCell;
use std::ops::Range;
use std::time::Duration;

/// What SQS takes in one batch.
const BATCH_ENTRIES: usize = 10;
const BATCH_BYTES: usize = 1_048_576;
/// How often a message is offered before SQS is believed to be out of order.
const OFFERS: u32 = 6;
/// After the first refusal; it grows with each.
const PAUSE: Duration = Duration::from_millis(100);

/// How many of the messages in `rest` go together: those that are due, at most what
/// a batch may hold, at least one.
pub(crate) fn batch_length(
    plan: &Plan,
    rest: Range<usize>,
    is_due: impl Fn(usize) -> bool,
) -> usize {
    let mut bytes = 0;
    let fits = |place: &usize| {
        bytes += plan.body(*place).map_or(0, str::len);
        is_due(*place) && bytes <= BATCH_BYTES
    };
    let most = rest.len();
    rest.take(BATCH_ENTRIES).take_while(fits).count().max(1).min(most)
}

/// Sends messages and keeps the first book.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sender<'a> {
    pub(crate) cloud: &'a Cloud,
    /// The ingestion queue.
    pub(crate) url: &'a str,
    pub(crate) plan: &'a Plan,
    pub(crate) book: &'a RefCell<SentBook>,
    pub(crate) live: &'a RefCell<Live>,
}

impl Sender<'_> {
    /// Offers a batch, named by its places among the plan's messages, until SQS has
    /// taken all of it.
    ///
    /// # Errors
    /// [`Error::Environment`] when SQS refuses again and again.
    pub(crate) async fn offer(&self, batch: Range<usize>) -> Result<(), Error> {
        let run = self.book.borrow().run.clone();
        let mut open: Vec<(usize, usize)> =
            batch.filter_map(|place| Some((place, self.plan.messages.get(place)?.entry))).collect();
        let mut offers = 0;
        while !open.is_empty() {
            // The place sets copies of a message apart, and makes a second offer of
            // one copy the same again, where a queue can tell.
            let copies: Vec<String> =
                open.iter().map(|(place, entry)| format!("{run}-{entry}-{place}")).collect();
            let messages: Vec<_> = open
                .iter()
                .zip(&copies)
                .filter_map(|((place, entry), copy)| {
                    let (body, tenant) = (self.plan.body(*place)?, self.plan.tenants.get(*entry)?);
                    Some(Outgoing { body, tenant, copy })
                })
                .collect();
            let at = now_ms();
            offers += 1;
            let taken = match self.cloud.send(self.url, &messages).await {
                Ok(taken) => taken,
                // Some may have been taken: offering again makes duplicates, which the fleet bears.
                Err(error) if offers >= OFFERS => return Err(error),
                Err(_try_again) => vec![false; open.len()],
            };
            let all = open.into_iter().zip(taken);
            let (done, left): (Vec<_>, Vec<_>) = all.partition(|(_, taken)| *taken);
            self.note(done.iter().map(|((place, entry), _)| (*place, *entry)), at);
            open = left.into_iter().map(|(message, _)| message).collect();
            if !open.is_empty() {
                if offers >= OFFERS {
                    let problem = format!("{} messages were refused {OFFERS} times", open.len());
                    let advice = "Is the queue the ingestion queue of this project's template?";
                    let tried = format!("sending to {}", self.url);
                    return Err(Error::environment(&tried, problem, advice));
                }
                tokio::time::sleep(PAUSE * offers).await;
            }
        }
        Ok(())
    }

    fn note(&self, taken: impl Iterator<Item = (usize, usize)>, at: u64) {
        let (mut book, mut live) = (self.book.borrow_mut(), self.live.borrow_mut());
        for (place, entry) in taken {
            live.sent += 1;
            live.taken.push((place, now_ms()));
            if let Some(entry) = book.entries.get_mut(entry) {
                entry.sent += 1;
                let first = entry.sent_at_ms.get_or_insert(at);
                *first = at.min(*first);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::Message;

    fn plan(sizes: &[usize]) -> Plan {
        let messages = (0..sizes.len()).map(|entry| Message { entry, share: 0.1 }).collect();
        let bodies = sizes.iter().map(|size| "x".repeat(*size)).collect();
        Plan { entries: Vec::new(), bodies, tenants: Vec::new(), messages }
    }

    #[test]
    fn batches_hold_what_sqs_takes() {
        let length = |sizes: &[usize], due: usize| {
            let plan = plan(sizes);
            batch_length(&plan, 0..sizes.len(), |place| place < due)
        };
        assert_eq!(length(&[100; 25], 25), 10, "ten entries");
        assert_eq!(length(&[100; 25], 4), 4, "what is due");
        assert_eq!(length(&[400_000; 3], 3), 2, "a mebibyte");
        assert_eq!(length(&[1_048_576, 1], 2), 1, "the largest alone");
        assert_eq!(length(&[100; 3], 0), 1, "the next one, though not due");
        assert_eq!(length(&[], 0), 0);
    }
}
