//! The ingestion agent.

mod agent;

pub use agent::Ingestion;
