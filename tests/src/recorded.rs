//! What older releases wrote, kept as files, and what it means: every item of the
//! table and every message, in `tests/recorded`, whose README says how to add to it.

pub mod fixtures;
pub mod scene;
pub mod shape;
pub mod values;
