//! Parcels leave a queue: on to the next, back to it, or through.

use super::extra::Extra;
use super::parcel::Parcel;
use super::step::Pass;
use super::{Flow, NOTHING};
use crate::sim::record::Look;

/// Of each parcel that is through, so many latencies are drawn.
const DRAWS: u32 = 4;
/// Fewer than this many that fail in a step are not followed, and count as good.
const FEW: f64 = 1e-3;

impl Flow<'_> {
    /// Takes from the queue and hands on. Says how many records it took.
    pub(super) fn serve(&mut self, stage: usize, pass: &Pass, extras: &[Extra], at: f64) -> f64 {
        let seconds = self.options.step;
        let own = &self.network.stages[stage];
        let before = self.desks[stage].line.amount();
        let take = pass.records.min(before);
        let parcels = self.desks[stage].line.take(take);
        let mut passed = 0.0;
        for parcel in parcels {
            // Where in this step it is its turn, if there is more than the step can take.
            let leaves = if pass.is_full {
                at + seconds * ((passed + parcel.amount / 2.0) / take.max(NOTHING)).min(1.0)
            } else {
                at
            };
            // What is still worked on at the stage before it does not leave before that.
            let leaves = leaves.max(parcel.entered);
            passed += parcel.amount;
            let waited = leaves - parcel.entered;
            self.record.waited(stage, waited + extras[stage].wait(), parcel.amount);
            self.hand_on(
                stage,
                Parcel { waited: parcel.waited + waited, ..parcel },
                leaves,
                extras,
            );
        }
        for (limit, held) in &pass.held {
            if *held {
                self.record.bound(*limit, stage, at, seconds);
            }
        }
        let desk = &self.desks[stage];
        let extra = &extras[stage];
        let backlog = desk.line.amount() + extra.waiting;
        let look = Look {
            backlog,
            oldest: desk.line.oldest().map_or(0.0, |entered| (at + seconds - entered).max(0.0)),
            busy: extra.busy,
            ready: own.ready_at(at),
            allowed: desk.ramp.allowed,
            environments: desk.environments,
        };
        self.record.look(stage, at, seconds, look);
        take
    }

    fn hand_on(&mut self, stage: usize, parcel: Parcel, at: f64, extras: &[Extra]) {
        let own = &self.network.stages[stage];
        let trouble = &own.trouble;
        let receives = parcel.receives + 1;
        let few = |amount: f64| if amount < FEW { 0.0 } else { amount };
        let dies = few(parcel.amount * trouble.crash);
        let fails = few((parcel.amount - dies) * trouble.failure);
        for (amount, wait) in [(dies, trouble.visibility), (fails, trouble.wait(receives))] {
            if amount < NOTHING {
                continue;
            }
            if receives >= trouble.receives {
                self.record.stages[stage].dead += amount;
                continue;
            }
            let when = self.number + (wait / self.options.step).ceil().max(1.0) as u64;
            let back = self.desks[stage].back.entry(when).or_default();
            back.push(Parcel { amount, receives, waited: parcel.waited + wait, ..parcel });
        }
        let good = parcel.amount - dies - fails;
        if good < NOTHING {
            return;
        }
        let through = parcel.through(stage);
        if own.next.is_empty() {
            let each = good / f64::from(DRAWS);
            for _ in 0..DRAWS {
                let within: f64 = extras
                    .iter()
                    .enumerate()
                    .filter(|(place, _)| through.visited(*place))
                    .map(|(place, extra)| extra.draw(&self.network.stages[place], &mut self.dice))
                    .sum();
                let spent = through.waited + within;
                self.record.complete(through.born, through.born + spent, each);
            }
            return;
        }
        // What waits in the next queue has been worked on here first; its turn there comes no
        // later for that, so the wait is so much shorter.
        let entered = at + extras[stage].service(own);
        for (next, share) in &own.next {
            let amount = good * own.copies * share;
            if amount >= NOTHING {
                let parcel = Parcel { amount, receives: 0, entered, ..through };
                self.desks[*next].line.join(parcel);
            }
        }
    }
}
