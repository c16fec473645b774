//! Invocations begin: everything that a batch has to wait for.

use super::calendar::{Happening, Message};
use super::{Invocation, World};
use crate::network::Units;

impl World<'_> {
    /// Asks to be called again, once.
    fn wait(&mut self, stage: usize, until: f64) {
        let asked = self.desks[stage].waits_until;
        if asked.is_none_or(|asked| until < asked - 1e-9) {
            self.desks[stage].waits_until = Some(until);
            self.at(until, Happening::Start(stage));
        }
    }

    /// Starts as many invocations as may be.
    pub(super) fn start(&mut self, stage: usize, now: f64) {
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
}
