//! The communication agent.

mod agent;
mod booking;

pub use agent::Communication;

/// Who is called: see the file.
pub const PARTNERS: &str = include_str!("../data/partners.toml");
