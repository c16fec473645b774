//! Pulling a source: what is asked, what a page of an answer holds, and how far it
//! was read. Pure; ingestion does the asking.
//!
//! ```text
//! plan     how a source is pulled, from sources.toml
//! ask      the addresses of its pages
//! link     the next page, where a header names it
//! page     an answer -> documents that ingestion takes as if they had been pushed
//! feed     rows of a plain feed -> the fleet's own tracking events
//! cursor   how far it was read, under a lease: one transition function
//! ports    where cursors are kept, and who fetches pages
//! problem  what may be wrong with an answer, by name
//! ```

pub mod ask;
mod csv;
pub mod cursor;
mod feed;
pub mod link;
pub mod page;
pub mod plan;
pub mod ports;
pub mod problem;

pub use cursor::{Act, Cursor, Ruling, Run, Validators, rule};
pub use page::Page;
pub use plan::{Plan, Speaks};
pub use problem::{Code, Problem};
