//! What AWS allows and what it does by itself, as the simulator needs it.

use crate::book::{Book, Error};

/// Limits of the platform, from the price file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Batches that a shared mapping works on at once when it starts.
    pub shared_start: f64,
    /// How many of these it adds a second while messages wait.
    pub shared_ramp: f64,
    /// How many it has at most.
    pub shared_most: f64,
    /// How far it goes down when the queue is quiet and no `MaximumConcurrency` is set.
    pub shared_idle: f64,
    /// The least and the most that `MaximumConcurrency` may be.
    pub maximum_concurrency: (f64, f64),
    /// The least and the most provisioned pollers of a mapping.
    pub pollers: (f64, f64),
    /// The most provisioned pollers of a mapping that may always be there.
    pub pollers_kept: f64,
    /// Batches that one provisioned poller works on at once.
    pub poller_invocations: f64,
    /// Polls a second of one provisioned poller.
    pub poller_polls: f64,
    /// Bytes a second of one provisioned poller.
    pub poller_bytes: f64,
    /// Batches at once that provisioned pollers add a second.
    pub poller_ramp: f64,
    /// Records of a batch that may wait to fill, of one that may not, and on FIFO.
    pub batch: (f64, f64, f64),
    /// New environments a second of one function, and how many at once.
    pub scaling: (f64, f64),
    /// Environments of an account that never asked for more.
    pub account: f64,
    /// Environments of an account that is new.
    pub new_account: f64,
    /// Environments that reservations have to leave.
    pub kept_free: f64,
    /// Messages of one queue that may be in flight.
    pub in_flight: f64,
    /// Write and read units a second of a table that is new.
    pub table: (f64, f64),
    /// How many times its earlier peak a table takes at once.
    pub growth: f64,
    /// Write and read units a second of one partition key.
    pub partition: (f64, f64),
    /// Write units a second of one table that nobody asked to raise.
    pub table_quota: f64,
    /// Provisioned environments that Lambda makes in a second.
    pub ready_ramp: f64,
    /// Times its function's timeout that a queue hides a message.
    pub visibility: f64,
}

impl Limits {
    /// Reads them.
    ///
    /// # Errors
    /// [`Error`] names what is missing or in another unit.
    pub fn of(book: &Book) -> Result<Self, Error> {
        let batches = "concurrent batches";
        let scaling = book.limit("function_scaling", "new environments per 10 seconds")?;
        Ok(Self {
            shared_start: book.limit("mapping_pollers_at_start", batches)?,
            shared_ramp: book.limit("mapping_pollers_added", "concurrent batches per minute")?
                / 60.0,
            shared_most: book.limit("mapping_pollers_most", batches)?,
            shared_idle: book.limit("mapping_pollers_idle", batches)?,
            maximum_concurrency: (
                book.limit("mapping_maximum_concurrency_least", "environments")?,
                book.limit("mapping_maximum_concurrency_most", "environments")?,
            ),
            pollers: (
                book.limit("provisioned_pollers_least", "pollers")?,
                book.limit("provisioned_pollers_most", "pollers")?,
            ),
            pollers_kept: book.limit("provisioned_pollers_kept", "pollers")?,
            poller_invocations: book
                .limit("provisioned_poller_invocations", "concurrent invocations")?,
            poller_polls: book.limit("provisioned_poller_polls", "polls per second")?,
            poller_bytes: book.limit("provisioned_poller_throughput", "MB per second")? * 1e6,
            poller_ramp: book
                .limit("provisioned_poller_ramp", "concurrent invocations per minute")?
                / 60.0,
            batch: (
                book.limit("mapping_batch_with_window", "records")?,
                book.limit("mapping_batch_without_window", "records")?,
                book.limit("mapping_fifo_batch", "records")?,
            ),
            scaling: (scaling / 10.0, scaling),
            account: book.limit("account_concurrency", "environments")?,
            new_account: book.limit("account_concurrency_new", "environments")?,
            kept_free: book.limit("account_concurrency_kept_free", "environments")?,
            in_flight: book.limit("sqs_in_flight", "messages per queue")?,
            table: (
                book.limit("dynamodb_new_table_writes", "write units per second")?,
                book.limit("dynamodb_new_table_reads", "read units per second")?,
            ),
            growth: book.limit("dynamodb_growth", "times the peak of the last 30 minutes")?,
            partition: (
                book.limit("dynamodb_partition_writes", "write units per second")?,
                book.limit("dynamodb_partition_reads", "read units per second")?,
            ),
            table_quota: book.limit("dynamodb_table_quota", "write units per second")?,
            ready_ramp: book
                .limit("provisioned_concurrency_allocated", "environments per minute")?
                / 60.0,
            visibility: book.limit("mapping_visibility_factor", "times the function's timeout")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_included_file_has_every_limit() {
        let limits = Limits::of(&Book::included().unwrap()).unwrap();
        assert_eq!((limits.shared_start, limits.shared_ramp), (5.0, 5.0));
        assert_eq!((limits.scaling, limits.table), ((100.0, 1000.0), (4000.0, 12_000.0)));
    }
}
