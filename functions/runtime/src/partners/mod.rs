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

use flotilla_task::{Reason, ReasonCode};

/// Parts of a problem are somebody else's own words, of any length and of any
/// characters.
fn bounded(problem: &str) -> String {
    Reason::new(ReasonCode::Failed, problem).text
}
