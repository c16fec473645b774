//! A surge: an open-loop load on a deployed fleet, and what it measured.

pub mod cost;
pub mod measured;
pub mod page;
