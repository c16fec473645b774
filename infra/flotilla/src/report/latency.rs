//! From the sending of an event to the end of its task.

use crate::books::{SentBook, TableBook, Task};
use flotilla_task::StatusKind;
use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A day: nothing in a demo takes longer.
const LONGEST_MS: u64 = 86_400_000;

/// Quantiles in milliseconds, to three digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the quantile each is named after")]
pub struct Latency {
    pub p50: u64,
    pub p95: u64,
    pub p99: u64,
}

impl Latency {
    /// Of times in milliseconds; none without any.
    #[must_use]
    pub fn of(times: impl IntoIterator<Item = u64>) -> Option<Self> {
        let mut histogram = Histogram::<u64>::new_with_bounds(1, LONGEST_MS, 3).ok()?;
        for time in times {
            histogram.saturating_record(time.clamp(1, LONGEST_MS));
        }
        (!histogram.is_empty()).then(|| Self {
            p50: histogram.value_at_quantile(0.5),
            p95: histogram.value_at_quantile(0.95),
            p99: histogram.value_at_quantile(0.99),
        })
    }
}

/// Over the completed tasks of a run. An event that came before its order
/// waited for it, and that wait counts.
pub(super) fn measure(sent: &SentBook, table: &TableBook) -> Option<Latency> {
    // An event may be told by several messages; the first one counts.
    let started: HashMap<(&str, &str), u64> = sent
        .taken()
        .flat_map(|entry| entry.events.iter().map(move |event| (entry, event)))
        .filter_map(|(entry, event)| Some((entry.name(event)?, entry.sent_at_ms?)))
        .fold(HashMap::new(), |mut first, (name, at)| {
            let known = first.entry(name).or_insert(at);
            *known = at.min(*known);
            first
        });
    let took = |task: &Task| {
        let sent = started.get(&(task.source.as_str(), task.event.as_str()))?;
        let completed = task.status == StatusKind::Completed;
        task.ended_at.filter(|_| completed).map(|ended| ended.saturating_sub(*sent))
    };
    Latency::of(table.tasks.iter().filter_map(took))
}
