//! By task: whether dispatch and the customer were told what they had to be, once.

use super::index::Index;
use super::{Findings, found};
use crate::books::Task;
use flotilla_shipment::decision::Action;
use std::collections::BTreeMap;

pub(super) fn check(index: &Index<'_>, findings: &mut Findings) {
    for task in index.all_tasks() {
        let decided = index.decisions.get(task.id.as_str()).map(|decided| &decided.concluded);
        let action = decided.map(|concluded| &concluded.decision.action);
        let dispatch = Told {
            who: "dispatch",
            keys: index.notices.get(task.id.as_str()),
            had_to: decided.is_some_and(|concluded| concluded.notified)
                || action == Some(&Action::Notify),
        };
        // What waited for a person is the person's to tell.
        let customer = Told {
            who: "the customer",
            keys: index.customer_events.get(task.id.as_str()),
            had_to: decided.is_some_and(|c| c.customer_told || c.decision.tell_customer)
                && action != Some(&Action::Hold),
        };
        for told in [&dispatch, &customer] {
            once(task, told, findings);
        }
        if decided.is_some() && customer.keys.is_some() && !customer.had_to {
            let why = "the customer was told what nobody decided to tell";
            found(&mut findings.unexpected, label(task), why);
        }
    }
}

/// Somebody who is told things.
struct Told<'a> {
    who: &'static str,
    /// How often each key was delivered.
    keys: Option<&'a BTreeMap<&'a str, u32>>,
    had_to: bool,
}

fn once(task: &Task, told: &Told<'_>, findings: &mut Findings) {
    let who = told.who;
    let delivered = told.keys.map_or(0, |keys| keys.values().sum());
    if let Some(keys) = told.keys.filter(|_| delivered > 1) {
        let keys: Vec<_> = keys.keys().copied().collect();
        let why = format!("{who} was told {delivered} times, under {}", keys.join(", "));
        found(&mut findings.doubled_events, label(task), why);
    }
    if told.had_to && delivered == 0 {
        let why = format!("{who} had to be told and knows nothing of it");
        found(&mut findings.lost_events, label(task), why);
    }
}

fn label(task: &Task) -> String {
    format!("task {} ({} {})", task.id, task.source, task.event)
}
