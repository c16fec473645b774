//! Partners over HTTP: carriers, the dispatch desk and the shop.

mod directory;
mod http;

pub use directory::{Directory, DirectoryError};
pub use http::HttpPartners;
