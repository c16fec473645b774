//! How fast a command scans the fleet's table, and what it tells meanwhile.
//!
//! The table is the fleet's, and a person's question must not take its reads away:
//! a scan goes through it partition by partition, and one of these takes 3,000 read
//! units a second. Source: DynamoDB Developer Guide, "Best practices for designing
//! partition keys".

use crate::counts::count;
use crate::progress::Progress;
use std::fmt::Display;
use std::time::Duration;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// Twenty pages a second: at 63 units for a page of 1 KiB items, less than half of
/// what a partition takes.
const PAGE_EVERY: Duration = Duration::from_millis(50);

/// A scan under way.
#[derive(Debug)]
pub struct Pace {
    next: Interval,
    progress: Progress,
    looked_at: u64,
}

impl Pace {
    /// Items in a page, as recovery's scan has it.
    pub const PAGE: i32 = 500;

    /// Begins one. `what` follows "looking for": `stuck tasks`.
    #[must_use]
    pub fn new(what: impl Display) -> Self {
        let mut next = interval(PAGE_EVERY);
        next.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { next, progress: Progress::of(format!("looking for {what}")), looked_at: 0 }
    }

    /// After a page of so many items: tells on standard error how far it is, and waits
    /// until it is time for the next.
    pub async fn page(&mut self, items: u64) {
        self.looked_at += items;
        let looked_at = count(self.looked_at);
        self.progress.tell(format_args!("{looked_at} items of the table so far"));
        self.next.tick().await;
    }

    /// Items that were looked at.
    #[must_use]
    pub const fn looked_at(&self) -> u64 {
        self.looked_at
    }
}
