//! From when an event was due until its task was completed.
//!
//! The clock starts when the event is due and not when it was sent: what a slow
//! generator or a full socket delays is delay all the same. An event that is due before
//! its shipment's order counts from when the order is due, because until then it has to
//! wait.

use crate::books::{SentBook, TableBook};
use flotilla_task::StatusKind;
use std::collections::HashMap;

/// One task that was completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span<'a> {
    /// When its event was due, in milliseconds since 1970.
    pub(super) due_ms: u64,
    /// When it was completed.
    pub(super) ended_ms: u64,
    /// Whose event it was.
    pub(super) tenant: &'a str,
}

impl Span<'_> {
    pub(super) const fn took(&self) -> u64 {
        self.ended_ms.saturating_sub(self.due_ms)
    }
}

/// The completed tasks of this run. `tenants` and `due` go by the entries' numbers.
pub(super) fn of<'a>(
    sent: &SentBook,
    table: &TableBook,
    tenants: &[&'a str],
    due: &[Option<u64>],
) -> Vec<Span<'a>> {
    let mut events: HashMap<(&str, &str), (u64, &'a str)> = HashMap::new();
    let mut ordered: HashMap<&str, u64> = HashMap::new();
    for entry in sent.taken() {
        let due = due.get(entry.number).copied().flatten();
        let Some((due, tenant)) = due.zip(tenants.get(entry.number)) else { continue };
        for event in &entry.events {
            if let Some(name) = entry.name(event) {
                // Several messages may tell it; the first one counts.
                let known = events.entry(name).or_insert((due, tenant));
                known.0 = known.0.min(due);
            }
            if event.what == "order" {
                ordered.extend(event.expected.shipments().map(|shipment| (shipment, due)));
            }
        }
    }
    let completed = table.tasks.iter().filter(|task| task.status == StatusKind::Completed);
    completed
        .filter_map(|task| {
            let (due, tenant) = *events.get(&(task.source.as_str(), task.event.as_str()))?;
            let order = ordered.get(task.shipment.as_str()).copied().unwrap_or(0);
            Some(Span { due_ms: due.max(order), ended_ms: task.ended_at?, tenant })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::{Entry, Event, Fate, Task};
    use flotilla_task::Stage;

    fn entry(number: usize, what: &str, shipment: &str) -> Entry {
        let event = Event {
            what: what.to_owned(),
            id: Some(what.to_owned()),
            expected: Fate::task(shipment),
        };
        Entry {
            number,
            source: Some("s".to_owned()),
            events: vec![event],
            body_hash: String::new(),
            bytes: 1,
            sent: 1,
            sent_at_ms: Some(9_000),
        }
    }

    fn task(event: &str, shipment: &str, ended_at: Option<u64>) -> Task {
        Task {
            id: format!("{event}-{shipment}"),
            shipment: shipment.to_owned(),
            source: "s".to_owned(),
            event: event.to_owned(),
            stage: Stage::State,
            status: if ended_at.is_some() { StatusKind::Completed } else { StatusKind::Held },
            attempts: 0,
            why: None,
            created_at: 0,
            updated_at: 0,
            ended_at,
        }
    }

    /// Whatever was sent late counts from when it was due: no coordinated omission.
    #[test]
    fn time_counts_from_when_an_event_was_due_or_its_order_if_that_came_later() {
        let entries =
            vec![entry(0, "departed", "A"), entry(1, "order", "A"), entry(2, "arrived", "A")];
        let sent = SentBook { run: String::new(), seed: 1, entries };
        let tasks = vec![
            task("departed", "A", Some(10_000)),
            task("order", "A", Some(9_500)),
            task("arrived", "A", None),
            task("another run's", "A", Some(1)),
        ];
        let table = TableBook { tasks, ..TableBook::default() };
        let due = [Some(1_000), Some(4_000), Some(5_000)];
        let spans = of(&sent, &table, &["acme", "acme", "globex"], &due);
        let took: Vec<u64> = spans.iter().map(Span::took).collect();
        assert_eq!(took, [6_000, 5_500], "the event waited for its order until 4,000");
        assert_eq!(spans[0].tenant, "acme");
    }
}
