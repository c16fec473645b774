//! Concurrent histories of one task, and whether they are linearizable: whether
//! some order of the operations that keeps every "returned before the other was
//! invoked" makes the transition function give each the answer it got.
//!
//! The search remembers what it has tried, so that it comes to an end on histories
//! that are wrong; stateright's does not for long ones, and is asked about short ones.

use flotilla_task::{Command, Outcome, TaskRecord, Transition, transition};
use std::collections::HashSet;
use std::fmt;

/// What was asked of the store.
#[derive(Debug, Clone)]
pub enum Asked {
    /// A write.
    Write(Command),
    /// The record.
    Read,
}

/// What the store answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// What came of the write.
    Wrote(Outcome),
    /// The record, if there is one.
    Saw(Option<TaskRecord>),
}

/// An operation, and the moments between which it took effect.
#[derive(Debug, Clone)]
pub struct Operation {
    /// What was asked.
    pub asked: Asked,
    /// What was answered; none when the answer was lost, or this is a copy of a
    /// request that may have been carried out more than once.
    pub told: Option<Told>,
    /// When it was asked, on a counter that all callers share.
    pub invoked: usize,
    /// When the answer was there.
    pub returned: usize,
}

impl Operation {
    /// A request that may take effect at any time from then on, or never.
    #[must_use]
    pub const fn unanswered(asked: Asked, invoked: usize) -> Self {
        Self { asked, told: None, invoked, returned: usize::MAX }
    }

    /// Whether the store said that this write stands.
    #[must_use]
    pub const fn is_applied(&self) -> bool {
        matches!(self.told, Some(Told::Wrote(Outcome::Applied(_))))
    }
}

/// The sequential specification: what the store answers when it does one thing
/// after the other, and the record it leaves.
#[must_use]
pub fn specified(asked: &Asked, record: Option<&TaskRecord>) -> (Told, Option<TaskRecord>) {
    let before = || record.cloned();
    match asked {
        Asked::Read => (Told::Saw(before()), before()),
        Asked::Write(command) => match transition(record, command) {
            Transition::Applied(after) => {
                (Told::Wrote(Outcome::Applied(after.clone())), Some(after))
            }
            Transition::Refused(refusal) => {
                (Told::Wrote(Outcome::Refused { refusal, record: before() }), before())
            }
        },
    }
}

/// No order explains the answers.
#[derive(Debug)]
pub struct Unexplained<'a> {
    /// The longest order that explains some of them.
    longest: Vec<&'a Operation>,
    /// What was under way then.
    open: Vec<&'a Operation>,
}

impl fmt::Display for Unexplained<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "this order explains {} answers, last:", self.longest.len())?;
        let last = self.longest.len().saturating_sub(5);
        self.longest.iter().skip(last).try_for_each(|operation| writeln!(f, "  {operation}"))?;
        writeln!(f, "but none of these can follow:")?;
        let answered = self.open.iter().filter(|operation| operation.told.is_some());
        answered.into_iter().try_for_each(|operation| writeln!(f, "  {operation}"))
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.asked {
            Asked::Read => write!(f, "read")?,
            Asked::Write(command) => {
                write!(f, "{} at {:?}: {:?}", command.by, command.now, command.action)?;
            }
        }
        let (said, record) = match &self.told {
            None => return write!(f, " -> no answer"),
            Some(Told::Saw(record)) => ("saw".to_owned(), record.as_ref()),
            Some(Told::Wrote(Outcome::Applied(record))) => ("applied".to_owned(), Some(record)),
            Some(Told::Wrote(Outcome::Refused { refusal, record })) => {
                (format!("{refusal:?}"), record.as_ref())
            }
        };
        let stands =
            |r: &TaskRecord| format!("{} {:?} {} by {}", r.stage, r.status, r.epoch, r.writer);
        write!(f, " -> {said}: {}", record.map_or("no task".to_owned(), stands))
    }
}

/// Looks for such an order (the search of Wing and Gong, with Lowe's memory of
/// what was tried), starting with no task.
///
/// # Errors
/// [`Unexplained`] when there is none: the history is not linearizable.
pub fn linearize(history: &[Operation]) -> Result<Vec<usize>, Unexplained<'_>> {
    let mut search = Search {
        history,
        done: vec![false; history.len()],
        order: Vec::new(),
        tried: HashSet::new(),
        longest: Vec::new(),
    };
    if search.explains(None) {
        return Ok(search.order);
    }
    let mut left = vec![true; history.len()];
    search.longest.iter().for_each(|at| left[*at] = false);
    let open = candidates(history, |at| left[at]).map(|at| &history[at]).collect();
    Err(Unexplained { longest: search.longest.iter().map(|at| &history[*at]).collect(), open })
}

struct Search<'a> {
    history: &'a [Operation],
    done: Vec<bool>,
    order: Vec<usize>,
    tried: HashSet<(Vec<bool>, Option<TaskRecord>)>,
    longest: Vec<usize>,
}

impl Search<'_> {
    fn explains(&mut self, record: Option<&TaskRecord>) -> bool {
        if self.order.len() > self.longest.len() {
            self.longest.clone_from(&self.order);
        }
        let mut rest = self.history.iter().zip(&self.done);
        if rest.all(|(operation, done)| *done || operation.told.is_none()) {
            return true;
        }
        if !self.tried.insert((self.done.clone(), record.cloned())) {
            return false;
        }
        let mut writes = Vec::new();
        for at in candidates(self.history, |at| !self.done[at]).collect::<Vec<_>>() {
            let operation = &self.history[at];
            let (told, after) = specified(&operation.asked, record);
            if operation.told.as_ref().is_some_and(|answer| *answer != told) {
                continue;
            }
            if after.as_ref() != record {
                writes.push((at, after));
            } else if operation.told.is_some() {
                // It fits here and changes nothing, so it fits here in every order.
                return self.with(at, record);
            }
        }
        writes.iter().any(|(at, after)| self.with(*at, after.as_ref()))
    }

    fn with(&mut self, at: usize, record: Option<&TaskRecord>) -> bool {
        self.done[at] = true;
        self.order.push(at);
        let explained = self.explains(record);
        if !explained {
            self.order.pop();
            self.done[at] = false;
        }
        explained
    }
}

/// Those that may be next: invoked before any of those that are left returned.
fn candidates(
    history: &[Operation],
    left: impl Fn(usize) -> bool + Copy,
) -> impl Iterator<Item = usize> {
    let open = move || (0..history.len()).filter(move |at| left(*at));
    let first = open().map(|at| history[at].returned).min().unwrap_or(usize::MAX);
    open().filter(move |at| history[*at].invoked < first)
}

#[cfg(test)]
mod tests;
