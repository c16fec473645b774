//! What is written down while a network is simulated.

use super::{Bin, Options, Outcome, Spectrum, StageBin, StageSum};
use crate::bound::{Bound, Limit};
use crate::network::Network;

/// A stage as a look finds it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Look {
    pub(super) backlog: f64,
    pub(super) oldest: f64,
    pub(super) busy: f64,
    pub(super) ready: f64,
    pub(super) allowed: f64,
    pub(super) environments: f64,
}

/// Everything so far.
#[derive(Debug)]
pub(super) struct Record {
    options: Options,
    names: Vec<String>,
    bins: Vec<Open>,
    pub(super) stages: Vec<StageSum>,
    waits: Vec<f64>,
    all: Spectrum,
    arrived: f64,
    completed: f64,
    /// Each with the last moment that was counted.
    bounds: Vec<(Bound, f64)>,
    pub(super) steps: u64,
}

#[derive(Debug, Clone)]
struct Open {
    arrived: f64,
    completed: f64,
    spectrum: Spectrum,
    stages: Vec<StageBin>,
}

impl Record {
    pub(super) fn new(network: &Network, options: &Options) -> Self {
        let count = network.stages.len();
        Self {
            options: *options,
            names: network.stages.iter().map(|stage| stage.name.clone()).collect(),
            bins: Vec::new(),
            stages: vec![StageSum::default(); count],
            waits: vec![0.0; count],
            all: Spectrum::default(),
            arrived: 0.0,
            completed: 0.0,
            bounds: Vec::new(),
            steps: 0,
        }
    }

    fn bin(&mut self, at: f64) -> &mut Open {
        let place = (at.max(0.0) / self.options.bin) as usize;
        let count = self.stages.len();
        while self.bins.len() <= place {
            self.bins.push(Open {
                arrived: 0.0,
                completed: 0.0,
                spectrum: Spectrum::default(),
                stages: vec![StageBin::default(); count],
            });
        }
        &mut self.bins[place]
    }

    pub(super) fn arrive(&mut self, at: f64, events: f64) {
        self.arrived += events;
        self.bin(at).arrived += events;
    }

    /// A part of what arrived at `born` is through at `at`.
    pub(super) fn complete(&mut self, born: f64, at: f64, weight: f64) {
        self.completed += weight;
        self.bin(at).completed += weight;
        self.all.add(at - born, weight);
        self.bin(born).spectrum.add(at - born, weight);
    }

    /// So many records were taken from a queue after a wait.
    pub(super) fn waited(&mut self, stage: usize, seconds: f64, records: f64) {
        self.waits[stage] += seconds * records;
        self.stages[stage].records += records;
    }

    /// A stage was like this for so long.
    pub(super) fn look(&mut self, stage: usize, at: f64, seconds: f64, look: Look) {
        let share = seconds / self.options.bin;
        let bin = &mut self.bin(at).stages[stage];
        bin.backlog = bin.backlog.max(look.backlog);
        bin.oldest = bin.oldest.max(look.oldest);
        bin.concurrency += look.busy * share;
        bin.allowed = bin.allowed.max(look.allowed);
        bin.environments = bin.environments.max(look.environments);
        let sum = &mut self.stages[stage];
        if look.backlog > sum.peak_backlog {
            (sum.peak_backlog, sum.peak_at) = (look.backlog, at);
        }
        sum.oldest = sum.oldest.max(look.oldest);
        sum.busy += look.busy * seconds;
        sum.busy_ready += look.busy.min(look.ready) * seconds;
        sum.environments += look.environments * seconds;
        sum.allowed += look.allowed * seconds;
    }

    /// A limit holds messages up for so long.
    pub(super) fn bound(&mut self, limit: Limit, stage: usize, at: f64, seconds: f64) {
        match self.bounds.iter_mut().find(|(bound, _)| bound.limit == limit) {
            // What holds up two stages at a time does not do so for twice as long.
            Some((bound, last)) if *last < at => {
                bound.seconds += seconds;
                *last = at;
            }
            Some(_) => {}
            None => {
                let stage = self.names[stage].clone();
                self.bounds.push((Bound { limit, stage, first: at, seconds }, at));
            }
        }
    }

    pub(super) fn finish(mut self, drained: Option<f64>) -> Outcome {
        for (place, sum) in self.stages.iter_mut().enumerate() {
            let bins = self.bins.iter().map(|bin| bin.stages[place].concurrency);
            sum.peak_concurrency = bins.fold(0.0, f64::max);
            if sum.records > 0.0 {
                sum.wait = self.waits[place] / sum.records;
            }
        }
        let length = self.options.bin;
        let bins = self.bins.into_iter().enumerate().map(|(place, bin)| Bin {
            at: place as f64 * length,
            arrived: bin.arrived,
            completed: bin.completed,
            end_to_end: bin.spectrum.quantiles(),
            stages: bin.stages,
        });
        let none = super::Quantiles { p50: 0.0, p95: 0.0, p99: 0.0, longest: 0.0 };
        Outcome {
            bin: length,
            bins: bins.collect(),
            stages: self.stages,
            arrived: self.arrived,
            completed: self.completed,
            end_to_end: self.all.quantiles().unwrap_or(none),
            drained,
            bounds: self.bounds.into_iter().map(|(bound, _)| bound).collect(),
            steps: self.steps,
        }
    }
}
