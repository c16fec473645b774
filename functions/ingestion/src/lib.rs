//! The ingestion agent.

mod again;
mod agent;
mod intake;
mod kinds;
mod order;
mod packing;
mod pull;
mod resolve;
mod waiting;

pub use agent::Ingestion;
pub use intake::Intake;
pub use kinds::Kinds;
pub use pull::Puller;

/// Reads and writes of one event that are under way side by side.
const SIDE_BY_SIDE: usize = 10;
