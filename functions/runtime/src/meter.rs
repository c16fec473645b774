//! Counts of one invocation: what was done and what it cost.

use aws_sdk_dynamodb::types::ConsumedCapacity;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

macro_rules! meter {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// Counters, shared by everything that works in an environment.
        #[derive(Debug, Default)]
        pub struct Meter { $($(#[$doc])* pub $name: Counter),* }

        /// The counters' values at one moment.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct Reading { $($(#[$doc])* pub $name: u64),* }

        impl Meter {
            /// Reads all counters and sets them back to zero.
            pub fn take(&self) -> Reading {
                Reading { $($name: self.$name.0.swap(0, Ordering::Relaxed)),* }
            }
        }
    };
}

/// One counter.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// Keeps the larger.
    fn at_least(&self, value: u64) {
        self.0.fetch_max(value, Ordering::Relaxed);
    }
}

meter! {
    /// Records that were acknowledged.
    acknowledged,
    /// Records that went back to the queue.
    returned,
    /// Records that went to the dead-letter queue.
    dead_lettered,
    /// Messages sent to next queues.
    sent,
    /// Writes refused because another attempt owned the task.
    fenced,
    /// Records that were replays of work already done.
    replayed,
    /// Stored messages sent once more.
    resent,
    /// Retryable failures.
    retried,
    /// Tasks that wait for a person.
    held,
    /// Records that found their task or slot busy.
    busy,
    /// Events of which nobody knows yet whose they are.
    parked,
    /// Parked events that were given up.
    expired,
    /// Events that concern nobody: they name nothing an order could name.
    ignored,
    /// Pages of sources that were pulled.
    pages,
    /// Events in them.
    pulled,
    /// Panics caught.
    panicked,
    /// Milliseconds that the records had waited since they were sent, all together.
    waited_ms,
    /// The longest that a record had waited, in milliseconds.
    oldest_ms,
    /// Requests that DynamoDB answered.
    table_requests,
    /// DynamoDB write units, in hundredths.
    write_centiunits,
    /// DynamoDB read units, in hundredths.
    read_centiunits,
}

impl Meter {
    /// Counts how long a record had waited. What went back to the queue counts from
    /// when it was first sent.
    pub fn waited(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.waited_ms.add(millis);
        self.oldest_ms.at_least(millis);
    }

    /// Counts a write that went through.
    pub fn wrote(&self, consumed: Option<&ConsumedCapacity>) {
        self.table_requests.add(1);
        self.write_centiunits.add(centiunits(consumed, 1.0));
    }

    /// Counts a write whose condition did not hold: it is billed too, but the
    /// answer does not say how much. Items here stay within 1 KiB, hence one unit.
    pub fn write_refused(&self) {
        self.table_requests.add(1);
        self.write_centiunits.add(100);
    }

    /// Counts a read.
    pub fn read(&self, consumed: Option<&ConsumedCapacity>) {
        self.table_requests.add(1);
        self.read_centiunits.add(centiunits(consumed, 0.5));
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "units are small positive numbers; a cast saturates"
)]
fn centiunits(consumed: Option<&ConsumedCapacity>, otherwise: f64) -> u64 {
    let units = consumed.and_then(ConsumedCapacity::capacity_units).unwrap_or(otherwise);
    (units * 100.0).round() as u64
}
