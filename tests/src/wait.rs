//! Waiting for a condition, never for a time.

use std::future::Future;
use std::time::Duration;

/// After how long a condition is looked at again: at first, and at most. The looks
/// grow rarer, because on a slow cloud they take what the fleet would work with.
const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(1);

/// Looks until the condition gives a value, and panics after the limit with
/// what was waited for.
pub async fn until<T, F: Future<Output = Option<T>>>(
    what: &str,
    limit: Duration,
    mut condition: impl FnMut() -> F,
) -> T {
    let look = async {
        let mut pause = FIRST;
        loop {
            if let Some(value) = condition().await {
                return value;
            }
            tokio::time::sleep(pause).await;
            pause = pause.mul_f64(1.2).min(LONGEST);
        }
    };
    match tokio::time::timeout(limit, look).await {
        Ok(value) => value,
        Err(_) => panic!("waited {limit:?} in vain for {what}"),
    }
}
