//! Every message and every invocation, one event after the other.

use super::crowd::{Crowd, Found};
use super::meter::{Meter, Room, Shared};
use super::ramp::Ramp;
use super::record::{Look, Record};
use super::{Options, Outcome};
use crate::network::{Network, Stage, Units};
use crate::rates::Rates;
use std::cmp::Ordering;
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

#[derive(Debug, Clone, Copy)]
struct Message {
    born: f64,
    entered: f64,
    receives: u32,
}

#[derive(Debug)]
enum Happening {
    Arrival,
    Back(usize, Message),
    Done(usize),
    /// Something that a stage waited for may be there.
    Start(usize),
    Idle(usize, usize),
    Look,
}

#[derive(Debug)]
struct Timed {
    at: f64,
    order: u64,
    what: Happening,
}

impl PartialEq for Timed {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Timed {}
impl PartialOrd for Timed {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Timed {
    /// The earliest is the greatest; of two at one moment the one that was planned first.
    fn cmp(&self, other: &Self) -> Ordering {
        other.at.total_cmp(&self.at).then(other.order.cmp(&self.order))
    }
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

    /// Asks to be called again, once.
    fn wait(&mut self, stage: usize, until: f64) {
        let asked = self.desks[stage].waits_until;
        if asked.is_none_or(|asked| until < asked - 1e-9) {
            self.desks[stage].waits_until = Some(until);
            self.at(until, Happening::Start(stage));
        }
    }

    /// Starts as many invocations as may be.
    fn start(&mut self, stage: usize, now: f64) {
        if self.desks[stage].waits_until.is_some_and(|until| until <= now) {
            self.desks[stage].waits_until = None;
        }
        while self.start_one(stage, now) {}
    }

    fn start_one(&mut self, stage: usize, now: f64) -> bool {
        let network = self.network;
        let own = &network.stages[stage];
        let desk = &mut self.desks[stage];
        let Some(oldest) = desk.queue.front().map(|message| message.entered) else {
            return false;
        };
        let full = own.batch as usize;
        if desk.queue.len() < full && own.window > 0.0 && now + 1e-9 < oldest + own.window {
            self.wait(stage, oldest + own.window);
            return false;
        }
        if (desk.running + 1) as f64 > desk.ramp.allowed + 1e-9
            || (self.running + 1) as f64 > network.account
        {
            return false;
        }
        let fetched = own.fetched(desk.ramp.allowed, &network.limits);
        if fetched.is_finite() {
            let wait = desk.fetched.wait(now, fetched);
            if wait > 0.0 {
                self.wait(stage, now + wait);
                return false;
            }
        }
        let mut count = desk.queue.len().min(full);
        if let Some(partner) = &own.partner {
            if let Some((_, to)) =
                partner.outages.iter().find(|(from, to)| *from <= now && now < *to)
            {
                self.wait(stage, *to);
                return false;
            }
            let wait = desk.partner.wait(now, partner.rate);
            if wait > 0.0 {
                self.wait(stage, now + wait);
                return false;
            }
            count = count.min((partner.at_once - desk.calls).max(0.0) as usize);
            if count == 0 {
                return false;
            }
        }
        let Some(given) = desk.crowd.call(now) else {
            self.wait(stage, now + 1.0 / network.limits.scaling.0);
            return false;
        };
        let batch: Vec<Message> = desk.queue.drain(..count).collect();
        let records = count as f64;
        if fetched.is_finite() {
            desk.fetched.take(now, records, fetched);
        }
        if let Some(partner) = &own.partner {
            desk.partner.take(now, records, partner.rate);
            desk.calls += records;
        }
        desk.running += 1;
        self.running += 1;
        let units = Units { writes: own.units.writes * records, reads: own.units.reads * records };
        self.room = self.shared.turn(now, units);
        let mut takes = own.service.spread.draw(own.service.mean(records), &mut self.dice);
        let writes = self.writes.take(now, units.writes, self.room.writes);
        let reads = self.reads.take(now, units.reads, self.room.reads);
        takes += writes.max(reads);
        if let Some(server) = &network.server {
            let each = server.each.get(stage).copied().unwrap_or(0.0);
            takes += self.server.take(now, each * records, server.capacity);
        }
        if given.is_cold {
            takes += own.cold;
            self.record.stages[stage].cold += 1.0;
        }
        self.record.stages[stage].invocations += 1.0;
        for message in &batch {
            self.record.waited(stage, now - message.entered, 1.0);
        }
        let dies = own.trouble.crash > 0.0 && self.dice.f64() < own.trouble.crash;
        let invocation = Invocation { stage, environment: given.id, batch, dies };
        let place = self.free.pop().unwrap_or_else(|| {
            self.invocations.push(None);
            self.invocations.len() - 1
        });
        self.invocations[place] = Some(invocation);
        self.at(now + takes, Happening::Done(place));
        true
    }

    fn done(&mut self, place: usize, now: f64) {
        let Some(invocation) = self.invocations[place].take() else { return };
        self.free.push(place);
        let stage = invocation.stage;
        let own = &self.network.stages[stage];
        self.running -= 1;
        let desk = &mut self.desks[stage];
        desk.running -= 1;
        if own.partner.is_some() {
            desk.calls -= invocation.batch.len() as f64;
        }
        if invocation.dies {
            desk.crowd.count -= 1;
        } else if let Some(look) = desk.crowd.rest(invocation.environment, now) {
            self.at(look, Happening::Idle(stage, invocation.environment));
        }
        for message in invocation.batch {
            let receives = message.receives + 1;
            let fails = own.trouble.failure > 0.0 && self.dice.f64() < own.trouble.failure;
            if !invocation.dies && !fails {
                self.hand_on(stage, message, now);
            } else if receives >= own.trouble.receives {
                self.record.stages[stage].dead += 1.0;
            } else {
                let wait = if invocation.dies {
                    own.trouble.visibility
                } else {
                    own.trouble.wait(receives)
                };
                self.at(now + wait, Happening::Back(stage, Message { receives, ..message }));
            }
        }
        self.start(stage, now);
        // A place of the account may be what another stage waits for.
        if (self.running + 1) as f64 >= self.network.account {
            for other in 0..self.desks.len() {
                self.start(other, now);
            }
        }
    }

    fn hand_on(&mut self, stage: usize, message: Message, now: f64) {
        let own = &self.network.stages[stage];
        if own.next.is_empty() {
            self.record.complete(message.born, now, 1.0);
            return;
        }
        let mut copies = own.copies;
        while copies > 0.0 {
            if copies >= 1.0 || self.dice.f64() < copies {
                let mut dice = self.dice.f64();
                for (next, share) in &own.next {
                    if dice < *share {
                        self.join(*next, Message { entered: now, receives: 0, ..message }, now);
                        break;
                    }
                    dice -= share;
                }
            }
            copies -= 1.0;
        }
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
