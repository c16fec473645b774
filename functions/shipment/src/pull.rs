//! Pulling a source: what is asked, what a page of an answer holds, and how far it
//! was read. Pure; ingestion does the asking.
//!
//! ```text
//! plan     how a source is pulled, from sources.toml
//! ask      the addresses of its pages
//! page     an answer -> documents that ingestion takes as if they had been pushed
//! feed     rows of a plain feed -> the fleet's own tracking events
//! cursor   how far it was read, under a lease: one transition function
//! problem  what may be wrong with an answer, by name
//! ```

pub mod ask;
mod csv;
pub mod cursor;
mod feed;
pub mod page;
pub mod plan;
pub mod problem;

pub use cursor::{Act, Cursor, Ruling, Run, Validators, rule};
pub use page::Page;
pub use plan::{Plan, Speaks};
pub use problem::{Code, Problem};
