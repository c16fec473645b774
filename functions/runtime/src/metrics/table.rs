//! Every metric there is: name, unit, whose it is, and when it is there.
//!
//! A metric that is not in this table cannot be written, because
//! [`Record::put`](super::Record::put) takes its entries. A test compares the table
//! with the one for readers, `infra/observability/METRICS.md`.

use flotilla_task::Stage;

/// A unit, as CloudWatch spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Milliseconds.
    Milliseconds,
    /// Hundredths.
    Percent,
    /// Megabytes, of 1,048,576 bytes.
    Megabytes,
    /// Bytes.
    Bytes,
}

impl Unit {
    /// The name that CloudWatch knows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Milliseconds => "Milliseconds",
            Self::Percent => "Percent",
            Self::Megabytes => "Megabytes",
            Self::Bytes => "Bytes",
        }
    }
}

/// Who publishes a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agents {
    /// All five.
    All,
    /// One.
    Only(Stage),
}

impl Agents {
    /// Whether this agent is one of them.
    #[must_use]
    pub fn include(self, stage: Stage) -> bool {
        match self {
            Self::All => true,
            Self::Only(only) => only == stage,
        }
    }
}

/// When a metric stands in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Always, also as zero.
    Always,
    /// When there is something to tell: a count above zero, or a value at all. What
    /// is left out costs nothing.
    Something,
}

/// One metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// Who publishes it.
    pub agents: Agents,
    /// When.
    pub when: When,
}

macro_rules! metrics {
    ($($(#[$doc:meta])* $constant:ident = $name:literal $unit:ident $agents:expr, $when:ident;)*) => {
        /// The metrics one by one.
        pub mod names {
            use super::{Agents, Metric, Unit, When};
            use flotilla_task::Stage;
            $($(#[$doc])* pub const $constant: Metric = Metric {
                name: $name, unit: Unit::$unit, agents: $agents, when: When::$when,
            };)*
        }

        /// All of them.
        pub const ALL: &[Metric] = &[$(names::$constant),*];
    };
}

metrics! {
    /// Records received.
    RECORDS = "Records" Count Agents::All, Always;
    /// Records received, of those that a batch may have.
    BATCH_FILL = "BatchFill" Percent Agents::All, Always;
    /// How long each record had waited since it was sent.
    QUEUE_WAIT = "QueueWait" Milliseconds Agents::All, Something;
    /// The whole invocation.
    HANDLER_TIME = "HandlerTime" Milliseconds Agents::All, Always;
    /// Creation of a task to its decision.
    DECISION_LATENCY = "DecisionLatency" Milliseconds Agents::Only(Stage::Decision), Something;
    /// Creation of a task to its completion.
    END_TO_END_LATENCY = "EndToEndLatency" Milliseconds Agents::Only(Stage::State), Something;
    /// Tasks created.
    TASKS_CREATED = "TasksCreated" Count Agents::Only(Stage::Ingestion), Something;
    /// Tasks completed.
    TASKS_COMPLETED = "TasksCompleted" Count Agents::Only(Stage::State), Something;
    /// Tasks stopped for good.
    TASKS_FAILED = "TasksFailed" Count Agents::All, Something;
    /// Tasks that wait for a person.
    TASKS_HELD = "TasksHeld" Count Agents::All, Something;
    /// Records that found their task or slot busy, or wait.
    BUSY = "Busy" Count Agents::All, Something;
    /// Writes refused because another attempt owned the task.
    FENCED = "Fenced" Count Agents::All, Something;
    /// Records that were replays of work already done.
    REPLAYED = "Replayed" Count Agents::All, Something;
    /// Stored messages sent once more.
    RESENT = "Resent" Count Agents::All, Something;
    /// Failures that will be tried again.
    RETRIED = "Retried" Count Agents::All, Something;
    /// Records that went back to the queue, for whatever reason.
    RETURNED = "Returned" Count Agents::All, Something;
    /// Records that went to the dead-letter queue with a reason.
    DEAD_LETTERED = "DeadLettered" Count Agents::All, Something;
    /// Panics caught.
    PANICKED = "Panicked" Count Agents::All, Something;
    /// Events that wait for somebody to say whose they are.
    PARKED = "Parked" Count Agents::Only(Stage::Ingestion), Something;
    /// Parked events that were given up.
    EXPIRED = "Expired" Count Agents::Only(Stage::Ingestion), Something;
    /// Calls of partners that were made.
    PARTNER_CALLS = "PartnerCalls" Count Agents::Only(Stage::Communication), Something;
    /// Those without a useful answer in time.
    PARTNER_FAILURES = "PartnerFailures" Count Agents::Only(Stage::Communication), Something;
    /// How long each call took.
    PARTNER_LATENCY = "PartnerLatency" Milliseconds Agents::Only(Stage::Communication), Something;
    /// Partners that this invocation found with a breaker that is not closed, or paused.
    PARTNERS_OPEN = "PartnersOpen" Count Agents::Only(Stage::Communication), Something;
    /// One while the newest policy document is refused.
    POLICY_REFUSED = "PolicyRefused" Count Agents::Only(Stage::Decision), Something;
    /// Pulls of sources that ended with a problem.
    SOURCES_FAILING = "SourcesFailing" Count Agents::Only(Stage::Ingestion), Something;
    /// DynamoDB write units.
    WRITE_UNITS = "WriteUnits" Count Agents::All, Something;
    /// DynamoDB read units.
    READ_UNITS = "ReadUnits" Count Agents::All, Something;
    /// One for the first invocation of an environment.
    COLD_START = "ColdStart" Count Agents::All, Something;
    /// Processor time of the process in this invocation.
    CPU_TIME = "CpuTime" Milliseconds Agents::All, Always;
    /// Resident memory of the process when the invocation ends.
    MEMORY_USED = "MemoryUsed" Megabytes Agents::All, Always;
    /// Bytes that the environment received in this invocation.
    NETWORK_IN = "NetworkIn" Bytes Agents::All, Always;
    /// Bytes that it sent.
    NETWORK_OUT = "NetworkOut" Bytes Agents::All, Always;
}
