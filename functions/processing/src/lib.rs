//! The processing agent.

mod agent;

pub use agent::Processing;
