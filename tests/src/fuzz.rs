//! Documents that went wrong on the way, against every parser that faces bytes from
//! outside. They start from the repository's own samples and lose, repeat, swap and
//! swell what is in them.
//!
//! No coverage guides it, so that it runs on a stable compiler; the samples are what
//! brings it deep into the parsers.

pub mod change;
pub mod engine;
pub mod samples;
mod targets;

pub use engine::{Found, Target, run};
pub use targets::all;
