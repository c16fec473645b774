//! Partners over HTTP: carriers, the dispatch desk and the shop.

mod answer;
mod directory;
mod http;
mod pause;
mod signing;
mod terms;

pub use directory::{Directory, DirectoryError};
pub use http::HttpPartners;
pub use signing::{Signing, SigningError};
