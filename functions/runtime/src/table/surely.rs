//! A conditional write whose answer may get lost.

use flotilla_task::StoreError;
use std::future::Future;

/// Makes a change, and without an answer the very same once more. It is handed a name
/// that is new for each change: it stands in the item, so that a change which had been
/// made already is recognised as this one.
///
/// # Errors
/// [`StoreError`] when the store gave no certain answer to the second either.
pub async fn surely<T, F, A>(change: F) -> Result<T, StoreError>
where
    F: Fn(String) -> A,
    A: Future<Output = Result<T, StoreError>>,
{
    let by = format!("{:016x}", fastrand::u64(..));
    match change(by.clone()).await {
        Err(StoreError::Unavailable(_)) => change(by).await,
        answer => answer,
    }
}
