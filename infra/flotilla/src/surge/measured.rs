//! What a surge measured. The report, the terminal and the planner read this one
//! record; it is written as `measured.json` beside the report.

use crate::error::Error;
use crate::report::{Latency, write_json};
use flotilla_task::Stage;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// Everything that was measured, in bins of equal length.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Which load was sent to which fleet.
    pub load: Load,
    /// What the local cloud alone can carry; absent on AWS.
    pub emulator: Option<Emulator>,
    /// Seconds that a bin covers.
    pub bin_seconds: f64,
    /// From the first second of the profile until the fleet was quiet, in order.
    pub bins: Vec<Bin>,
    /// Over the whole run, per agent.
    pub stages: BTreeMap<Stage, StageSum>,
    /// Over the whole run, per tenant.
    pub tenants: BTreeMap<String, TenantSum>,
    /// From the moment an event was due until its task was completed. An event that
    /// was sent late counts from when it was due, so a slow generator hides nothing; one
    /// that was due before its order counts from when the order was.
    pub end_to_end: Option<Latency>,
    /// What became of what was sent.
    pub account: Account,
    /// How it all came to rest.
    pub scale_down: ScaleDown,
    /// What else to know about the figures, a sentence each: what could not be read,
    /// which book is missing, when the loop was not open.
    #[serde(default)]
    pub notes: Vec<String>,
}

impl Measured {
    /// Writes it as `measured.json`.
    ///
    /// # Errors
    /// [`Error::Usage`] when the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        write_json(path, self)
    }
}

/// Which load was sent to which fleet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// The run's name, part of every id.
    pub run: String,
    /// Where the dice had started.
    pub seed: u64,
    /// The profile's name, such as `black-friday`.
    pub profile: String,
    /// Seconds over which messages are due.
    pub seconds: f64,
    /// Messages that are due in all.
    pub messages: u64,
    /// The highest rate of the profile, in messages a second.
    pub peak_per_second: f64,
    /// The stack, and the endpoint where it is not AWS itself.
    pub stack: String,
    /// The local cloud's address; none on AWS.
    pub endpoint: Option<String>,
    /// `standard` or `fifo`.
    pub queue_type: String,
    /// When the profile began, in milliseconds since 1970.
    pub began_at_ms: u64,
}

/// What the local cloud can carry without the fleet, and whether it was the limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Emulator {
    /// Requests a second of the fleet's own mix that it answered in the probe.
    pub requests_per_second: f64,
    /// Requests that one message costs, measured in this run.
    pub requests_per_message: f64,
    /// Messages a second that this comes to.
    pub messages_per_second: f64,
    /// The share of its one core that it used in its busiest bin: 0 to 1.
    pub busiest: f64,
    /// Whether the emulator, and not the fleet, held the run up; in words.
    pub verdict: String,
    /// The same for programs; true also when the machine as a whole had nothing left.
    pub is_the_limit: bool,
}

/// A stretch of the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// Where it begins, in seconds after the profile began.
    pub at: f64,
    /// Messages that were due in it.
    pub due: u64,
    /// Messages that SQS took in it.
    pub sent: u64,
    /// Tasks that were completed in it.
    pub completed: u64,
    /// Of the events that were due in it; none if none was completed.
    pub end_to_end: Option<Latency>,
    /// Per agent.
    pub stages: BTreeMap<Stage, StageBin>,
    /// The share of one core that the local cloud used; none on AWS.
    pub emulator_cpu: Option<f64>,
    /// Function processes that ran; none on AWS.
    pub environments: Option<u32>,
}

/// An agent in a bin.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StageBin {
    /// Messages that wait, at the end of the bin.
    pub waiting: u64,
    /// Messages that are being worked on, at the end of the bin.
    pub in_flight: u64,
    /// Records that it handled.
    pub records: u64,
    /// Invocations that ended.
    pub invocations: u64,
    /// Milliseconds that a record spent in its queue and in the agent, on average.
    pub latency_ms: Option<u64>,
    /// The longest that a record had waited, in milliseconds.
    pub oldest_ms: Option<u64>,
    /// Invocations at work at a time, on average: the sum of their durations through
    /// the bin's length.
    pub concurrency: f64,
}

/// An agent over the whole run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StageSum {
    /// Records that it handled.
    pub records: u64,
    /// Invocations that ended.
    pub invocations: u64,
    /// Records of an invocation, on average.
    pub batch: f64,
    /// Milliseconds that an invocation took, on average.
    pub invocation_ms: f64,
    /// The same by the number of records, where batches differed.
    #[serde(default)]
    pub service: Option<Service>,
    /// Write units of the table.
    pub write_units: f64,
    /// Its deepest queue.
    pub peak_backlog: u64,
    /// Its highest concurrency in a bin.
    pub peak_concurrency: f64,
}

/// Milliseconds of an invocation: `base_ms + record_ms x records`, the straight line that
/// is closest to all of them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Service {
    /// In any case.
    pub base_ms: f64,
    /// For each record.
    pub record_ms: f64,
}

/// A tenant over the whole run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TenantSum {
    /// Messages that SQS took of it.
    pub sent: u64,
    /// Its tasks that were completed.
    pub completed: u64,
    /// From when an event was due until its task was completed.
    pub end_to_end: Option<Latency>,
    /// Whether it is the noisy one.
    pub noisy: bool,
}

/// What became of what was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Messages that SQS took.
    pub sent: u64,
    /// Tasks that were completed.
    pub completed: u64,
    /// Tasks that failed.
    pub failed: u64,
    /// Tasks that wait for a person.
    pub held: u64,
    /// Events that were refused with a reason, as they had to be.
    pub rejected: u64,
    /// Events that wait for an order.
    pub parked: u64,
    /// Events and bookings that should be there and are not.
    pub lost: u64,
    /// Events and bookings that are there twice.
    pub doubled: u64,
    /// What came out otherwise than it had to.
    pub unexpected: u64,
}

impl Account {
    /// Whether everything that was sent is accounted for.
    #[must_use]
    pub const fn agrees(&self) -> bool {
        self.lost == 0 && self.doubled == 0 && self.unexpected == 0
    }
}

/// How the fleet came to rest, in seconds after the last message was due.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ScaleDown {
    /// Until every queue was empty; none if it never was.
    pub backlog_gone: Option<f64>,
    /// Until no task was pending or running; none if one still is.
    pub nothing_pending: Option<f64>,
    /// Until no invocation ran; none where that cannot be seen.
    pub idle: Option<f64>,
    /// What is left, in words; none if nothing is.
    pub left: Option<String>,
}
