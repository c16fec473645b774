//! How fast and how cheap the fleet is, measured against what the platform allows and
//! against the peers. `make bench` runs all of it.
//!
//! ```text
//! figure    one measured number beside its goal
//! usage     processor time and memory of a process, as the kernel counts them
//! report    the table and report.json
//! rig       the whole pipeline on this machine without a cloud
//! counts    what a task costs in requests and units
//! growth    whether a task costs the same however many there are
//! ```
//!
//! Timings are ratios of medians within one run, because machines differ and are noisy;
//! counts are exact.

pub mod counts;
pub mod figure;
pub mod ground;
pub mod growth;
pub mod report;
pub mod rig;
pub mod usage;

pub use figure::{Figure, Goal};
pub use ground::Ground;
