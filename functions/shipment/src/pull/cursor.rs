//! How far a source was read, and who may go on: one transition function.
//!
//! A pull reads pages one after the other under a lease. Every write raises the
//! epoch and replaces the version before it, so a puller that fell behind finds a
//! newer epoch and its write is refused. The clock decides only when somebody else
//! may try, never who is right.
//!
//! ```text
//!          claim            turn, turn, ...        end
//!  idle ----------> leased -----------------> idle (since moves on)
//!    ^                | lay_down / stop
//!    +----------------+  (the run stays: the next claim goes on with it)
//! ```

use super::Problem;
use super::problem::Code;
use flotilla_task::{AttemptId, Epoch, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Due a little early is due: a schedule's ticks and a pull's beginning are never
/// exactly one interval apart.
const SLACK: Duration = Duration::from_secs(30);
/// So much of the time before a pull is asked for once more by the next: clocks
/// differ, and what was under way then is visible later. What comes twice is
/// recognised.
const OVERLAP: Duration = Duration::from_secs(600);
/// The longest time between two tries of a source that fails.
const LONGEST_PAUSE: Duration = Duration::from_secs(6 * 3600);

/// How far a source was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The version: every write raises it. Zero before the first.
    pub epoch: Epoch,
    /// Who wrote it; the holder of the lease while there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writer: Option<AttemptId>,
    /// Until when nobody else may try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_until: Option<Timestamp>,
    /// The pull that has begun and not ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Run>,
    /// From when on the next pull asks for what is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// What tells the next pull that nothing has changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validators: Option<Validators>,
    /// When the schedule may ask again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
    /// The last pull that came to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<Finished>,
    /// Pulls that have failed since.
    pub failures: u32,
    /// Why the last one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Noted>,
}

impl Default for Cursor {
    fn default() -> Self {
        Self {
            epoch: Epoch::new(0),
            writer: None,
            lease_until: None,
            run: None,
            since: None,
            validators: None,
            next_at: None,
            finished: None,
            failures: 0,
            problem: None,
        }
    }
}

/// A pull under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// When it began.
    pub began_at: Timestamp,
    /// What is new since then is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// The page to read, as the source named it; none: the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<String>,
    /// Pages handed on.
    pub pages: u32,
    /// Events in them.
    pub events: u64,
    /// A page read before, to find a source that leads in a circle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<String>,
}

/// What a source told of a page's version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// What was asked: of another question they say nothing.
    pub asked: String,
    /// Its entity tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// When it was last changed, in the source's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

/// A pull that came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finished {
    /// When.
    pub at: Timestamp,
    /// Pages that it read.
    pub pages: u32,
    /// Events in them.
    pub events: u64,
}

/// A problem and when it was met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// When.
    pub at: Timestamp,
    /// Which kind.
    pub code: Code,
    /// In words.
    pub text: String,
}

/// What a puller wants to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Begin a pull, or go on with one that was laid down.
    Claim {
        /// When the lease ends.
        until: Timestamp,
        /// From when on a source is asked that was never pulled.
        first: Timestamp,
        /// When the schedule may ask again.
        every: Duration,
    },
    /// A page was handed on, and another follows.
    Turn {
        /// The page that follows.
        next: String,
        /// Events in the one that was handed on.
        events: u64,
    },
    /// The last page was handed on.
    End {
        /// Events in it.
        events: u64,
        /// What it said of its version.
        validators: Option<Validators>,
    },
    /// Nothing has changed since the last pull.
    Unchanged,
    /// The time is up; a next message goes on.
    LayDown,
    /// A page could not be read. The place stays.
    Stop {
        /// Why.
        problem: Problem,
        /// How often the source is pulled when all is well.
        every: Duration,
    },
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// The cursor at its next epoch, to be written in place of this one.
    Write(Cursor),
    /// Somebody else pulls.
    Busy {
        /// Until when, at the latest.
        until: Timestamp,
    },
    /// The lease is another's now; nothing more may be written.
    Fenced,
}

/// Whose the lease is.
enum Lease {
    Nobodys,
    Mine,
    Lapsed,
    Anothers(Timestamp),
}

/// The cursor after an act.
#[must_use]
pub fn rule(cursor: &Cursor, by: &AttemptId, now: Timestamp, act: &Act) -> Ruling {
    let mut next =
        Cursor { epoch: cursor.epoch.next(), writer: Some(by.clone()), ..cursor.clone() };
    match (lease(cursor, by, now), act) {
        (Lease::Anothers(until), Act::Claim { .. }) => return Ruling::Busy { until },
        (Lease::Nobodys | Lease::Lapsed | Lease::Mine, Act::Claim { until, first, every }) => {
            next.lease_until = Some(*until);
            if next.run.is_none() {
                next.run = Some(Run::begin(now, cursor.since.unwrap_or(*first)));
                next.next_at = Some(now.plus(*every));
            }
            return Ruling::Write(next);
        }
        (
            Lease::Nobodys | Lease::Lapsed | Lease::Anothers(_),
            Act::Turn { .. } | Act::End { .. } | Act::Unchanged | Act::LayDown | Act::Stop { .. },
        ) => return Ruling::Fenced,
        (
            Lease::Mine,
            Act::Turn { .. } | Act::End { .. } | Act::Unchanged | Act::LayDown | Act::Stop { .. },
        ) => {}
    }
    let Some(run) = next.run.take() else { return Ruling::Fenced };
    match act {
        Act::Claim { .. } => {}
        Act::Turn { next: page, events } => next.run = Some(run.turned(page, *events)),
        Act::End { events, validators } => {
            next.end(&run.handed_on(*events), now);
            next.validators = validators.clone();
        }
        Act::Unchanged => next.end(&run, now),
        Act::LayDown => {
            next.lease_until = None;
            next.run = Some(run);
        }
        Act::Stop { problem, every } => next.stop(run, now, problem, *every),
    }
    Ruling::Write(next)
}

fn lease(cursor: &Cursor, by: &AttemptId, now: Timestamp) -> Lease {
    match cursor.lease_until {
        None => Lease::Nobodys,
        Some(_) if cursor.writer.as_ref() == Some(by) => Lease::Mine,
        Some(until) if until <= now => Lease::Lapsed,
        Some(until) => Lease::Anothers(until),
    }
}

impl Cursor {
    /// Whether the schedule should have the source pulled now.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        let is_free = self.lease_until.is_none_or(|until| until <= now);
        is_free && self.next_at.is_none_or(|at| at <= now.plus(SLACK))
    }

    /// The pull is over. What is new since it began is asked for next; where it
    /// found nothing the question stays the same, so that the answer to it may be
    /// "not modified".
    fn end(&mut self, run: &Run, now: Timestamp) {
        self.lease_until = None;
        if run.events > 0 || self.since.is_none() {
            let began = run.began_at.as_millis();
            let overlap = u64::try_from(OVERLAP.as_millis()).unwrap_or(u64::MAX);
            self.since = Some(Timestamp::from_millis(began.saturating_sub(overlap)));
        }
        self.finished = Some(Finished { at: now, pages: run.pages, events: run.events });
        self.failures = 0;
        self.problem = None;
    }

    fn stop(&mut self, run: Run, now: Timestamp, problem: &Problem, every: Duration) {
        let begins_again = problem.code.is_about_the_page() && run.position.is_some();
        self.lease_until = None;
        self.run = Some(if begins_again { run.begun_again() } else { run });
        self.validators = None;
        self.failures = self.failures.saturating_add(1);
        let doublings = self.failures.saturating_sub(1).min(16);
        let pause = every.saturating_mul(1 << doublings).min(LONGEST_PAUSE.max(every));
        self.next_at = Some(now.plus(pause.max(problem.after.unwrap_or_default())));
        self.problem = Some(Noted { at: now, code: problem.code, text: problem.text.clone() });
    }
}

impl Run {
    const fn begin(now: Timestamp, since: Timestamp) -> Self {
        Self { began_at: now, since: Some(since), position: None, pages: 0, events: 0, mark: None }
    }

    /// Whether a page has been read before in this pull: it is the one just read,
    /// or the marked one. Every circle is found, because the mark moves on as the
    /// pages double (Brent's algorithm).
    #[must_use]
    pub fn has_read(&self, next: &str) -> bool {
        let is = |read: &Option<String>| read.as_deref() == Some(next);
        is(&self.position) || is(&self.mark)
    }

    fn handed_on(mut self, events: u64) -> Self {
        self.pages = self.pages.saturating_add(1);
        self.events = self.events.saturating_add(events);
        self
    }

    fn turned(self, next: &str, events: u64) -> Self {
        let mut run = self.handed_on(events);
        if run.pages.is_power_of_two() {
            run.mark.clone_from(&run.position);
        }
        run.position = Some(next.to_owned());
        run
    }

    /// From its first page on; what it has found still counts.
    fn begun_again(self) -> Self {
        Self { position: None, mark: None, ..self }
    }
}

#[cfg(test)]
mod tests;
