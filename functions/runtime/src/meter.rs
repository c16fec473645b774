//! Counts of one invocation: what was done, how long it took and what it cost.
//!
//! Records are worked on side by side, so everything here may be added to at any
//! moment; it is read once, when the invocation ends. What that becomes is in
//! [`metrics`](crate::metrics).

mod calls;

pub use calls::{Called, Calls, PartnerTally};

use aws_sdk_dynamodb::types::ConsumedCapacity;
use flotilla_task::{Stage, StatusKind, TaskRecord};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

macro_rules! meter {
    ($($(#[$doc:meta])* $name:ident: $kind:ident -> $value:ty),* $(,)?) => {
        /// Counters, shared by everything that works in an environment.
        #[derive(Debug, Default)]
        pub struct Meter { $($(#[$doc])* pub $name: $kind),* }

        /// What they held at one moment.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct Reading { $($(#[$doc])* pub $name: $value),* }

        impl Meter {
            /// Reads everything and sets it back to nothing.
            pub fn take(&self) -> Reading {
                Reading { $($name: self.$name.take()),* }
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

    fn take(&self) -> u64 {
        self.0.swap(0, Ordering::Relaxed)
    }
}

/// Something that is so or not.
#[derive(Debug, Default)]
pub struct Flag(Counter);

impl Flag {
    /// It is so.
    pub fn raise(&self) {
        self.0.0.store(1, Ordering::Relaxed);
    }

    fn take(&self) -> u64 {
        self.0.take()
    }
}

/// Durations, each of them kept. A batch bounds how many they are.
#[derive(Debug, Default)]
pub struct Durations(Mutex<Vec<Duration>>);

impl Durations {
    /// Keeps one more.
    pub fn add(&self, duration: Duration) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(duration);
    }

    fn take(&self) -> Vec<Duration> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

meter! {
    /// Records that were acknowledged.
    acknowledged: Counter -> u64,
    /// Records that went back to the queue.
    returned: Counter -> u64,
    /// Records that went to the dead-letter queue.
    dead_lettered: Counter -> u64,
    /// Messages sent to next queues.
    sent: Counter -> u64,
    /// Writes refused because another attempt owned the task.
    fenced: Counter -> u64,
    /// Records that were replays of work already done.
    replayed: Counter -> u64,
    /// Stored messages sent once more.
    resent: Counter -> u64,
    /// Retryable failures.
    retried: Counter -> u64,
    /// Tasks that were created.
    created: Counter -> u64,
    /// Tasks that were stopped for good.
    failed: Counter -> u64,
    /// Tasks that wait for a person.
    held: Counter -> u64,
    /// Records that found their task or slot busy.
    busy: Counter -> u64,
    /// Events of which nobody knows yet whose they are.
    parked: Counter -> u64,
    /// Parked events that were given up.
    expired: Counter -> u64,
    /// Events that concern nobody: they name nothing an order could name.
    ignored: Counter -> u64,
    /// Pages of sources that were pulled.
    pages: Counter -> u64,
    /// Events in them.
    pulled: Counter -> u64,
    /// Pulls of a source that ended with a problem.
    sources_failing: Counter -> u64,
    /// Panics caught.
    panicked: Counter -> u64,
    /// How long each record had waited since it was sent. What went back to the queue
    /// counts from when it was first sent.
    waited: Durations -> Vec<Duration>,
    /// From the creation of a task to the commit of its decision, for each decision.
    /// One that was made again counts again.
    decided: Durations -> Vec<Duration>,
    /// From the creation of a task to its completion, for each that was completed.
    completed: Durations -> Vec<Duration>,
    /// Calls of partners.
    calls: Calls -> BTreeMap<String, PartnerTally>,
    /// The newest policy document is refused.
    policy_refused: Flag -> u64,
    /// Requests that DynamoDB answered.
    table_requests: Counter -> u64,
    /// DynamoDB write units, in hundredths.
    write_centiunits: Counter -> u64,
    /// DynamoDB read units, in hundredths.
    read_centiunits: Counter -> u64,
}

impl Meter {
    /// Counts what a commit came to, made at a stage.
    pub fn committed(&self, at: Stage, record: &TaskRecord) {
        let took = record.created_at.until(record.updated_at);
        if at == Stage::Decision {
            self.decided.add(took);
        }
        if record.status.kind() == StatusKind::Completed {
            self.completed.add(took);
        }
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
