//! Waiting for a condition, never for a time.

use std::future::Future;
use std::time::Duration;

/// How often a condition is looked at.
const EVERY: Duration = Duration::from_millis(100);

/// Looks until the condition gives a value, and panics after the limit with
/// what was waited for.
pub async fn until<T, F: Future<Output = Option<T>>>(
    what: &str,
    limit: Duration,
    mut condition: impl FnMut() -> F,
) -> T {
    let mut ticks = tokio::time::interval(EVERY);
    let look = async {
        loop {
            ticks.tick().await;
            if let Some(value) = condition().await {
                return value;
            }
        }
    };
    match tokio::time::timeout(limit, look).await {
        Ok(value) => value,
        Err(_) => panic!("waited {limit:?} in vain for {what}"),
    }
}
