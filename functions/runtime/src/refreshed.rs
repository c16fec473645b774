//! A value that is kept from one refresh to the next.
//!
//! A function's environment is frozen between invocations, so nothing refreshes in
//! the background: whoever uses a value that has become due refreshes it first, one
//! caller at a time, while the others go on with what there is. When that fails, what
//! there is stays, and the next try is soon.

use flotilla_task::Timestamp;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long after a refresh that failed the next one is tried.
const SOON: Duration = Duration::from_secs(30);

/// The value and when it is due.
#[derive(Debug)]
pub struct Refreshed<T> {
    every: Duration,
    kept: Mutex<Kept<T>>,
}

#[derive(Debug)]
struct Kept<T> {
    value: Arc<T>,
    due: Timestamp,
}

/// What there is at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Now<T> {
    /// It counts.
    Fresh(Arc<T>),
    /// It counts, and the caller is the one to look for a newer one.
    Due(Arc<T>),
}

impl<T> Refreshed<T> {
    /// A value that was fetched now and is due every so often.
    pub fn new(value: T, now: Timestamp, every: Duration) -> Self {
        Self { every, kept: Mutex::new(Kept { value: Arc::new(value), due: now.plus(every) }) }
    }

    /// The value. Of many callers one is told that it is due; the next is when that
    /// one has not set another for a while.
    pub fn at(&self, now: Timestamp) -> Now<T> {
        let mut kept = self.kept();
        let value = Arc::clone(&kept.value);
        if now < kept.due {
            return Now::Fresh(value);
        }
        kept.due = now.plus(self.every.min(SOON));
        Now::Due(value)
    }

    /// Keeps a newer value.
    pub fn set(&self, value: T, now: Timestamp) -> Arc<T> {
        let value = Arc::new(value);
        *self.kept() = Kept { value: Arc::clone(&value), due: now.plus(self.every) };
        value
    }

    /// Keeps the value, which has turned out to be the newest.
    pub fn confirm(&self, now: Timestamp) {
        self.kept().due = now.plus(self.every);
    }

    fn kept(&self) -> MutexGuard<'_, Kept<T>> {
        // Nothing panics while it is held; if it did, the value would still be whole.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_caller_refreshes_and_a_failure_is_tried_again_soon() {
        let at = |seconds: u64| Timestamp::from_millis(seconds * 1000);
        let kept = Refreshed::new(1, at(0), Duration::from_secs(300));
        assert_eq!(kept.at(at(299)), Now::Fresh(Arc::new(1)));
        assert_eq!(kept.at(at(300)), Now::Due(Arc::new(1)));
        assert_eq!(kept.at(at(301)), Now::Fresh(Arc::new(1)), "somebody is at it");
        assert_eq!(kept.at(at(330)), Now::Due(Arc::new(1)), "that one failed");
        assert_eq!(*kept.set(2, at(331)), 2);
        assert_eq!(kept.at(at(630)), Now::Fresh(Arc::new(2)));
        assert_eq!(kept.at(at(631)), Now::Due(Arc::new(2)));
        kept.confirm(at(632));
        assert_eq!(kept.at(at(931)), Now::Fresh(Arc::new(2)));
    }
}
