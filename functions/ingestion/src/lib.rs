//! The ingestion agent.

mod again;
mod agent;
mod intake;
mod order;
mod packing;
mod resolve;
mod waiting;

pub use agent::Ingestion;
pub use intake::Intake;
