//! A surge: an open-loop load on a deployed fleet, and what it measured.
//!
//! ```text
//! arguments ─> profile ─> load ─> guard ─> probe ─> send, watch, sample ─> books ─> measured
//!              rate(t)    a day,  refuses  what the  open loop,            lost?
//!                         due     what was emulator  once a second         bins,
//!                         times   not meant carries                        verdict
//! ```
//!
//! The sending does not wait for the fleet, and latency counts from the moment an
//! event was due: a system that is slow cannot hide it by slowing the load down.

mod arguments;
mod bins;
pub mod cost;
mod emulator;
mod guard;
mod load;
pub mod measured;
pub mod page;
mod probe;
pub mod profile;
mod ran;
mod run;
mod sample;
mod send;
mod spans;
mod words;

pub use arguments::{Options, SurgeArguments};
pub use run::run;
