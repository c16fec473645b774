//! Sources over HTTP: warehouses, tracking systems and feeds that are pulled.

mod http;
mod keys;

pub use http::HttpPages;
pub use keys::Keys;
