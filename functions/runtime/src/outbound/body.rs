//! An answer's body, read up to a limit.

use super::cause::innermost;
use reqwest::Response;

/// Why a body was not read to its end. The status had come by then, so the other
/// side has acted, or may have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// More than is read of any answer of this kind.
    #[error("the answer has more than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// The connection ended first, or time did.
    #[error("the answer broke off: {0}")]
    BrokeOff(String),
    /// Not text.
    #[error("the answer is not UTF-8")]
    NotUtf8,
}

/// An answer's text, of at most so many bytes. What is beyond them is never held.
///
/// # Errors
/// [`Error`], which says why reading stopped.
pub async fn bounded(answer: Response, limit: usize) -> Result<String, Error> {
    String::from_utf8(bounded_bytes(answer, limit).await?).map_err(|_| Error::NotUtf8)
}

/// An answer's bytes, of at most so many.
///
/// # Errors
/// [`Error`], which says why reading stopped.
pub async fn bounded_bytes(mut answer: Response, limit: usize) -> Result<Vec<u8>, Error> {
    // What it says of its length saves reading it, and is not believed otherwise.
    if answer.content_length().is_some_and(|length| length > limit as u64) {
        return Err(Error::TooLarge { limit });
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| broke_off(&error))? {
        if bytes.len().saturating_add(chunk.len()) > limit {
            return Err(Error::TooLarge { limit });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn broke_off(error: &reqwest::Error) -> Error {
    if error.is_timeout() {
        return Error::BrokeOff("no more of it came in time".to_owned());
    }
    Error::BrokeOff(innermost(error))
}
