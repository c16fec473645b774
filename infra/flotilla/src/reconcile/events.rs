//! By event: what became of each, and whether that was right.

use super::index::{Index, Sent};
use super::{Findings, found, refused};
use crate::books::{DeadLetter, Fate, Task};
use flotilla_task::StatusKind;
use std::collections::{BTreeMap, BTreeSet};

/// What the table and the dead-letter queues say about one event.
pub(super) struct There<'a> {
    pub(super) tasks: Vec<&'a Task>,
    /// The loads under which it waits.
    pub(super) waits: BTreeSet<&'a str>,
    pub(super) letter: Option<&'a DeadLetter>,
}

pub(super) fn check(index: &Index<'_>, findings: &mut Findings) {
    findings.counts.events = u64::try_from(index.events.len()).unwrap_or(u64::MAX);
    for sent in &index.events {
        findings.counts.duplicates += u64::from(sent.copies.saturating_sub(1));
        let there = look_up(index, sent);
        match &sent.event.expected {
            Fate::Taken { shipments, waits } => {
                count_taken(shipments, waits, &there, findings);
                taken(index, sent, (shipments, waits), &there, findings);
            }
            Fate::Rejected { codes } => {
                count_refused(&there, findings);
                refused::check(sent, codes, &there, findings);
            }
        }
    }
    strangers(index, findings);
    for task in index.all_tasks() {
        *findings.counts.tasks.entry(task.status.as_str().to_owned()).or_default() += 1;
        if let Some(decided) = index.decisions.get(task.id.as_str()) {
            let kind = decided.concluded.decision.action.kind();
            *findings.counts.decisions.entry(kind.to_owned()).or_default() += 1;
        }
    }
}

fn look_up<'a>(index: &Index<'a>, sent: &Sent<'_>) -> There<'a> {
    let name = sent.entry.name(sent.event);
    let tasks = name.and_then(|name| index.tasks.get(&name));
    let waits = name.and_then(|name| index.parked.get(&name));
    There {
        tasks: tasks.cloned().unwrap_or_default(),
        waits: waits.cloned().unwrap_or_default(),
        letter: index.letter(sent),
    }
}

fn count_taken(
    shipments: &BTreeSet<String>,
    waits: &BTreeSet<String>,
    there: &There<'_>,
    findings: &mut Findings,
) {
    let counts = &mut findings.counts;
    if there.tasks.is_empty() && there.letter.is_some() {
        return count_refused(there, findings);
    }
    counts.accepted += u64::from(!there.tasks.is_empty());
    counts.parked += u64::from(!waits.is_empty() && !there.waits.is_empty());
    counts.ignored += u64::from(shipments.is_empty() && waits.is_empty());
    // An invocation that is killed between parking an event and looking again
    // leaves a copy behind, which is given up in time. It does no harm, and shows.
    let left = there.waits.iter().filter(|load| !waits.contains(**load));
    counts.left_parked += u64::try_from(left.count()).unwrap_or(u64::MAX);
}

fn count_refused(there: &There<'_>, findings: &mut Findings) {
    let of_task = there.tasks.iter().find(|task| task.status == StatusKind::Failed);
    let code = match (of_task, there.letter) {
        (Some(task), _) => code_of(task),
        (None, Some(letter)) => letter.code.as_deref().unwrap_or("no_reason"),
        (None, None) => return,
    };
    *findings.counts.rejected.entry(code.to_owned()).or_default() += 1;
}

pub(super) fn code_of(task: &Task) -> &str {
    task.why.as_ref().map_or("no_reason", |why| &why.code)
}

pub(super) fn words_of(task: &Task) -> String {
    task.why.as_ref().map_or_else(|| "no reason".to_owned(), |w| format!("{}: {}", w.code, w.text))
}

/// An event that has to become one task for each of its shipments, and to wait
/// under each load that nobody knows.
fn taken(
    index: &Index<'_>,
    sent: &Sent<'_>,
    (shipments, waits): (&BTreeSet<String>, &BTreeSet<String>),
    there: &There<'_>,
    findings: &mut Findings,
) {
    let mut by_shipment: BTreeMap<&str, Vec<&Task>> = BTreeMap::new();
    for task in &there.tasks {
        by_shipment.entry(&task.shipment).or_default().push(task);
    }
    for (shipment, tasks) in &by_shipment {
        if tasks.len() > 1 {
            let ids: Vec<_> = tasks.iter().map(|task| task.id.as_str()).collect();
            let why = format!("{} tasks of shipment {shipment}: {}", ids.len(), ids.join(", "));
            found(&mut findings.doubled_events, sent.label(), why);
        }
        if !shipments.contains(*shipment) {
            let why = format!("became a task of shipment {shipment}, which it does not concern");
            found(&mut findings.unexpected, sent.label(), why);
        }
    }
    for shipment in shipments {
        match by_shipment.get(shipment.as_str()).and_then(|tasks| tasks.first()) {
            Some(task) => good(index, sent, task, findings),
            None => missing(sent, shipment, there, findings),
        }
    }
    for load in waits {
        if there.waits.contains(load.as_str()) {
            continue;
        }
        match there.letter {
            Some(letter) => {
                let why = format!("had to wait under {load}: {}", letter_words(letter));
                found(&mut findings.unexpected, sent.label(), why);
            }
            None => {
                let why = format!("had to wait under {load}, and nothing is parked there");
                found(&mut findings.lost_events, sent.label(), why);
            }
        }
    }
    if shipments.is_empty() && waits.is_empty() {
        nobodys(sent, there, findings);
    }
}

/// One task of an event, and how it stands.
fn good(index: &Index<'_>, sent: &Sent<'_>, task: &Task, findings: &mut Findings) {
    match task.status {
        StatusKind::Completed if !index.decisions.contains_key(task.id.as_str()) => {
            let why = format!("task {} is completed, but the decision log lacks it", task.id);
            found(&mut findings.lost_events, sent.label(), why);
        }
        StatusKind::Completed => {}
        StatusKind::Held => {
            let why = format!("{} at {}: {}", task.shipment, task.stage, words_of(task));
            found(&mut findings.held, sent.label(), why);
        }
        StatusKind::Pending | StatusKind::Running => unfinished(sent, task, findings),
        StatusKind::Failed => {
            let why = format!("a good event failed at {}: {}", task.stage, words_of(task));
            found(&mut findings.unexpected, sent.label(), why);
        }
        StatusKind::Cancelled => {
            found(&mut findings.unexpected, sent.label(), "its task was cancelled by nobody here");
        }
    }
}

/// A shipment without the task that the event had to become.
fn missing(sent: &Sent<'_>, shipment: &str, there: &There<'_>, findings: &mut Findings) {
    if let Some(letter) = there.letter {
        let why = format!("a good event was refused: {}", letter_words(letter));
        return found(&mut findings.unexpected, sent.label(), why);
    }
    let loads: Vec<_> = there.waits.iter().copied().collect();
    let why = if loads.is_empty() {
        format!("no task of shipment {shipment}, nothing parked and no dead letter")
    } else {
        let loads = loads.join(", ");
        format!("no task of shipment {shipment}: still parked under {loads}, though it is known")
    };
    found(&mut findings.lost_events, sent.label(), why);
}

/// An event that concerns nobody. That it is nowhere is all that can be seen.
fn nobodys(sent: &Sent<'_>, there: &There<'_>, findings: &mut Findings) {
    if let Some(letter) = there.letter {
        let why = format!("concerns nobody, and was refused: {}", letter_words(letter));
        found(&mut findings.unexpected, sent.label(), why);
    }
    for load in &there.waits {
        let why = format!("concerns nobody, and is parked under {load}");
        found(&mut findings.unexpected, sent.label(), why);
    }
}

pub(super) fn unfinished(sent: &Sent<'_>, task: &Task, findings: &mut Findings) {
    let why = format!(
        "task {} is still {} at {} after {} failures ({})",
        task.id,
        task.status.as_str(),
        task.stage,
        task.attempts,
        words_of(task)
    );
    found(&mut findings.lost_events, sent.label(), why);
}

pub(super) fn letter_words(letter: &DeadLetter) -> String {
    let code = letter.code.as_deref().unwrap_or("moved by SQS without a reason");
    let reason = letter.reason.as_deref().unwrap_or("-");
    format!("{code}, {reason} (dead-letter queue of {})", letter.stage)
}

/// Tasks about this run's shipments for events that were never sent.
fn strangers(index: &Index<'_>, findings: &mut Findings) {
    for ((source, event), tasks) in &index.tasks {
        if !index.known.contains(&(*source, *event)) {
            for task in tasks {
                let why = format!("task {}: this event was never sent", task.id);
                found(&mut findings.unexpected, format!("{source} {event}"), why);
            }
        }
    }
}
