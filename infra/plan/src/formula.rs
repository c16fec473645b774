//! Sizing rules that need no simulation.

mod queue;

pub use queue::{Busy, Queue};

/// Invocations at work at a time: arrivals a second x seconds of a batch / records of it.
#[must_use]
pub fn concurrency(arrivals: f64, seconds: f64, batch: f64) -> f64 {
    arrivals * seconds / batch
}

/// The replicas that Kubernetes' horizontal autoscaler asks for:
/// `ceil(current x metric / target)`.
#[must_use]
pub fn hpa(current: u32, metric: f64, target: f64) -> f64 {
    (f64::from(current) * metric / target).ceil()
}

/// The replicas that KEDA's SQS scaler asks for: messages that wait and are in flight,
/// five to a replica unless told otherwise.
#[must_use]
pub fn keda(waiting: u64, in_flight: u64, each: u64) -> u64 {
    (waiting + in_flight).div_ceil(each.max(1))
}

/// What becomes of a message that fails with a fixed probability at each receive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attempts {
    /// Receives of a message, on average.
    pub mean: f64,
    /// The share that ends in the dead-letter queue: 0 to 1.
    pub dead: f64,
}

impl Attempts {
    /// Of so many receives at most.
    #[must_use]
    pub fn of(failure: f64, receives: u32) -> Self {
        // The sum of failure^0 to failure^(receives - 1): tries that are made at all.
        let mean = (0..receives).map(|before| failure.powf(f64::from(before))).sum();
        Self { mean, dead: failure.powf(f64::from(receives)) }
    }
}

/// Provisioned pollers that a queue needs: for the batches at work at a time, for the
/// polls that fetch them, and for their bytes.
#[must_use]
pub fn pollers(arrivals: f64, bytes: f64, seconds: f64, batch: f64, limits: &crate::Limits) -> f64 {
    let at_once = concurrency(arrivals, seconds, batch) / limits.poller_invocations;
    let polls = arrivals / (batch * limits.poller_polls);
    let size = arrivals * bytes / limits.poller_bytes;
    // Products of decimal fractions may come out a little above a whole number.
    (at_once.max(polls).max(size) - 1e-9).ceil()
}
