//! The open loop: a message is sent when it is due, whatever became of the ones
//! before it and however the fleet is doing.
//!
//! A loop that waits for answers sends less when the system is slow, and so measures
//! a load that never was. Here sends run side by side. There is a bound, since sockets
//! are; a message that had to wait for it is counted, because the loop was closed then.

use crate::error::Error;
use crate::generate::Plan;
use crate::offer::{Sender, batch_length};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::ops::Range;
use std::time::{Duration, Instant};

/// What is due within so long goes together.
const TICK: Duration = Duration::from_millis(50);
/// Batches on their way at a time.
const UNDER_WAY: usize = 64;

/// Sends everything at its time and says how many messages had to wait for a free
/// place.
///
/// # Errors
/// [`Error::Environment`] when SQS refuses a batch again and again.
pub(super) async fn run(sender: Sender<'_>, due: &[f64], began: Instant) -> Result<usize, Error> {
    let mut cutter = Cutter::new(sender.plan, due);
    let mut under_way = FuturesUnordered::new();
    let mut tick = began;
    loop {
        let now = began.elapsed().as_secs_f64();
        while let Some(batch) = cutter.cut(now, under_way.len() < UNDER_WAY) {
            under_way.push(sender.offer(batch));
        }
        let next = cutter.next_due().map(|due| began + Duration::from_secs_f64(due));
        if next.is_none() && under_way.is_empty() {
            break;
        }
        // When the bound is hit, what is due next has passed already: the next tick.
        tick = (Instant::now() + TICK).max(next.unwrap_or(tick));
        tokio::select! {
            Some(sent) = under_way.next(), if !under_way.is_empty() => sent?,
            () = tokio::time::sleep_until(tick.into()), if next.is_some() => {}
        }
    }
    sender.live.borrow_mut().all_sent = true;
    Ok(cutter.held_back)
}

/// Cuts what is due into batches.
struct Cutter<'a> {
    plan: &'a Plan,
    due: &'a [f64],
    next: usize,
    /// Messages before this one that are not handed out have been counted.
    counted: usize,
    /// Messages that were due and had to wait for a free place.
    held_back: usize,
}

impl<'a> Cutter<'a> {
    const fn new(plan: &'a Plan, due: &'a [f64]) -> Self {
        Self { plan, due, next: 0, counted: 0, held_back: 0 }
    }

    /// The next batch of what is due, if anything is and there is room for it.
    fn cut(&mut self, now: f64, room: bool) -> Option<Range<usize>> {
        let is_due = |place: usize| self.due.get(place).is_some_and(|due| *due <= now);
        if !is_due(self.next) {
            return None;
        }
        if !room {
            let end = self.due.partition_point(|due| *due <= now);
            self.held_back += end - self.counted.max(self.next).min(end);
            self.counted = end;
            return None;
        }
        let length = batch_length(self.plan, self.next..self.due.len(), is_due);
        let batch = self.next..self.next + length;
        self.next = batch.end;
        Some(batch)
    }

    fn next_due(&self) -> Option<f64> {
        self.due.get(self.next).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::Message;

    fn plan(messages: usize) -> Plan {
        let messages: Vec<_> = (0..messages).map(|entry| Message { entry, share: 0.0 }).collect();
        let bodies = vec!["x".to_owned(); messages.len()];
        Plan { entries: Vec::new(), bodies, tenants: Vec::new(), messages }
    }

    #[test]
    fn whatever_is_due_goes_at_once_and_nothing_else() {
        let due: Vec<f64> = (0..25).map(|n| f64::from(n) * 0.1).collect();
        let plan = plan(25);
        let mut cutter = Cutter::new(&plan, &due);
        assert_eq!(cutter.cut(0.25, true), Some(0..3));
        assert_eq!(cutter.cut(0.25, true), None, "the fourth is not due");
        assert_eq!(cutter.next_due(), Some(due[3]));
        assert_eq!(cutter.cut(2.0, true), Some(3..13), "ten at a time");
        assert_eq!(cutter.cut(2.0, true), Some(13..21));
        assert_eq!(cutter.cut(9.0, true), Some(21..25));
        assert_eq!((cutter.cut(9.0, true), cutter.next_due(), cutter.held_back), (None, None, 0));
    }

    /// Where the bound is hit, the loop is no longer open: each message that had to
    /// wait is counted once, and keeps its due time.
    #[test]
    fn what_has_to_wait_for_a_place_is_counted_once() {
        let due: Vec<f64> = (0..25).map(|n| f64::from(n) * 0.1).collect();
        let plan = plan(25);
        let mut cutter = Cutter::new(&plan, &due);
        assert_eq!(cutter.cut(0.25, true), Some(0..3));
        assert_eq!((cutter.cut(0.55, false), cutter.held_back), (None, 3));
        assert_eq!((cutter.cut(0.65, false), cutter.held_back), (None, 4));
        assert_eq!((cutter.cut(0.65, true), cutter.held_back), (Some(3..7), 4));
        assert_eq!((cutter.cut(0.75, false), cutter.held_back), (None, 5));
        assert_eq!((cutter.cut(5.0, true), cutter.held_back), (Some(7..17), 5));
    }
}
