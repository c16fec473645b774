//! How fast and how cheap the fleet is, measured against what the platform allows and
//! against the peers. `make bench` runs all of it.
//!
//! ```text
//! figure    one measured number beside its goal
//! usage     processor time and memory of a process, as the kernel counts them
//! report    the table and report.json
//! peer      the same job in Rust and in Python, side by side
//! dollars   from counted units to dollars, beside what the same costs elsewhere
//! ```
//!
//! Timings are ratios of medians within one run, because machines differ and are noisy;
//! counts are exact.

pub mod dollars;
pub mod figure;
pub mod ground;
pub mod peer;
pub mod report;
pub mod usage;

pub use figure::{Figure, Goal};
pub use ground::Ground;
