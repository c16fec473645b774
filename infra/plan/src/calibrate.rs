//! From what a surge measured to what the next one will do on the same machine.
//!
//! A local cloud is one process on one core: everything passes it, and under load it is the
//! limit. It is a server that all stages share. What a record of each stage takes of it is
//! measured by how long the stages' invocations took, relative to each other; how much of
//! that it does in a second, by what was handled while messages waited.

use crate::fleet::{Setup, Work};
use crate::limits::Limits;
use crate::network::{Network, Server};
use crate::rates::{Point, Problem, Rates};
use crate::sim::{Options, Outcome, flow};
use flotilla_task::Stage as Agent;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// More messages than this wait, and something is the limit: two batches.
const BACKLOG: f64 = 20.0;

/// A run as it was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Seconds that a stretch covers.
    pub stretch: f64,
    /// In order.
    pub stretches: Vec<Stretch>,
    /// Each agent's seconds for an invocation, by a line through its invocations:
    /// in any case and for each record. None where nobody measured it.
    pub services: BTreeMap<Agent, (f64, f64)>,
    /// Write units of a record.
    pub write_units: BTreeMap<Agent, f64>,
    /// Whether the local cloud, or its machine, was the limit.
    pub is_machine: bool,
}

/// A stretch of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// Messages that were due.
    pub due: f64,
    /// Tasks that were completed.
    pub completed: f64,
    /// Each agent.
    pub stages: BTreeMap<Agent, Handled>,
}

/// An agent in a stretch.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Handled {
    /// Messages that waited at its end.
    pub waiting: f64,
    /// Records that it handled.
    pub records: f64,
    /// Invocations at work at a time.
    pub concurrency: f64,
}

/// What is said about a run before it, or seen in it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Course {
    /// Tasks a second from the first message until the last was through.
    pub throughput: f64,
    /// Messages that waited in all queues together, at the most.
    pub peak_backlog: f64,
}

/// A prediction and its outcome.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// What was said.
    pub predicted: Course,
    /// What happened.
    pub seen: Course,
}

impl Comparison {
    /// How far off each is, as a share of what happened: throughput, peak backlog.
    #[must_use]
    pub fn off(&self) -> (f64, f64) {
        let off = |said: f64, seen: f64| if seen > 0.0 { (said / seen - 1.0).abs() } else { said };
        (
            off(self.predicted.throughput, self.seen.throughput),
            off(self.predicted.peak_backlog, self.seen.peak_backlog),
        )
    }
}

impl Run {
    /// Records that an agent handled.
    fn records(&self, agent: Agent) -> f64 {
        self.stretches.iter().filter_map(|one| one.stages.get(&agent)).map(|own| own.records).sum()
    }

    /// Lays what was measured over what is assumed: tasks and calls, services and write
    /// units.
    pub fn lay_over(&self, work: &mut Work) {
        let due: f64 = self.stretches.iter().map(|one| one.due).sum();
        let (tasks, decided) = (self.records(Agent::Processing), self.records(Agent::Decision));
        if due > 0.0 && tasks > 0.0 {
            work.tasks = tasks / due;
        }
        if decided > 0.0 {
            work.calls = (self.records(Agent::Communication) / decided).min(1.0);
        }
        for (agent, labour) in &mut work.agents {
            if let Some((base, record)) = self.services.get(agent) {
                (labour.base, labour.record) = (*base, *record);
            }
            if let Some(units) = self.write_units.get(agent) {
                labour.units.writes = *units;
            }
        }
        work.sources = vec![
            "Measured by the surge that was read: tasks of an event, the share of calls, seconds of an invocation by its records, and write units of a record. On a local cloud the seconds are those of that computer.".to_owned(),
            "Assumed: read units, cold starts, failures, and what carriers allow.".to_owned(),
        ];
    }

    /// The same fleet on the same machine.
    #[must_use]
    pub fn network(&self, work: &Work, setup: &Setup, limits: &Limits) -> Network {
        let mut work = work.clone();
        self.lay_over(&mut work);
        let mut network = setup.network(&work, limits);
        if self.is_machine {
            network.server = self.server();
        }
        network
    }

    /// The local cloud as a server; none if messages never waited.
    fn server(&self) -> Option<Server> {
        let mut each = [0.0; 5];
        for (place, agent) in each.iter_mut().zip(Agent::ALL) {
            let own = self.stretches.iter().filter_map(|one| one.stages.get(&agent));
            let (busy, records) = own.fold((0.0, 0.0), |(busy, records), own| {
                (busy + own.concurrency * self.stretch, records + own.records)
            });
            if records > 0.0 {
                *place = busy / records;
            }
        }
        let behind = self.stretches.iter().filter(|one| one.waiting() > BACKLOG);
        let (mut work, mut seconds) = (0.0, 0.0);
        for one in behind {
            for (each, agent) in each.iter().zip(Agent::ALL) {
                work += one.stages.get(&agent).map_or(0.0, |own| own.records) * each;
            }
            seconds += self.stretch;
        }
        (work > 0.0 && seconds > 0.0).then(|| Server { each, capacity: work / seconds })
    }

    /// What was to come, as the profile had it.
    ///
    /// # Errors
    /// [`Problem`] when nothing was due.
    pub fn load(&self) -> Result<Rates, Problem> {
        let mut points = Vec::new();
        for (number, one) in self.stretches.iter().enumerate() {
            let (from, rate) = (number as f64 * self.stretch, one.due / self.stretch);
            points.push(Point { time: from, rate });
            points.push(Point { time: from + self.stretch, rate });
        }
        let last = points.iter().rposition(|point| point.rate > 0.0).unwrap_or(0);
        points.truncate(last + 1);
        Rates::new(&points)
    }

    /// What happened.
    #[must_use]
    pub fn course(&self) -> Course {
        let completed: f64 = self.stretches.iter().map(|one| one.completed).sum();
        let last = self.stretches.iter().rposition(|one| one.completed > 0.0).unwrap_or(0);
        Course {
            throughput: completed / ((last + 1) as f64 * self.stretch),
            peak_backlog: self.stretches.iter().map(Stretch::waiting).fold(0.0, f64::max),
        }
    }
}

impl Stretch {
    /// Messages that waited at its end, in all queues together.
    #[must_use]
    pub fn waiting(&self) -> f64 {
        self.stages.values().map(|own| own.waiting).sum()
    }
}

/// What a network will do with a load, in the figures that a run is measured by.
#[must_use]
pub fn predict(network: &Network, load: &Rates, stretch: f64, seed: u64) -> (Course, Outcome) {
    let options = Options { seed, by_chance: true, step: 0.25, bin: stretch, patience: 7200.0 };
    let outcome = flow::run(network, load, &options);
    let deep =
        outcome.bins.iter().map(|bin| bin.stages.iter().map(|stage| stage.backlog).sum::<f64>());
    let last = outcome.bins.iter().rposition(|bin| bin.completed > 0.0).unwrap_or(0);
    let course = Course {
        throughput: outcome.completed / ((last + 1) as f64 * stretch),
        peak_backlog: deep.fold(0.0, f64::max),
    };
    (course, outcome)
}

#[cfg(test)]
mod tests;
