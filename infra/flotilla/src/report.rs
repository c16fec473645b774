//! The report of a run: `report.json` for programs, words for people.

mod latency;
mod words;

use crate::books::{SentBook, TableBook};
use crate::cloud::logs::Invocations;
use crate::counts::float;
use crate::demo::Damage;
use crate::error::Error;
use crate::reconcile::{Counts, Findings};
use crate::watch::Ending;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use latency::Latency;
pub(crate) use words::findings as tell_findings;

/// Everything there is to say about a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The run's name.
    pub run: String,
    /// Where the dice had started.
    pub seed: u64,
    /// Messages that SQS took.
    pub sent: u64,
    /// Different events that they told.
    pub events: u64,
    /// Different events that became a task and were not refused.
    pub accepted: u64,
    /// Copies of events beyond the first.
    pub duplicates: u64,
    /// Refused events by reason code.
    pub rejected: BTreeMap<String, u64>,
    /// Events that wait for an order or a packing that never came.
    pub parked: u64,
    /// Copies left waiting, though it is known by now what they waited for.
    pub left_parked: u64,
    /// Events that concern nobody.
    pub ignored: u64,
    /// Tasks by final status.
    pub tasks: BTreeMap<String, u64>,
    /// How much was lost.
    pub lost: usize,
    /// How much was doubled.
    pub doubled: usize,
    /// How much came out otherwise than it had to.
    pub unexpected: usize,
    /// Decisions by kind.
    pub decisions: BTreeMap<String, u64>,
    /// From the sending of an event to the end of its task; null without tasks.
    pub end_to_end_ms: Option<Latency>,
    /// Null when the logs cannot be read.
    pub records_per_invocation: Option<f64>,
    /// Null when the logs cannot be read.
    pub write_units_per_task: Option<f64>,
    /// What to know about the two figures before.
    pub invocations_note: String,
    /// Function processes really killed; null outside a demo.
    pub kills: Option<u32>,
    /// How long it took; null outside a demo.
    pub seconds: Option<f64>,
    /// How the wait for the fleet ended; null outside a demo.
    pub ended: Option<String>,
    /// What a storm did; null in fair weather.
    pub storm: Option<Damage>,
    /// What was found, with reasons.
    pub findings: Lists,
}

/// The findings without the counts, which stand in the report itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the lists of `Findings`, which says what they are")]
pub struct Lists {
    pub lost_events: Vec<crate::reconcile::Finding>,
    pub lost_legs: Vec<crate::reconcile::Finding>,
    pub doubled_events: Vec<crate::reconcile::Finding>,
    pub doubled_legs: Vec<crate::reconcile::Finding>,
    pub unexpected: Vec<crate::reconcile::Finding>,
    pub held: Vec<crate::reconcile::Finding>,
}

impl Report {
    /// What the three books alone can say.
    #[must_use]
    pub fn new(sent: &SentBook, table: &TableBook, findings: Findings) -> Self {
        let (lost, doubled) = (findings.lost(), findings.doubled());
        let Findings { lost_events, lost_legs, doubled_events, doubled_legs, .. } = findings;
        let Findings { unexpected, held, counts, .. } = findings;
        let Counts { accepted, duplicates, rejected, parked, left_parked, ignored, .. } = counts;
        let Counts { events, tasks, decisions, .. } = counts;
        Self {
            run: sent.run.clone(),
            seed: sent.seed,
            sent: sent.entries.iter().map(|entry| u64::from(entry.sent)).sum(),
            events,
            accepted,
            duplicates,
            rejected,
            parked,
            left_parked,
            ignored,
            tasks,
            lost,
            doubled,
            unexpected: unexpected.len(),
            decisions,
            end_to_end_ms: latency::measure(sent, table),
            records_per_invocation: None,
            write_units_per_task: None,
            invocations_note: "the functions' logs were not read".to_owned(),
            kills: None,
            seconds: None,
            ended: None,
            storm: None,
            findings: Lists {
                lost_events,
                lost_legs,
                doubled_events,
                doubled_legs,
                unexpected,
                held,
            },
        }
    }

    /// Adds how the run went.
    #[must_use]
    pub fn with_run(mut self, seconds: f64, kills: u32, ending: &Ending) -> Self {
        self.seconds = Some((seconds * 10.0).round() / 10.0);
        self.kills = Some(kills);
        self.ended = Some(match ending {
            Ending::Quiet => "quiet".to_owned(),
            Ending::GaveUp(reason) => reason.clone(),
        });
        self
    }

    /// Adds what a storm did.
    #[must_use]
    pub fn with_storm(mut self, damage: Damage) -> Self {
        self.storm = Some(damage);
        self
    }

    /// Adds what the functions counted about themselves, or why that is missing.
    #[must_use]
    pub fn with_invocations(mut self, counted: Result<Invocations, String>) -> Self {
        match counted {
            Ok(sum) => {
                let tasks: u64 = self.tasks.values().sum();
                self.records_per_invocation = ratio(float(sum.records), sum.count);
                self.write_units_per_task = ratio(sum.write_units, tasks);
                self.invocations_note = format!(
                    "from the log lines of {} invocations; those of killed environments are missing",
                    sum.count
                );
            }
            Err(problem) => self.invocations_note = format!("no figures: {problem}"),
        }
        self
    }

    /// Whether everything was accounted for. A storm must also have shown what it
    /// was to show, and have left nothing stuck.
    #[must_use]
    pub fn good(&self) -> bool {
        let weathered =
            self.storm.as_ref().is_none_or(|storm| storm.stuck == 0 && storm.unseen().is_empty());
        self.agrees() && weathered
    }

    /// Whether the three books agree.
    const fn agrees(&self) -> bool {
        self.lost == 0 && self.doubled == 0 && self.unexpected == 0
    }

    /// Writes `report.json`.
    ///
    /// # Errors
    /// [`Error::Usage`] when the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        write_json(path, self)
    }
}

fn ratio(sum: f64, count: u64) -> Option<f64> {
    (count > 0).then(|| (sum / float(count) * 100.0).round() / 100.0)
}

/// Makes the report's folder and tries to write, before the work is done.
///
/// # Errors
/// [`Error::Usage`] when that cannot be done.
pub fn prepare(report: &Path) -> Result<(), Error> {
    if let Some(folder) = report.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| Error::file(folder, &error))?;
    }
    std::fs::write(report, "{}\n").map_err(|error| Error::file(report, &error))
}

/// Where the first book of a report lies: `sent.json` beside it.
#[must_use]
pub fn sent_path(report: &Path) -> PathBuf {
    report.with_file_name("sent.json")
}

/// Writes the first book beside the report, so that `flotilla reconcile` can
/// compare again.
///
/// # Errors
/// [`Error::Usage`] when the file cannot be written.
pub fn write_sent(report: &Path, sent: &SentBook) -> Result<(), Error> {
    write_json(&sent_path(report), sent)
}

/// Writes what the functions logged beside the report, and says where.
///
/// # Errors
/// [`Error::Usage`] when the file cannot be written.
pub fn write_logs(report: &Path, lines: &str) -> Result<PathBuf, Error> {
    let path = report.with_file_name("functions.log");
    std::fs::write(&path, lines).map_err(|error| Error::file(&path, &error))?;
    Ok(path)
}

/// Reads a first book.
///
/// # Errors
/// [`Error::Usage`] when there is none or it is something else.
pub fn read_sent(path: &Path) -> Result<SentBook, Error> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let advice = "`flotilla demo` writes this book beside its report";
        Error::file(path, &format!("{error}; {advice}"))
    })?;
    serde_json::from_str(&text).map_err(|error| Error::file(path, &error))
}

pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), Error> {
    let mut text =
        serde_json::to_string_pretty(value).map_err(|error| Error::file(path, &error))?;
    text.push('\n');
    std::fs::write(path, text).map_err(|error| Error::file(path, &error))
}
