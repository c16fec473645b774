//! How fast and how cheap the fleet is, measured against what the platform allows and
//! against the peers. `make bench` runs all of it.
//!
//! ```text
//! figure    one measured number beside its goal
//! overhead  what the batch loop costs, against an empty function
//! usage     processor time and memory of a process, as the kernel counts them
//! start     what a function costs before and at its first event
//! report    the table and report.json
//! ```
//!
//! Timings are ratios of medians within one run, because machines differ and are noisy;
//! counts are exact.

pub mod figure;
pub mod ground;
pub mod overhead;
pub mod report;
pub mod start;
pub mod usage;

pub use figure::{Figure, Goal};
pub use ground::Ground;
