//! Metrics: one record for each invocation, in CloudWatch's embedded metric format.
//!
//! ```text
//! meter (counts while records are worked on) --+
//! process (CPU, memory, network)             --+-> invocation -> record -> one line on stdout
//! table (every metric there is)              --+
//! ```
//!
//! The record *is* the invocation's log line. It does not pass the log's filter, so
//! metrics come whatever the log level says. Written with `serde_json`: the library
//! that is good (awslabs' metrique) brings some sixty crates for this one line.
//!
//! The names, for those who read them: `infra/observability/METRICS.md`.

mod invocation;
mod partners;
mod process;
mod record;
mod table;
mod values;

pub use invocation::{Invocation, Recorder};
pub use record::{MAX_METRICS, NAMESPACE, Record};
pub use table::{ALL, Agents, Metric, Unit, When, names};
pub use values::{MAX_VALUES, Value, values};
