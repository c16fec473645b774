//! The decision agent.

mod agent;

pub use agent::Decision;

use flotilla_shipment::policy::{Policy, PolicyError};

/// The policy could not be loaded, so the environment does not start.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("POLICY_FILE: {file} cannot be read: {error}")]
    Unreadable {
        /// Its path.
        file: String,
        /// Why.
        error: std::io::Error,
    },
    /// The file is no policy; says line and field.
    #[error(transparent)]
    Wrong(#[from] PolicyError),
}

/// The policy in that file (the setting `POLICY_FILE`), or the bundled one.
///
/// # Errors
/// [`LoadError`].
pub fn load_policy(file: Option<&str>) -> Result<Policy, LoadError> {
    let Some(file) = file else { return Ok(Policy::bundled()?) };
    let text = std::fs::read_to_string(file)
        .map_err(|error| LoadError::Unreadable { file: file.to_owned(), error })?;
    Ok(Policy::parse(&text, file)?)
}
