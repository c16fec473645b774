//! By event: what became of each, and whether that was right.

use super::index::{Index, name};
use super::{Findings, found};
use crate::books::{DeadLetter, Entry, Fate, Parked, Task};
use flotilla_shipment::decision::Action;
use flotilla_task::StatusKind;

/// Longer than this, and SQS may have had no room for a reason beside the body.
const NO_ROOM_BYTES: usize = 1_048_576 - 2048;

/// What the table and the dead-letter queues say about one event.
enum Found<'a> {
    Task(&'a Task),
    Letter(&'a DeadLetter),
    Parked(&'a Parked),
    Nothing,
}

pub(super) fn check(index: &Index<'_>, findings: &mut Findings) {
    for entry in &index.entries {
        findings.counts.duplicates += u64::from(entry.sent.saturating_sub(1));
        let found = look_up(index, entry, findings);
        count(&found, findings);
        match &entry.expected {
            Fate::Task => good(index, entry, found, findings),
            Fate::Rejected { codes } => bad(entry, codes, found, findings),
            Fate::Parked => orphan(entry, found, findings),
        }
    }
    strangers(index, findings);
    for task in index.all_tasks() {
        *findings.counts.tasks.entry(task.status.as_str().to_owned()).or_default() += 1;
        if let Some(decided) = index.decisions.get(task.id.as_str()) {
            let kind = decided.concluded.decision.action.kind();
            *findings.counts.decisions.entry(kind.to_owned()).or_default() += 1;
        }
        notices(index, task, findings);
    }
}

/// What dispatch was told for one task, against what the task says.
fn notices(index: &Index<'_>, task: &Task, findings: &mut Findings) {
    let label = || format!("task {} ({} {})", task.id, task.source, task.event);
    let keys = index.notices.get(task.id.as_str());
    if let Some(keys) = keys.filter(|keys| keys.len() > 1) {
        let keys: Vec<_> = keys.iter().copied().collect();
        let why = format!("dispatch was told under {} keys: {}", keys.len(), keys.join(", "));
        found(&mut findings.doubled_events, label(), why);
    }
    let Some(decided) = index.decisions.get(task.id.as_str()) else { return };
    let claims = decided.concluded.notified || decided.concluded.decision.action == Action::Notify;
    if claims && keys.is_none() {
        let why = "dispatch had to be told and knows nothing of it";
        found(&mut findings.lost_events, label(), why);
    }
}

/// A task says most; parked or dead-lettered counts where there is none.
fn look_up<'a>(index: &Index<'a>, entry: &Entry, findings: &mut Findings) -> Found<'a> {
    if let Some(event) = name(entry) {
        let tasks = index.tasks.get(&event).map(Vec::as_slice).unwrap_or_default();
        if tasks.len() > 1 {
            let ids: Vec<_> = tasks.iter().map(|t| format!("{} ({})", t.id, t.shipment)).collect();
            let why = format!("{} tasks: {}", tasks.len(), ids.join(", "));
            found(&mut findings.doubled_events, entry.label(), why);
        }
        if let Some(task) = tasks.first() {
            return Found::Task(task);
        }
    }
    // A copy that was refused is on record even while another one is parked.
    if let Some(letter) = index.letter(entry) {
        return Found::Letter(letter);
    }
    match name(entry).and_then(|event| index.parked.get(&event)) {
        Some(parked) => Found::Parked(parked),
        None => Found::Nothing,
    }
}

fn count(found: &Found<'_>, findings: &mut Findings) {
    let counts = &mut findings.counts;
    match found {
        Found::Task(task) if task.status == StatusKind::Failed => {
            *counts.rejected.entry(code_of(task).to_owned()).or_default() += 1;
        }
        Found::Task(_) => counts.accepted += 1,
        Found::Letter(letter) => {
            let code = letter.code.as_deref().unwrap_or("no_reason");
            *counts.rejected.entry(code.to_owned()).or_default() += 1;
        }
        Found::Parked(_) => counts.parked += 1,
        Found::Nothing => {}
    }
}

fn code_of(task: &Task) -> &str {
    task.why.as_ref().map_or("no_reason", |why| &why.code)
}

fn words_of(task: &Task) -> String {
    task.why.as_ref().map_or_else(|| "no reason".to_owned(), |w| format!("{}: {}", w.code, w.text))
}

/// An event that has to become a task.
fn good(index: &Index<'_>, entry: &Entry, there: Found<'_>, findings: &mut Findings) {
    let task = match there {
        Found::Task(task) => task,
        Found::Letter(letter) => {
            let why = format!("a good event was refused: {}", letter_words(letter));
            return found(&mut findings.unexpected, entry.label(), why);
        }
        Found::Parked(parked) => {
            let why = format!("still parked under {}, though its order came", parked.identifier);
            return found(&mut findings.lost_events, entry.label(), why);
        }
        Found::Nothing => {
            let why = "sent, but there is no task, nothing parked and no dead letter";
            return found(&mut findings.lost_events, entry.label(), why);
        }
    };
    if entry.shipment.as_deref() != Some(&task.shipment) {
        let why = format!("became a task of shipment {}", task.shipment);
        found(&mut findings.unexpected, entry.label(), why);
    }
    match task.status {
        StatusKind::Completed if !index.decisions.contains_key(task.id.as_str()) => {
            let why = "its task is completed, but the decision log does not know it";
            found(&mut findings.lost_events, entry.label(), why);
        }
        StatusKind::Completed => {}
        StatusKind::Held => {
            let why = format!("at {}: {}", task.stage, words_of(task));
            found(&mut findings.held, entry.label(), why);
        }
        StatusKind::Pending | StatusKind::Running => unfinished(entry, task, findings),
        StatusKind::Failed => {
            let why = format!("a good event failed at {}: {}", task.stage, words_of(task));
            found(&mut findings.unexpected, entry.label(), why);
        }
        StatusKind::Cancelled => {
            found(&mut findings.unexpected, entry.label(), "its task was cancelled by nobody here");
        }
    }
}

fn unfinished(entry: &Entry, task: &Task, findings: &mut Findings) {
    let why = format!(
        "task {} is still {} at {} after {} failures ({})",
        task.id,
        task.status.as_str(),
        task.stage,
        task.attempts,
        words_of(task)
    );
    found(&mut findings.lost_events, entry.label(), why);
}

/// A message that has to be refused.
fn bad(entry: &Entry, codes: &[String], there: Found<'_>, findings: &mut Findings) {
    let right = |code: &str| codes.iter().any(|known| known == code);
    let wanted = codes.join(" or ");
    match there {
        Found::Letter(letter) => match &letter.code {
            Some(code) if right(code) => {}
            // SQS moved it, as the reason found no room beside the body.
            None if entry.bytes > NO_ROOM_BYTES => {}
            Some(_) | None => {
                let why = format!("refused, but not for {wanted}: {}", letter_words(letter));
                found(&mut findings.unexpected, entry.label(), why);
            }
        },
        Found::Task(task) => match task.status {
            StatusKind::Failed if right(code_of(task)) => {}
            StatusKind::Pending | StatusKind::Running => unfinished(entry, task, findings),
            StatusKind::Failed | StatusKind::Held => {
                let why =
                    format!("{}, but not for {wanted}: {}", task.status.as_str(), words_of(task));
                found(&mut findings.unexpected, entry.label(), why);
            }
            StatusKind::Completed | StatusKind::Cancelled => {
                let why = format!("had to be refused ({wanted}), and is {}", task.status.as_str());
                found(&mut findings.unexpected, entry.label(), why);
            }
        },
        Found::Parked(_) => {
            let why = format!("had to be refused ({wanted}), and is parked");
            found(&mut findings.unexpected, entry.label(), why);
        }
        Found::Nothing => {
            let why = format!("had to be refused ({wanted}), and nothing is on record");
            found(&mut findings.lost_events, entry.label(), why);
        }
    }
}

/// An event whose order never comes.
fn orphan(entry: &Entry, there: Found<'_>, findings: &mut Findings) {
    match there {
        Found::Parked(_) => {}
        Found::Task(task) => {
            let why = format!("has no order, and became a task of shipment {}", task.shipment);
            found(&mut findings.unexpected, entry.label(), why);
        }
        Found::Letter(letter) => {
            let why = format!("had to wait for its order: {}", letter_words(letter));
            found(&mut findings.unexpected, entry.label(), why);
        }
        Found::Nothing => {
            let why = "had to wait for its order, and nothing is parked";
            found(&mut findings.lost_events, entry.label(), why);
        }
    }
}

fn letter_words(letter: &DeadLetter) -> String {
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
