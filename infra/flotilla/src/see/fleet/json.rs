//! A snapshot for programs.

use super::needs::Need;
use super::policy::Policy;
use super::{Agent, Counted, Snapshot};
use crate::cloud::partners::PartnerState;
use flotilla_shipment::partner::Breaker;
use flotilla_task::Timestamp;
use serde_json::{Value, json};

/// The whole, with what needs a person.
#[must_use]
pub fn json(fleet: &Snapshot, needs: &[Need]) -> Value {
    let sources = fleet.sources.iter().map(|failing| {
        json!({
            "source": failing.source.as_str(),
            "problem": failing.problem,
            "at": moment(failing.at),
            "failures": failing.failures,
        })
    });
    let needs = needs.iter().map(|need| json!({"what": need.what, "command": need.command}));
    json!({
        "at": moment(fleet.at),
        "agents": fleet.agents.iter().map(agent).collect::<Vec<_>>(),
        "partners": fleet.partners.iter().map(|state| partner(state, fleet.at)).collect::<Vec<_>>(),
        "policy": policy(&fleet.policy),
        "tasks": {"failed": counted(fleet.failed), "held": counted(fleet.held)},
        "parked": counted(fleet.parked),
        "sources_failing": sources.collect::<Vec<_>>(),
        "unknown": fleet.unknown,
        "needs": needs.collect::<Vec<_>>(),
    })
}

fn agent(agent: &Agent) -> Value {
    let recent = agent.recent.map(|recent| {
        json!({
            "invocations": recent.invocations,
            "records": recent.records,
            "records_per_second": recent.per_second,
            "slowest_ms": recent.slowest_ms,
            "failures": recent.failures,
        })
    });
    json!({
        "agent": agent.stage.as_str(),
        "backlog": agent.depth.visible,
        "in_flight": agent.depth.in_flight,
        "delayed": agent.depth.delayed,
        "dead_letters": agent.dead_letters,
        "polls": agent.polls,
        "mapping": agent.mapping,
        "maximum_concurrency": agent.maximum,
        "recent": recent,
    })
}

fn partner(state: &PartnerState, at: Timestamp) -> Value {
    let (until, times) = match state.breaker {
        Breaker::Closed => (None, 0),
        Breaker::Open { until, times } | Breaker::Probing { until, times } => {
            (Some(moment(until)), times)
        }
        Breaker::Closing { times, .. } => (None, times),
    };
    json!({
        "partner": state.partner,
        "breaker": state.breaker.name(),
        "until": until,
        "times_opened": times,
        "paused_until": state.paused_until.filter(|until| *until > at).map(moment),
    })
}

fn policy(policy: &Policy) -> Value {
    match policy {
        Policy::Counts => json!({"newest": "counts"}),
        Policy::Refused { problem, stays } => {
            json!({"newest": "refused", "problem": problem, "decides": stays})
        }
        Policy::Quiet => json!({"newest": "not refused"}),
        Policy::Unknown => json!({"newest": "unknown"}),
    }
}

fn counted(counted: Counted) -> Value {
    json!({"count": counted.count, "more": counted.more})
}

/// `2026-11-27T08:00:00Z`.
fn moment(at: Timestamp) -> String {
    jiff::Timestamp::from(at).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::see::fleet::calm;
    use crate::see::fleet::needs::needs;

    #[test]
    fn programs_find_what_they_look_for() {
        let mut fleet = calm(Timestamp::from_millis(1_764_230_400_000));
        fleet.agents[3].depth.visible = 40;
        fleet.agents[3].polls = false;
        fleet.agents[0].recent = None;
        let until = Timestamp::from_millis(1_764_230_410_000);
        fleet.partners[0].breaker = Breaker::Open { until, times: 2 };
        let told = json(&fleet, &needs(&fleet));
        assert_eq!(told["at"], "2025-11-27T08:00:00Z");
        assert_eq!(told["agents"][3]["agent"], "communication");
        assert_eq!(told["agents"][3]["backlog"], 40);
        assert_eq!(told["agents"][0]["dead_letters"], 0);
        assert_eq!(told["agents"][0]["recent"], Value::Null);
        assert_eq!(told["partners"][0]["breaker"], "open");
        assert_eq!(told["partners"][0]["until"], "2025-11-27T08:00:10Z");
        assert_eq!(told["policy"]["newest"], "counts");
        assert_eq!(told["tasks"]["failed"]["count"], 0);
        assert_eq!(told["needs"][0]["command"], "flotilla resume communication");
        assert_eq!(told["needs"].as_array().unwrap().len(), 2);
    }
}
