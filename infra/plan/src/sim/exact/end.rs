//! Invocations end: messages go on, come back or are dead, and places become free.

use super::World;
use super::calendar::{Happening, Message};

impl World<'_> {
    pub(super) fn done(&mut self, place: usize, now: f64) {
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
}
