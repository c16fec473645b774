//! The five queues and their dead letters, and when a batch may be taken.
//!
//! A batch is full, or it is the last: one that is smaller is taken only when every stage
//! before it is empty and at rest. So how many batches there are does not depend on who
//! was faster.

use super::queue::{Letter, Queue};
use aws_sdk_sqs::types::Message;
use flotilla_task::Stage;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// After as many receives a message is a dead letter, as the template has it.
pub(super) const MAX_RECEIVES: u32 = 30;

/// What Lambda's poller has asked of one queue. Pollers that find nothing ask as well;
/// what that costs does not depend on how many records there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Polls {
    /// Calls of the function.
    pub invocations: u64,
    /// Records in them.
    pub records: u64,
    /// `ReceiveMessage`: one for each batch.
    pub receives: u64,
    /// `DeleteMessageBatch`: one for each batch of which something was acknowledged.
    pub deletes: u64,
}

/// What a poller finds.
#[derive(Debug)]
pub(super) enum Found {
    /// This.
    Batch(Vec<Message>),
    /// Nothing yet; something may show then.
    Nothing(Option<Instant>),
    /// No queue holds anything any more.
    Over,
}

/// Which queue a URL means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Live(Stage),
    Dead(Stage),
}

/// All of them.
#[derive(Debug, Default)]
pub struct Queues {
    state: Mutex<State>,
    /// Something was sent, shown or finished.
    pub(super) changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    live: BTreeMap<Stage, Queue>,
    dead: Vec<(Stage, String)>,
    polls: BTreeMap<Stage, Polls>,
}

impl Queues {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends messages; each gets a number.
    pub(super) fn send(&self, to: Which, letters: Vec<Letter>) -> Vec<u64> {
        let now = Instant::now();
        let mut state = self.state();
        let mut take = |letter: Letter| match to {
            Which::Live(stage) => state.live.entry(stage).or_default().send(letter, now),
            Which::Dead(stage) => {
                let why = letter.attributes.get("reason").cloned().unwrap_or_default();
                state.dead.push((stage, why));
                state.dead.len() as u64
            }
        };
        let ids = letters.into_iter().map(&mut take).collect();
        drop(state);
        self.changed.notify_waiters();
        ids
    }

    /// Sends events from outside.
    pub fn ingest(&self, bodies: Vec<String>) {
        let letter = |body| Letter { body, ..Letter::default() };
        self.send(Which::Live(Stage::Ingestion), bodies.into_iter().map(letter).collect());
    }

    /// Hides a message in hand. False when it is in nobody's.
    pub(super) fn hide(&self, stage: Stage, receipt: &str, lasts: Duration) -> bool {
        let mut state = self.state();
        state.live.get_mut(&stage).is_some_and(|queue| queue.hide(receipt, lasts))
    }

    /// A batch of exactly that size, or the last one.
    pub(super) fn take(&self, stage: Stage, size: usize) -> Found {
        let now = Instant::now();
        let mut state = self.state();
        let ready = state.live.entry(stage).or_default().ready(now);
        let before = |other: &Stage| *other < stage;
        let is_quiet = |(_, queue): (&Stage, &Queue)| queue.is_empty();
        let is_last = state.live.iter().filter(|(other, _)| before(other)).all(is_quiet);
        if ready >= size || (ready > 0 && is_last) {
            let queue = state.live.entry(stage).or_default();
            let batch = queue.receive(size);
            let polls = state.polls.entry(stage).or_default();
            polls.invocations += 1;
            polls.receives += 1;
            polls.records += batch.len() as u64;
            return Found::Batch(batch);
        }
        if state.live.iter().all(is_quiet) {
            return Found::Over;
        }
        Found::Nothing(state.live.values().filter_map(Queue::due).min())
    }

    /// Ends a batch: what is acknowledged is deleted, the rest is taken back.
    pub(super) fn end(&self, stage: Stage, batch: &[Message], acknowledged: &[&Message]) {
        let now = Instant::now();
        let mut state = self.state();
        if !acknowledged.is_empty() {
            state.polls.entry(stage).or_default().deletes += 1;
        }
        let mut dead = Vec::new();
        let queue = state.live.entry(stage).or_default();
        for message in acknowledged {
            queue.delete(message.receipt_handle().unwrap_or_default());
        }
        // Those that were deleted are in nobody's hand any more.
        for message in batch {
            let receipt = message.receipt_handle().unwrap_or_default();
            dead.extend(queue.take_back(receipt, MAX_RECEIVES, now));
        }
        let letter = |_| (stage, "received too often".to_owned());
        state.dead.extend(dead.into_iter().map(letter));
        drop(state);
        self.changed.notify_waiters();
    }

    /// What the poller has asked of each queue since it was last looked at.
    pub(super) fn take_polls(&self) -> BTreeMap<Stage, Polls> {
        std::mem::take(&mut self.state().polls)
    }

    /// Takes out the bodies of what is in any queue, for who measures one function by
    /// itself and is its own poller.
    #[must_use]
    pub fn take_all(&self) -> Vec<String> {
        self.state().live.values_mut().flat_map(Queue::take_all).collect()
    }

    /// Dead letters so far, with their reasons.
    #[must_use]
    pub fn dead(&self) -> Vec<(Stage, String)> {
        self.state().dead.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn send(queues: &Queues, stage: Stage, count: usize) {
        queues.send(Which::Live(stage), vec![Letter::default(); count]);
    }

    fn batch(queues: &Queues, stage: Stage) -> Option<Vec<Message>> {
        match queues.take(stage, 10) {
            Found::Batch(batch) => Some(batch),
            Found::Nothing(_) | Found::Over => None,
        }
    }

    #[test]
    fn a_batch_is_full_or_nothing_more_can_come() {
        let queues = Queues::default();
        send(&queues, Stage::Ingestion, 12);
        send(&queues, Stage::Decision, 3);
        let full = batch(&queues, Stage::Ingestion).unwrap();
        assert_eq!(full.len(), 10);
        assert!(batch(&queues, Stage::Decision).is_none(), "more may come");
        let last = batch(&queues, Stage::Ingestion).unwrap();
        assert_eq!(last.len(), 2, "nothing is before ingestion");
        let all = |batch: &[Message]| {
            let acknowledged: Vec<&Message> = batch.iter().collect();
            queues.end(Stage::Ingestion, batch, &acknowledged);
        };
        all(&full);
        assert!(batch(&queues, Stage::Decision).is_none(), "some are still worked on");
        all(&last);
        let decided = batch(&queues, Stage::Decision).unwrap();
        assert_eq!(decided.len(), 3);
        queues.end(Stage::Decision, &decided, &decided.iter().take(2).collect::<Vec<_>>());
        let again = batch(&queues, Stage::Decision).unwrap();
        assert_eq!(again.len(), 1, "what was not acknowledged comes again");
        queues.end(Stage::Decision, &again, &again.iter().collect::<Vec<_>>());
        assert!(matches!(queues.take(Stage::State, 10), Found::Over));
        let polls = queues.take_polls();
        let expected = Polls { invocations: 2, records: 12, receives: 2, deletes: 2 };
        assert_eq!(polls[&Stage::Ingestion], expected);
    }
}
