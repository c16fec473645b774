//! A network under a load, second by second.
//!
//! ```text
//! exact     every message and every invocation is an event           (discrete events)
//! flow      all messages of a step move together, for whole days     (aggregated)
//! ramp      pollers: how many batches at once a mapping allows
//! crowd     environments: started, idle, gone; how fast a function gets more
//! meter     what is shared: the table's units, a local cloud's core
//! record    what both write down
//! quantile  latencies by weight
//! ```
//!
//! Both are the same model and draw from the seed alone. `exact` costs about a microsecond
//! for each message and stage; `flow` costs the same for a step of a second however many
//! messages it holds. What `flow` gives up, and that the two agree, is in
//! `tests/agreement.rs`.
#![allow(
    clippy::indexing_slicing,
    reason = "places of stages, made with the network; a wrong one is a bug of this module"
)]

mod crowd;
pub mod exact;
pub mod flow;
mod meter;
mod quantile;
mod ramp;
mod record;

use crate::bound::Bound;
use serde::{Deserialize, Serialize};

pub use quantile::{Quantiles, Spectrum};

/// How a simulation is run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Where the dice start: the same seed gives the same outcome.
    pub seed: u64,
    /// How events come: by chance around the rate, or evenly spaced.
    pub by_chance: bool,
    /// Seconds of a step of [`flow`], and between two looks of [`exact`].
    pub step: f64,
    /// Seconds that a bin of the outcome covers.
    pub bin: f64,
    /// Seconds after the load's end at which it stops, whatever is left.
    pub patience: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 7, by_chance: true, step: 1.0, bin: 60.0, patience: 86_400.0 }
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Seconds that a bin covers.
    pub bin: f64,
    /// From the beginning until nothing was left, in order.
    pub bins: Vec<Bin>,
    /// Each stage over the whole time.
    pub stages: Vec<StageSum>,
    /// Events that came.
    pub arrived: f64,
    /// Messages that went all the way.
    pub completed: f64,
    /// From an event's arrival until what became of it had gone all the way, in seconds.
    pub end_to_end: Quantiles,
    /// When nothing was left, in seconds; none if something was.
    pub drained: Option<f64>,
    /// What held messages up, the first first.
    pub bounds: Vec<Bound>,
    /// Steps or events that were computed: the work, independent of the machine.
    pub steps: u64,
}

/// A stretch of time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// Where it begins, in seconds.
    pub at: f64,
    /// Events that came.
    pub arrived: f64,
    /// Messages that went all the way.
    pub completed: f64,
    /// Of what arrived in it.
    pub end_to_end: Option<Quantiles>,
    /// Each stage.
    pub stages: Vec<StageBin>,
}

/// A stage in a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct StageBin {
    /// Messages that waited, at the most.
    pub backlog: f64,
    /// Seconds that the oldest of them had waited, at the most.
    pub oldest: f64,
    /// Invocations at work at a time, on average.
    pub concurrency: f64,
    /// Batches at once that its pollers were allowed, at the most.
    pub allowed: f64,
    /// Environments there were, at the most.
    pub environments: f64,
}

/// A stage over the whole time.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct StageSum {
    /// Records that it handled, each try counted.
    pub records: f64,
    /// Invocations.
    pub invocations: f64,
    /// Invocations in environments that had to be started.
    pub cold: f64,
    /// Messages that went to its dead-letter queue.
    pub dead: f64,
    /// Its deepest queue, and when.
    pub peak_backlog: f64,
    /// When that was, in seconds.
    pub peak_at: f64,
    /// Seconds that the oldest message ever waited.
    pub oldest: f64,
    /// Its highest concurrency in a bin.
    pub peak_concurrency: f64,
    /// Seconds in its queue, on average over its records.
    pub wait: f64,
    /// Seconds of invocations, all together.
    pub busy: f64,
    /// Of these, in environments that were kept ready.
    pub busy_ready: f64,
    /// Seconds of environments, all together.
    pub environments: f64,
    /// Seconds of batches at once that pollers were allowed, all together.
    pub allowed: f64,
}
