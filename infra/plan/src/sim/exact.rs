//! Every message and every invocation, one event after the other.
//!
//! ```text
//! calendar  what is to happen when
//! start     invocations begin: everything that a batch has to wait for
//! end       they end: messages go on, come back or are dead
//! ```

mod calendar;
mod end;
mod start;

use super::crowd::{Crowd, Found};
use super::meter::{Meter, Room, Shared};
use super::ramp::Ramp;
use super::record::{Look, Record};
use super::{Options, Outcome};
use crate::network::{Network, Stage, Units};
use crate::rates::Rates;
use calendar::{Happening, Message, Timed};
use std::collections::{BinaryHeap, VecDeque};

/// Simulates it until nothing is left, or the patience is over.
#[must_use]
pub fn run(network: &Network, load: &Rates, options: &Options) -> Outcome {
    let mut world = World::new(network, options);
    let mut came = 0.0;
    world.schedule_next(load, &mut came);
    world.at(0.0, Happening::Look);
    let end = load.seconds() + options.patience;
    let mut drained = None;
    while let Some(Timed { at, what, .. }) = world.calendar.pop() {
        if at > end {
            break;
        }
        world.record.steps += 1;
        match what {
            Happening::Arrival => {
                world.record.arrive(at, 1.0);
                world.join(0, Message { born: at, entered: at, receives: 0 }, at);
                world.schedule_next(load, &mut came);
            }
            Happening::Back(stage, message) => {
                world.join(stage, Message { entered: at, ..message }, at);
            }
            Happening::Done(invocation) => world.done(invocation, at),
            Happening::Start(stage) => world.start(stage, at),
            Happening::Idle(stage, id) => world.idle(stage, id, at),
            Happening::Look => {
                world.look(at);
                if at >= load.seconds() && world.is_empty() {
                    drained = Some(at);
                    break;
                }
                world.at(at + options.step, Happening::Look);
            }
        }
    }
    world.record.finish(drained)
}

#[derive(Debug)]
struct Invocation {
    stage: usize,
    environment: usize,
    batch: Vec<Message>,
    dies: bool,
}

#[derive(Debug)]
struct Desk {
    queue: VecDeque<Message>,
    running: usize,
    calls: f64,
    ramp: Ramp,
    crowd: Crowd,
    fetched: Meter,
    partner: Meter,
    /// When something that it waits for may be there; asked for only once.
    waits_until: Option<f64>,
}

struct World<'a> {
    network: &'a Network,
    options: Options,
    dice: fastrand::Rng,
    calendar: BinaryHeap<Timed>,
    order: u64,
    desks: Vec<Desk>,
    invocations: Vec<Option<Invocation>>,
    free: Vec<usize>,
    away: usize,
    running: usize,
    shared: Shared,
    room: Room,
    writes: Meter,
    reads: Meter,
    server: Meter,
    record: Record,
}

impl<'a> World<'a> {
    fn new(network: &'a Network, options: &Options) -> Self {
        let limits = &network.limits;
        let desk = |stage: &Stage| Desk {
            queue: VecDeque::new(),
            running: 0,
            calls: 0.0,
            ramp: Ramp::of(stage, limits),
            crowd: Crowd::new(stage.expiry, limits.scaling),
            fetched: Meter::default(),
            partner: Meter::default(),
            waits_until: None,
        };
        let mut shared = Shared::of(network);
        let room = shared.turn(0.0, Units::default());
        Self {
            network,
            options: *options,
            dice: fastrand::Rng::with_seed(options.seed),
            calendar: BinaryHeap::new(),
            order: 0,
            desks: network.stages.iter().map(desk).collect(),
            invocations: Vec::new(),
            free: Vec::new(),
            away: 0,
            running: 0,
            shared,
            room,
            writes: Meter::default(),
            reads: Meter::default(),
            server: Meter::default(),
            record: Record::new(network, options),
        }
    }

    fn at(&mut self, at: f64, what: Happening) {
        self.order += 1;
        if let Happening::Back(..) = what {
            self.away += 1;
        }
        self.calendar.push(Timed { at, order: self.order, what });
    }

    fn schedule_next(&mut self, load: &Rates, came: &mut f64) {
        *came +=
            if self.options.by_chance { crate::network::exponential(&mut self.dice) } else { 1.0 };
        if let Some(at) = load.when(*came) {
            self.at(at, Happening::Arrival);
        }
    }

    fn is_empty(&self) -> bool {
        self.away == 0 && self.running == 0 && self.desks.iter().all(|desk| desk.queue.is_empty())
    }

    fn join(&mut self, stage: usize, message: Message, now: f64) {
        if message.receives > 0 {
            self.away -= 1;
        }
        self.desks[stage].queue.push_back(message);
        self.start(stage, now);
    }

    fn idle(&mut self, stage: usize, id: usize, now: f64) {
        let ready = self.network.stages[stage].ready_at(now);
        match self.desks[stage].crowd.look(id, now, ready) {
            Found::Later(at) => self.at(at, Happening::Idle(stage, id)),
            Found::Gone | Found::Busy => {}
        }
    }

    fn look(&mut self, now: f64) {
        let step = self.options.step;
        for stage in 0..self.desks.len() {
            let own = &self.network.stages[stage];
            let ready = own.ready_at(now);
            let desk = &mut self.desks[stage];
            for id in desk.crowd.prepare(ready, now) {
                if let Some(look) = self.desks[stage].crowd.rest(id, now) {
                    self.at(look, Happening::Idle(stage, id));
                }
            }
            let desk = &mut self.desks[stage];
            let waiting = desk.queue.len();
            let full = waiting >= own.batch as usize;
            let idle = waiting == 0 && (desk.running as f64) < desk.ramp.allowed.floor();
            let look = Look {
                backlog: waiting as f64,
                oldest: desk.queue.front().map_or(0.0, |message| now - message.entered),
                busy: desk.running as f64,
                ready,
                allowed: desk.ramp.allowed,
                environments: desk.crowd.count as f64,
            };
            desk.ramp.turn(step, f64::from(u8::from(full)), f64::from(u8::from(idle)));
            self.record.look(stage, now, step, look);
            self.start(stage, now);
        }
    }
}
