//! The state agent: it remembers, answers and recovers.

mod agent;
mod handler;
mod recover;
mod retrieve;

pub use agent::State;
pub use handler::StateHandler;
pub use recover::Recover;
pub use retrieve::Retrieve;
