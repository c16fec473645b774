//! The five agents as a network, and how they are set up.
//!
//! What nobody measured is assumed, and said so: `assumptions` of a plan lists it.

pub mod file;

use crate::limits::Limits;
use crate::network::{
    Network, Partner, Pollers, Ready, Service, Spread, Stage, Table, Trouble, Units,
};
use flotilla_task::Stage as Agent;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the work is like: measured, or assumed until somebody has measured it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// Tasks that come of an event.
    pub tasks: f64,
    /// The share of tasks whose decision asks for a call.
    pub calls: f64,
    /// Bytes of a message.
    pub bytes: f64,
    /// Memory of a function, in MB.
    pub memory_mb: f64,
    /// Bytes that an invocation logs.
    pub log_bytes: f64,
    /// Each agent.
    pub agents: BTreeMap<Agent, Labour>,
    /// The share of all write units that goes to the hottest partition key.
    pub hottest: f64,
    /// The carriers together.
    pub partner: Partner,
    /// Where the figures come from, a sentence each.
    pub sources: Vec<String>,
}

/// An agent's work.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Labour {
    /// Seconds of an invocation in any case.
    pub base: f64,
    /// Seconds more for each record.
    pub record: f64,
    /// Seconds more where the environment has to be started.
    pub cold: f64,
    /// Units of the table for each record.
    pub units: Units,
    /// The probability that a record fails and is tried again.
    pub failure: f64,
}

/// How the fleet is deployed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Setup {
    /// `BatchSize`.
    pub batch: u32,
    /// `BatchWindowSeconds`.
    pub window: f64,
    /// Active message groups where `QueueType=fifo`.
    pub fifo_groups: Option<f64>,
    /// Who polls each agent's queue.
    pub pollers: BTreeMap<Agent, Pollers>,
    /// Environments that the clock keeps ready.
    pub ready: BTreeMap<Agent, Vec<Ready>>,
    /// Units a second that the table takes when the day begins.
    pub warm: Units,
    /// Environments of the account.
    pub account: f64,
}

impl Work {
    /// What is assumed until it is measured.
    #[must_use]
    pub fn assumed() -> Self {
        let labour = |base: f64, writes: f64, reads: f64| Labour {
            base,
            record: 0.005,
            cold: 0.187,
            units: Units { writes, reads },
            failure: 0.001,
        };
        let agents = [
            // Of an event and all its tasks: 1.59 x 2.
            (Agent::Ingestion, labour(0.020, 3.18, 3.18)),
            (Agent::Processing, labour(0.020, 1.0, 2.0)),
            (Agent::Decision, labour(0.020, 1.0, 2.0)),
            (Agent::Communication, labour(0.220, 5.0, 2.0)),
            (Agent::State, labour(0.020, 3.77, 1.6)),
        ];
        Self {
            tasks: 1.59,
            calls: 0.2,
            bytes: 1500.0,
            memory_mb: 128.0,
            log_bytes: 1000.0,
            agents: agents.into(),
            hottest: 0.003,
            partner: Partner { rate: 1000.0, at_once: 500.0, outages: Vec::new() },
            sources: vec![
                "Measured by the demo on the local cloud: 1.59 tasks an event, of which 20 % ask for a call, and 8.77 write units a task.".to_owned(),
                "Service times are assumed, not measured: an invocation takes 20 ms and 5 ms for each record at 128 MB on arm64 (a slow and a usual warm call of a Rust function with DynamoDB, as aws-samples/serverless-rust-demo measured them), 200 ms more where partners are called, and 187 ms more in a new environment.".to_owned(),
                "Assumed, not measured: 8 read units a task, 1 record in 1,000 is tried again, messages of 1.5 kB, 0.3 % of all writes go to one key, and carriers allow 1,000 calls a second and 500 at a time.".to_owned(),
                "To measure instead: run `flotilla surge` against the fleet, then `flotilla plan --measured` with the measured.json beside its report.".to_owned(),
            ],
        }
    }
}

impl Setup {
    /// The template as it is deployed without any parameter.
    #[must_use]
    pub fn of_the_template(limits: &Limits) -> Self {
        let pollers = |agent| (agent, Pollers::Shared { most: Some(20.0) });
        Self {
            batch: 10,
            window: 0.0,
            fifo_groups: None,
            pollers: Agent::ALL.map(pollers).into(),
            ready: BTreeMap::new(),
            warm: Units { writes: limits.table.0, reads: limits.table.1 },
            account: limits.account,
        }
    }

    /// The five stages of that work, deployed like this.
    #[must_use]
    pub fn network(&self, work: &Work, limits: &Limits) -> Network {
        let place = |agent: Agent| Agent::ALL.iter().position(|one| *one == agent).unwrap_or(0);
        let stage = |agent: Agent| {
            let labour = work.agents.get(&agent).copied().unwrap_or(Labour {
                base: 0.02,
                record: 0.0,
                cold: 0.0,
                units: Units::default(),
                failure: 0.0,
            });
            let (copies, next) = match agent {
                Agent::Ingestion => (work.tasks, vec![(place(Agent::Processing), 1.0)]),
                Agent::Processing => (1.0, vec![(place(Agent::Decision), 1.0)]),
                Agent::Decision => (
                    1.0,
                    vec![
                        (place(Agent::Communication), work.calls),
                        (place(Agent::State), 1.0 - work.calls),
                    ],
                ),
                Agent::Communication => (1.0, vec![(place(Agent::State), 1.0)]),
                Agent::State => (0.0, Vec::new()),
            };
            let service =
                Service { base: labour.base, record: labour.record, spread: Spread::Fixed };
            Stage {
                cold: labour.cold,
                window: self.window,
                groups: self.fifo_groups,
                ready: self.ready.get(&agent).cloned().unwrap_or_default(),
                trouble: Trouble {
                    failure: labour.failure,
                    visibility: 180.0 + self.window,
                    ..Trouble::default()
                },
                bytes: work.bytes,
                units: labour.units,
                copies,
                next,
                partner: (agent == Agent::Communication).then(|| work.partner.clone()),
                ..Stage::alone(
                    agent.as_str(),
                    service,
                    self.batch,
                    self.pollers.get(&agent).copied().unwrap_or(Pollers::Shared { most: None }),
                )
            }
        };
        Network {
            stages: Agent::ALL.map(stage).into(),
            table: Table { warm: self.warm, hottest: work.hottest },
            account: self.account,
            limits: *limits,
            server: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Book;

    #[test]
    fn a_task_takes_the_write_units_that_the_demo_measured() {
        let limits = Limits::of(&Book::included().unwrap()).unwrap();
        let work = Work::assumed();
        let network = Setup::of_the_template(&limits).network(&work, &limits);
        let units = network.units();
        assert!((units.writes / work.tasks - 8.77).abs() < 0.01, "{}", units.writes / work.tasks);
        assert!((units.reads / work.tasks - 8.0).abs() < 0.01, "{}", units.reads / work.tasks);
        assert!(network.problems().is_empty(), "{:?}", network.problems());
    }
}
