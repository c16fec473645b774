//! How fast and how cheap the fleet is, measured against what the platform allows and
//! against the peers. `make bench` runs all of it.
//!
//! ```text
//! counts    what a task costs in requests and units
//! dollars   from counted units to dollars, beside what the same costs elsewhere
//! overhead  what the batch loop costs, against an empty function
//! start     what a function costs before and at its first event
//! peer      the same job in Rust and in Python, side by side
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
pub mod dollars;
pub mod figure;
pub mod ground;
pub mod growth;
pub mod overhead;
pub mod peer;
pub mod report;
pub mod rig;
pub mod start;
pub mod usage;

pub use figure::{Figure, Goal};
pub use ground::Ground;
