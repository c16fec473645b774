//! Decisions that were made, with what they looked at: from the table, or a line of
//! JSON each.

use crate::books::TableBook;
use flotilla_shipment::decision::Decision;
use flotilla_shipment::event::Event;
use flotilla_shipment::lane::{LaneStats, lane};
use flotilla_shipment::payload::{Known, Normalised};
use flotilla_task::TaskId;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io::{self, BufRead, Write};

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// The shipment.
    pub shipment: String,
    /// The task.
    pub task: TaskId,
    /// What happened.
    pub event: Event,
    /// What was known.
    pub known: Known,
    /// What was decided.
    pub decision: Decision,
    /// What had been learned of the lane, all weeks that are still known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lanes: Vec<LaneStats>,
}

impl Recorded {
    /// What the decision looked at.
    #[must_use]
    pub fn looked_at(&self) -> Normalised {
        let (event, known) = (self.event.clone(), self.known.clone());
        Normalised { event, known, excluded: Vec::new(), rounds: 0 }
    }
}

/// A line is no decision.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct NotRead {
    line: usize,
    problem: String,
}

/// All decisions that the table has logged, in the order of their events.
///
/// # Errors
/// When one has a task that cannot be one.
pub fn of_book(book: &TableBook) -> Result<Vec<Recorded>, NotRead> {
    let mut learned: HashMap<&str, Vec<LaneStats>> = HashMap::new();
    for (name, stats) in &book.lanes {
        learned.entry(name).or_default().push(stats.clone());
    }
    let mut decisions: Vec<_> = book.decisions.iter().collect();
    decisions.sort_by_key(|decided| (decided.logged_at, &decided.shipment, &decided.task));
    let recorded = decisions.into_iter().zip(1..).map(|(decided, line)| {
        let wrong = |problem: String| NotRead { line, problem };
        let concluded = &decided.concluded;
        let facts = &concluded.known.facts;
        let on = lane(&facts.origin, &facts.destination);
        Ok(Recorded {
            shipment: decided.shipment.clone(),
            task: TaskId::new(&decided.task).map_err(|error| wrong(error.to_string()))?,
            event: concluded.event.clone(),
            known: concluded.known.clone(),
            decision: concluded.decision.clone(),
            lanes: learned.get(on.as_str()).cloned().unwrap_or_default(),
        })
    });
    recorded.collect()
}

/// Reads decisions, one a line.
///
/// # Errors
/// [`NotRead`] names the line.
pub fn read(lines: impl BufRead) -> Result<Vec<Recorded>, NotRead> {
    let read = lines.lines().zip(1..).map(|(text, line)| {
        let wrong = |problem: String| NotRead { line, problem };
        let text = text.map_err(|error| wrong(error.to_string()))?;
        serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))
    });
    read.collect()
}

/// Writes decisions, one a line.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(recorded: &[Recorded], out: &mut dyn Write) -> io::Result<()> {
    for each in recorded {
        serde_json::to_writer(&mut *out, each)?;
        writeln!(out)?;
    }
    Ok(())
}
