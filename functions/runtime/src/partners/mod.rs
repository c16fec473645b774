//! Partners over HTTP: carriers and the dispatch desk.

mod directory;
mod http;

pub use directory::{Directory, DirectoryError};
pub use http::HttpPartners;
