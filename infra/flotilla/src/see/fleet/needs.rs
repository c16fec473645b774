//! What needs a person, and which command helps.
//!
//! A parked event needs nobody: it waits for an order. A partner that is being tried
//! again, or is let in step by step, gets well by itself. A task that failed stays on
//! the list until it goes on or expires, as only a person can say that it does not
//! matter.

use super::policy::Policy;
use super::words::{counted, for_how_long, partner};
use super::{Agent, Snapshot};
use crate::cloud::partners::PartnerState;
use flotilla_shipment::partner::Breaker;
use flotilla_task::Timestamp;

/// Something that needs a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// What it is, as half a sentence.
    pub what: String,
    /// The command that shows more of it, or ends it.
    pub command: String,
}

fn need(what: String, command: impl Into<String>) -> Need {
    Need { what, command: command.into() }
}

/// Everything that needs a person.
#[must_use]
pub fn needs(fleet: &Snapshot) -> Vec<Need> {
    let mut needs: Vec<Need> = fleet.agents.iter().filter_map(paused).collect();
    needs.extend(fleet.partners.iter().filter_map(|state| unwell(state, fleet.at)));
    if let Policy::Refused { problem, .. } = &fleet.policy {
        let what = format!("the newest policy document is refused: {problem}");
        needs.push(need(what, "flotilla policy diff built-in FILE"));
    }
    if fleet.failed.count > 0 {
        let what = format!("{} failed", counted(fleet.failed, "task"));
        needs.push(need(what, "flotilla tasks --failed"));
    }
    if fleet.held.count > 0 {
        let what = format!("{} on hold", counted(fleet.held, "task"));
        needs.push(need(what, "flotilla tasks --held"));
    }
    let dead: u64 = fleet.agents.iter().map(|agent| agent.dead_letters).sum();
    if dead > 0 {
        needs.push(need(counted(dead, "dead letter"), "flotilla dlq list"));
    }
    for failing in &fleet.sources {
        let what = format!("the source {} cannot be pulled: {}", failing.source, failing.problem);
        needs.push(need(what, "flotilla sources"));
    }
    needs
}

fn paused(agent: &Agent) -> Option<Need> {
    if agent.polls {
        return None;
    }
    let wait = counted(agent.depth.visible, "message");
    let what = format!("{} is paused, {wait} waiting", agent.stage);
    Some(need(what, format!("flotilla resume {}", agent.stage)))
}

/// A person's pause comes before the breaker: while it lasts, nobody is called.
fn unwell(state: &PartnerState, at: Timestamp) -> Option<Need> {
    let what = partner(state, at)?;
    let name = &state.partner;
    if for_how_long(state.paused_until, at).is_some() {
        return Some(need(what, format!("flotilla resume partner {name}")));
    }
    match state.breaker {
        Breaker::Open { .. } => Some(need(what, format!("flotilla pause partner {name} --for 1h"))),
        Breaker::Closed | Breaker::Probing { .. } | Breaker::Closing { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::see::fleet::{Counted, Failing, calm};
    use flotilla_task::Source;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);
    const LATER: Timestamp = Timestamp::from_millis(1_000_000 + 7_200_000);

    fn told(fleet: &Snapshot) -> Vec<(String, String)> {
        needs(fleet).into_iter().map(|need| (need.what, need.command)).collect()
    }

    #[test]
    fn a_fleet_in_good_order_needs_nobody() {
        let mut fleet = calm(NOW);
        fleet.parked = Counted { count: 9, more: false };
        fleet.agents[0].depth.visible = 1000;
        fleet.partners[0].breaker = Breaker::Closing { step: 0, times: 1 };
        fleet.partners[1].breaker = Breaker::Probing { until: LATER, times: 1 };
        // It has passed.
        fleet.partners[1].paused_until = Some(Timestamp::from_millis(999_999));
        fleet.policy = Policy::Quiet;
        assert_eq!(told(&fleet), []);
    }

    #[test]
    fn each_thing_that_needs_a_person_names_what_helps() {
        let mut fleet = calm(NOW);
        fleet.agents[3].polls = false;
        fleet.agents[3].depth.visible = 40;
        fleet.agents[0].dead_letters = 1;
        fleet.agents[1].dead_letters = 2;
        fleet.partners[0].breaker = Breaker::Open { until: LATER, times: 3 };
        fleet.partners[1].paused_until = Some(LATER);
        fleet.policy = Policy::Refused { problem: "line 3".into(), stays: "2".into() };
        fleet.failed = Counted { count: 1000, more: true };
        fleet.held = Counted { count: 1, more: false };
        let source = Source::new("urn:a").unwrap();
        let problem = "html: a page for people".to_owned();
        fleet.sources.push(Failing { source, problem, at: NOW, failures: 2 });
        let pairs = [
            ("communication is paused, 40 messages waiting", "flotilla resume communication"),
            ("steady is open, tried again in 2 h", "flotilla pause partner steady --for 1h"),
            ("swift is paused for 2 h", "flotilla resume partner swift"),
            ("the newest policy document is refused: line 3", "flotilla policy diff built-in FILE"),
            ("1,000 or more tasks failed", "flotilla tasks --failed"),
            ("1 task on hold", "flotilla tasks --held"),
            ("3 dead letters", "flotilla dlq list"),
            ("the source urn:a cannot be pulled: html: a page for people", "flotilla sources"),
        ];
        let pairs = pairs.map(|(what, command)| (what.to_owned(), command.to_owned()));
        assert_eq!(told(&fleet), pairs);
    }
}
