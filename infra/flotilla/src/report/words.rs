//! The report in words.

use super::Report;
use crate::error::Error;
use crate::reconcile::Finding;
use std::collections::BTreeMap;
use std::io::Write;

/// So many findings of a kind are shown; all are in the file.
const SHOWN: usize = 12;

impl Report {
    /// Tells the report to a person.
    ///
    /// # Errors
    /// [`Error::Output`] when it cannot be shown.
    pub fn tell(&self, out: &mut dyn Write) -> Result<(), Error> {
        writeln!(out, "\n{}\n", self.verdict())?;
        let duplicates = self.duplicates;
        let rejected: u64 = self.rejected.values().sum();
        let mut row = |name: &str, text: String| writeln!(out, "  {name:<16}{text}");
        row(
            "sent",
            format!(
                "{} messages with {} events, and {duplicates} copies of these",
                self.sent, self.events
            ),
        )?;
        row("accepted", format!("{:<6}became tasks that were not refused later", self.accepted))?;
        row("rejected", format!("{rejected:<6}{}", list(&self.rejected)))?;
        let left = match self.left_parked {
            0 => String::new(),
            left => format!("; {left} copies of others are left waiting"),
        };
        row("parked", format!("{:<6}wait for an order that never came{left}", self.parked))?;
        row("ignored", format!("{:<6}concern nobody", self.ignored))?;
        let tasks: u64 = self.tasks.values().sum();
        row("tasks", format!("{tasks:<6}{}", list(&self.tasks)))?;
        row("decisions", list(&self.decisions))?;
        if let Some(ms) = self.end_to_end_ms {
            let text = format!("p50 {}, p95 {}, p99 {}", time(ms.p50), time(ms.p95), time(ms.p99));
            row("end to end", text)?;
        }
        match (self.records_per_invocation, self.write_units_per_task) {
            (Some(records), Some(units)) => {
                row("cost", format!("{records} records an invocation, {units} write units a task"))?
            }
            (Some(_) | None, _) => row("cost", self.invocations_note.clone())?,
        }
        if let (Some(kills), Some(seconds)) = (self.kills, self.seconds) {
            row("killed", format!("{kills} function processes"))?;
            row("took", format!("{seconds} s"))?;
        }
        if let Some(storm) = &self.storm {
            let struck = list(&storm.seen.struck);
            row("went wrong", struck)?;
            row(
                "survived by",
                format!(
                    "{} takeovers, {} fenced writes ({} of them late), {} resends, {} replays",
                    storm.seen.takeovers,
                    storm.seen.fenced,
                    storm.seen.fenced_late,
                    storm.resent,
                    storm.replayed
                ),
            )?;
        }
        let (lost, doubled, unexpected) = (self.lost, self.doubled, self.unexpected);
        let stuck = self.storm.as_ref().map(|storm| format!("      stuck {}", storm.stuck));
        let stuck = stuck.unwrap_or_default();
        row("lost", format!("{lost:<6}doubled {doubled:<6}unexpected {unexpected}{stuck}"))?;
        let lists = &self.findings;
        findings("Lost events", &lists.lost_events, out)?;
        findings("Lost bookings", &lists.lost_legs, out)?;
        findings("Doubled events", &lists.doubled_events, out)?;
        findings("Doubled bookings", &lists.doubled_legs, out)?;
        findings("Unexpected", &lists.unexpected, out)?;
        findings("Held for a person", &lists.held, out)
    }

    fn verdict(&self) -> String {
        let ended = match self.ended.as_deref() {
            Some("quiet") | None => String::new(),
            Some(reason) => format!("The fleet did not become quiet: {reason}.\n"),
        };
        let verdict = if self.agrees() {
            "Everything sent is accounted for in all three books: nothing lost, nothing doubled."
        } else {
            "The three books do not agree."
        };
        let unseen = self.storm.as_ref().map(crate::demo::Damage::unseen).unwrap_or_default();
        if unseen.is_empty() {
            return format!("{ended}{verdict}");
        }
        let unseen = unseen.join(", no ");
        format!(
            "{ended}{verdict}\nThere were no {unseen}, so the run does not show them: take longer."
        )
    }
}

fn list(counts: &BTreeMap<String, u64>) -> String {
    let all: Vec<_> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

fn time(ms: u64) -> String {
    if ms < 1000 { format!("{ms} ms") } else { format!("{}.{} s", ms / 1000, ms / 100 % 10) }
}

/// Lists what was found, with reasons.
pub(crate) fn findings(title: &str, list: &[Finding], out: &mut dyn Write) -> Result<(), Error> {
    if list.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{title} ({})", list.len())?;
    for finding in list.iter().take(SHOWN) {
        writeln!(out, "  {}: {}", finding.what, finding.why)?;
    }
    if list.len() > SHOWN {
        writeln!(out, "  ... and {} more", list.len() - SHOWN)?;
    }
    Ok(())
}
