//! What needs a person, and which command helps.
//!
//! A parked event needs nobody: it waits for an order. A partner that is being tried
//! again, or is let in step by step, gets well by itself. A task that failed stays on
//! the list until it goes on or expires, as only a person can say that it does not
//! matter.

use super::policy::Policy;
use super::words::{counted, partner};
use super::{Agent, Snapshot};
use crate::cloud::partners::PartnerState;
use flotilla_shipment::partner::Breaker;
use flotilla_shipment::words::day_and_time;
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
    let stage = agent.stage;
    let resume = format!("flotilla resume {stage}");
    // A backlog does not hit the partners all at once, where there is a maximum to grow.
    let gently = match agent.maximum {
        Some(_) => format!("{resume} --gradually"),
        None => resume.clone(),
    };
    let wait = counted(agent.waiting(), "message");
    let note = agent.noted().map(|note| (note, day_and_time(note.at.into())));
    Some(match (agent.polls, note) {
        (true, None) => return None,
        (true, Some((note, since))) if !note.is_over => {
            let what = format!(
                "{stage} works, but a pause is noted since {since}: recovery leaves its tasks alone"
            );
            need(what, resume)
        }
        (true, Some((note, since))) => {
            let [has, most] = [agent.maximum, note.maximum]
                .map(|count| count.map_or_else(|| "all".to_owned(), |count| count.to_string()));
            let what = format!(
                "{stage} has {has} of {most} environments since {since}: it climbs, or its climb \
                 was interrupted"
            );
            need(what, gently)
        }
        (false, Some((note, since))) if !note.is_over => {
            need(format!("{stage} is paused since {since}, {wait} waiting"), gently)
        }
        (false, _) => {
            let what = format!("{stage} does not poll, and nobody noted a pause, {wait} waiting");
            need(what, gently)
        }
    })
}

/// A person's pause comes before the breaker: while it lasts, nobody is called.
fn unwell(state: &PartnerState, at: Timestamp) -> Option<Need> {
    let what = partner(state, at)?;
    let name = &state.partner;
    if state.paused(at).is_some() {
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
    use crate::cloud::partners::Pause;
    use crate::see::fleet::{Counted, Failing, calm};
    use flotilla_task::{AgentPause, Source};

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
        fleet.partners[1].pause = Some(Pause::Until(Timestamp::from_millis(999_999)));
        fleet.agents[1].pause = Some(AgentPause::ended(None, None, NOW));
        fleet.policy = Policy::Quiet;
        assert_eq!(told(&fleet), []);
    }

    #[test]
    fn each_thing_that_needs_a_person_names_what_helps() {
        let mut fleet = calm(NOW);
        fleet.agents[3].polls = false;
        fleet.agents[3].depth.visible = 30;
        fleet.agents[3].depth.delayed = 10;
        fleet.agents[3].pause = Some(AgentPause::begun(None, NOW));
        fleet.agents[0].dead_letters = 1;
        fleet.agents[1].dead_letters = 2;
        fleet.partners[0].breaker = Breaker::Open { until: LATER, times: 3 };
        fleet.partners[1].pause = Some(Pause::Until(LATER));
        fleet.policy = Policy::Refused { problem: "line 3".into(), stays: "2".into() };
        fleet.failed = Counted { count: 1000, more: true };
        fleet.held = Counted { count: 1, more: false };
        let source = Source::new("urn:a").unwrap();
        let problem = "html: a page for people".to_owned();
        fleet.sources.push(Failing { source, problem, at: NOW, failures: 2 });
        let pairs = [
            (
                "communication is paused since Thu 1 Jan 00:16 UTC, 40 messages waiting",
                "flotilla resume communication --gradually",
            ),
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

    #[test]
    fn a_note_that_was_left_is_told_although_the_agent_works() {
        let told = |polls, note: AgentPause, maximum| {
            let mut fleet = calm(NOW);
            let agent = &mut fleet.agents[3];
            (agent.polls, agent.pause, agent.maximum) = (polls, Some(note), maximum);
            let [Need { what, command }]: [Need; 1] = needs(&fleet).try_into().unwrap();
            (what, command)
        };
        let paused = AgentPause::begun(None, NOW);
        let (what, command) = told(true, paused, Some(20));
        assert!(what.starts_with("communication works, but a pause is noted since"), "{what}");
        assert_eq!(command, "flotilla resume communication");
        let climbs = AgentPause::ended(Some(&paused), Some(20), NOW);
        let (what, command) = told(true, climbs, Some(4));
        assert!(what.starts_with("communication has 4 of 20 environments since"), "{what}");
        assert_eq!(command, "flotilla resume communication --gradually");
        let over = AgentPause::ended(Some(&paused), None, NOW);
        let (what, command) = told(false, over, None);
        assert!(what.starts_with("communication does not poll, and nobody noted"), "{what}");
        assert_eq!(command, "flotilla resume communication", "there is nothing that could grow");
    }
}
