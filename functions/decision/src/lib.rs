//! The decision agent.

mod agent;

pub use agent::Decision;
