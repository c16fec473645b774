//! What the end-to-end tests share: a deployed fleet, and waiting for a
//! condition with a limit. The tests run against whatever cloud
//! `AWS_ENDPOINT_URL` and `FLOTILLA_STACK` name; `make test` starts a local one.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on says so by panicking"
)]

pub mod callers;
pub mod command_line;
pub mod commands;
mod deploy;
mod events;
mod fleet;
pub mod fuzz;
pub mod history;
mod pulls;
mod queues;
pub mod recorded;
mod seed;
mod strict;
pub mod terminal;
mod wait;
mod wire;
mod world;

pub use deploy::Release;
pub use events::{
    SOURCE, batch, checked, cloud_event, container, fresh, in_hours, now, order, order_data,
    pallet, task_from, task_of, tracking,
};
pub use fleet::{Fleet, PATIENCE, configuration};
pub use queues::{Letter, agent, aws};
pub use seed::{name_of, renamed, to_communication, to_processing};
pub use strict::Strict;
pub use wait::until;
