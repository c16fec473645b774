//! The communication agent.

mod agent;
mod booking;
mod guard;
mod look_up;
mod told;

pub use agent::Communication;
pub use guard::{Guarded, Pass};

/// Who is called: see the file.
pub const PARTNERS: &str = include_str!("../data/partners.toml");
