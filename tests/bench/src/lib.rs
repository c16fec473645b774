//! How fast and how cheap the fleet is, measured against what the platform allows and
//! against the peers. `make bench` runs all of it.
//!
//! ```text
//! counts    what a task costs in requests and units
//! overhead  what the batch loop costs, against an empty function
//! start     what a function costs before and at its first event
//! growth    whether a task costs the same however many there are
//!
//! rig       the whole pipeline on this machine without a cloud
//! usage     processor time and memory of a process, as the kernel counts them
//! ground    where the programs are
//! figure    one measured number beside its goal
//! report    the table and report.json
//! ```
//!
//! Timings are ratios of medians within one run, because machines differ and are noisy;
//! counts are exact.

pub mod counts;
pub mod figure;
pub mod ground;
pub mod growth;
pub mod overhead;
pub mod report;
pub mod rig;
pub mod start;
pub mod usage;

pub use figure::{Figure, Goal};
pub use ground::Ground;
