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

mod fleet;
mod wait;

pub use fleet::{
    Fleet, Letter, SOURCE, cloud_event, fresh, in_hours, now, order, task_of, tracking,
};
pub use wait::until;
