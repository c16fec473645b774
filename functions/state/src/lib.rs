//! The state agent: it remembers, answers, forgets and recovers.

mod agent;
mod forget;
mod handler;
mod recover;
mod reply;
mod retrieve;

pub use agent::State;
pub use forget::Forgetting;
pub use handler::StateHandler;
pub use recover::Recover;
pub use reply::Replies;
pub use retrieve::Retrieve;
