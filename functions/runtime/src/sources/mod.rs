//! Sources over HTTP: warehouses, tracking systems and feeds that are pulled.

mod http;

pub use http::HttpPages;
