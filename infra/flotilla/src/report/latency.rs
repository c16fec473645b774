//! From the sending of an event to the end of its task.

use crate::books::{SentBook, TableBook};
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

/// Over the completed tasks of a run. An event that came before its order
/// waited for it, and that wait counts.
pub(super) fn measure(sent: &SentBook, table: &TableBook) -> Option<Latency> {
    let mut times = Histogram::<u64>::new_with_bounds(1, LONGEST_MS, 3).ok()?;
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
    for task in &table.tasks {
        let event = (task.source.as_str(), task.event.as_str());
        if task.status == StatusKind::Completed
            && let (Some(sent), Some(ended)) = (started.get(&event), task.ended_at)
        {
            times.saturating_record(ended.saturating_sub(*sent).clamp(1, LONGEST_MS));
        }
    }
    (!times.is_empty()).then(|| Latency {
        p50: times.value_at_quantile(0.5),
        p95: times.value_at_quantile(0.95),
        p99: times.value_at_quantile(0.99),
    })
}
