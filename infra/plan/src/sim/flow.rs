//! All messages of a step move together.
//!
//! ```text
//! step     how much each stage can take on in a step, with all limits at work
//! owed     what invocations under way wait for, of what all stages share
//! parcel   messages that arrived in one step, and where they are
//! serve    parcels leave a queue: on, back, or through
//! extra    what happens within a step: waits in equilibrium, services, cold starts
//! ```
//!
//! **What is aggregated.** Arrivals of a step are one draw from the Poisson distribution of
//! their number. A stage takes from its queue, first come first served, what its limits let
//! it take in a step; so backlogs, ramps, growing tables and their delays are followed as
//! they are, to within a step. **What is not followed** is chance within a step: there the
//! queue is taken to be in equilibrium, and waits, batch sizes and busy environments are
//! those of [`crate::formula::Queue`]. That is sound while an invocation takes no longer
//! than a step or many run at once; it is not for a few that take minutes.

mod extra;
mod owed;
mod parcel;
mod serve;
mod step;

use super::meter::{Room, Shared};
use super::ramp::Ramp;
use super::record::Record;
use super::{Options, Outcome};
use crate::network::{Network, Units};
use crate::rates::Rates;
use extra::{Extra, Usual};
use owed::Owed;
use parcel::{Line, Parcel};
use std::collections::BTreeMap;
use step::{Pass, Step};

/// Less than this many messages are none.
const NOTHING: f64 = 1e-9;

/// Simulates it until nothing is left, or the patience is over.
#[must_use]
pub fn run(network: &Network, load: &Rates, options: &Options) -> Outcome {
    let mut flow = Flow::new(network, options);
    let end = load.seconds() + options.patience;
    let mut at = 0.0;
    let mut drained = None;
    while at <= end {
        let expected = load.passed(at + options.step) - load.passed(at);
        flow.step(at, expected);
        at += options.step;
        if at >= load.seconds() && flow.is_empty() {
            drained = Some(at);
            break;
        }
    }
    flow.record.finish(drained)
}

/// A stage's queue, pollers and environments.
#[derive(Debug)]
struct Desk {
    line: Line,
    ramp: Ramp,
    /// Environments there are.
    environments: f64,
    /// What was needed at some moment, the highest of the time in which none goes.
    needed: Vec<(f64, f64)>,
    /// New environments that the function may still get.
    tokens: f64,
    /// Records that come back, by the step in which they do.
    back: BTreeMap<u64, Vec<Parcel>>,
}

struct Flow<'a> {
    network: &'a Network,
    options: Options,
    dice: fastrand::Rng,
    desks: Vec<Desk>,
    usual: Usual,
    shared: Shared,
    room: Room,
    owed: Owed,
    record: Record,
    number: u64,
    /// What did not come in earlier steps because events are whole.
    rest: f64,
}

impl<'a> Flow<'a> {
    fn new(network: &'a Network, options: &Options) -> Self {
        let desks = network.stages.iter().map(|stage| Desk {
            line: Line::default(),
            ramp: Ramp::of(stage, &network.limits),
            environments: 0.0,
            needed: Vec::new(),
            tokens: network.limits.scaling.1,
            back: BTreeMap::new(),
        });
        let mut shared = Shared::of(network);
        let room = shared.turn(0.0, Units::default());
        Self {
            network,
            options: *options,
            dice: fastrand::Rng::with_seed(options.seed),
            desks: desks.collect(),
            usual: Usual::new(options.by_chance),
            shared,
            room,
            owed: Owed::default(),
            record: Record::new(network, options),
            number: 0,
            rest: 0.0,
        }
    }

    fn is_empty(&self) -> bool {
        self.desks.iter().all(|desk| desk.line.amount() < NOTHING && desk.back.is_empty())
    }

    fn step(&mut self, at: f64, expected: f64) {
        let seconds = self.options.step;
        self.number += 1;
        self.record.steps += 1;
        let events = if self.options.by_chance {
            poisson(expected, &mut self.dice)
        } else {
            self.rest += expected;
            let whole = self.rest.floor();
            self.rest -= whole;
            whole
        };
        if events > 0.0 {
            self.record.arrive(at, events);
            let middle = at + seconds / 2.0;
            self.desks[0].line.join(Parcel::new(middle, middle, events));
        }
        for desk in &mut self.desks {
            while let Some(entry) = desk.back.first_entry()
                && *entry.key() <= self.number
            {
                for parcel in entry.remove() {
                    desk.line.join(Parcel { entered: at, ..parcel });
                }
            }
        }
        let passes = self.passes(at);
        let mut taken = Units::default();
        let mut all = Vec::with_capacity(passes.len());
        let extras: Vec<Extra> =
            (0..self.desks.len()).map(|stage| self.extra(stage, &passes[stage], at)).collect();
        for (stage, pass) in passes.iter().enumerate() {
            let own = &self.network.stages[stage];
            let records = self.serve(stage, pass, &extras, at);
            taken.writes += records * own.units.writes;
            taken.reads += records * own.units.reads;
            all.push(records);
        }
        self.owed = self.owed.after(self.network, self.room, all.into_iter(), seconds);
        self.room = self.shared.turn(at, taken);
        self.record.steps += self.desks.len() as u64;
    }

    /// How much each stage may take on.
    fn passes(&mut self, at: f64) -> Vec<Pass> {
        let seconds = self.options.step;
        for (stage, desk) in self.network.stages.iter().zip(&mut self.desks) {
            let (each, most) = self.network.limits.scaling;
            desk.tokens = (desk.tokens + each * seconds).min(most);
            desk.environments = desk.environments.max(stage.ready_at(at));
        }
        let desks: Vec<step::Desk> = self
            .desks
            .iter()
            .map(|desk| step::Desk {
                backlog: desk.line.amount(),
                allowed: desk.ramp.allowed,
                is_growing: desk.ramp.is_growing(),
                usable: desk.environments + desk.tokens,
            })
            .collect();
        Step { network: self.network, desks: &desks, room: self.room, owed: self.owed, at, seconds }
            .passes()
    }

    /// What happens to a record of the stage within this step; moves pollers and
    /// environments.
    fn extra(&mut self, stage: usize, pass: &Pass, at: f64) -> Extra {
        let own = &self.network.stages[stage];
        let seconds = self.options.step;
        let desk = &mut self.desks[stage];
        let mut extra = self.usual.of(own, pass, seconds);
        // Three standard deviations more than the average may be at work at some moment.
        let needed = (extra.busy + 3.0 * extra.busy.sqrt()).min(pass.at_once.ceil());
        let ready = own.ready_at(at);
        while desk.needed.last().is_some_and(|(_, before)| *before <= needed) {
            desk.needed.pop();
        }
        desk.needed.push((at, needed));
        let gone = desk.needed.iter().take_while(|(when, _)| *when < at - own.expiry).count();
        desk.needed.drain(..gone);
        let there = desk.environments;
        let kept = desk.needed.first().map_or(0.0, |(_, most)| *most).max(ready);
        let started = (kept - there).max(0.0).min(desk.tokens);
        desk.tokens -= started;
        desk.environments = kept.min(there + started);
        let invocations = pass.records / extra.fill;
        if invocations > 0.0 {
            extra.cold = (started / invocations).min(1.0);
        }
        let sum = &mut self.record.stages[stage];
        sum.invocations += invocations;
        sum.cold += started.min(invocations);
        desk.ramp.turn(seconds, extra.full, extra.idle);
        extra
    }
}

/// A number from the Poisson distribution with that mean.
fn poisson(mean: f64, dice: &mut fastrand::Rng) -> f64 {
    if mean <= 0.0 {
        return 0.0;
    }
    if mean > 50.0 {
        // Close to normal by now, rounded to whole events.
        let angle = std::f64::consts::TAU * dice.f64();
        let normal = (2.0 * crate::network::exponential(dice)).sqrt() * angle.cos();
        return (mean + mean.sqrt() * normal).round().max(0.0);
    }
    let limit = (-mean).exp();
    let (mut product, mut count) = (dice.f64(), 0.0);
    while product > limit {
        product *= dice.f64();
        count += 1.0;
    }
    count
}
