//! A snapshot for programs.

use super::needs::Need;
use super::policy::Policy;
use super::{Agent, Counted, Snapshot};
use crate::answer::moment;
use crate::cloud::partners::{PartnerState, Pause};
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
        "pause": agent.noted().map(|note| {
            let state = if note.is_over { "climbs" } else { "paused" };
            json!({"state": state, "since": moment(note.at), "maximum": note.maximum})
        }),
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
        "pause": state.paused(at).map(Pause::document),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::see::fleet::calm;
    use crate::see::fleet::needs::needs;
    use flotilla_task::AgentPause;

    #[test]
    fn programs_find_what_they_look_for() {
        let mut fleet = calm(Timestamp::from_millis(1_764_230_400_000));
        fleet.agents[3].depth.visible = 40;
        fleet.agents[3].polls = false;
        fleet.agents[0].recent = None;
        let paused = AgentPause::begun(None, Timestamp::from_millis(1_764_230_000_000));
        fleet.agents[3].pause = Some(paused);
        fleet.agents[2].pause = Some(AgentPause::ended(Some(&paused), None, paused.at));
        let until = Timestamp::from_millis(1_764_230_410_000);
        fleet.partners[0].breaker = Breaker::Open { until, times: 2 };
        fleet.partners[1].pause = Some(Pause::UntilResumed);
        let told = json(&fleet, &needs(&fleet));
        assert_eq!(told["at"], "2025-11-27T08:00:00Z");
        assert_eq!(told["agents"][3]["agent"], "communication");
        assert_eq!(told["agents"][3]["backlog"], 40);
        assert_eq!(told["agents"][0]["dead_letters"], 0);
        assert_eq!(told["agents"][0]["recent"], Value::Null);
        assert_eq!(told["partners"][0]["breaker"], "open");
        assert_eq!(told["partners"][0]["until"], "2025-11-27T08:00:10Z");
        let pause = json!({"state": "paused", "since": "2025-11-27T07:53:20Z", "maximum": null});
        assert_eq!(
            (&told["agents"][3]["pause"], &told["agents"][2]["pause"]),
            (&pause, &Value::Null)
        );
        let pauses = [&told["partners"][0]["pause"], &told["partners"][1]["pause"]];
        assert_eq!(pauses, [&Value::Null, &json!({"until": null})]);
        assert_eq!(told["policy"]["newest"], "counts");
        assert_eq!(told["tasks"]["failed"]["count"], 0);
        assert_eq!(told["needs"][0]["command"], "flotilla resume communication --gradually");
        assert_eq!(told["needs"].as_array().unwrap().len(), 3);
    }
}
