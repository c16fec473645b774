//! How much each stage takes on in a step.
//!
//! Each limit bounds it on its own, and what all share is divided by waiting: an invocation
//! takes longer by the same `delay` at every stage, and that is as long as it has to be for
//! the table (or a local cloud) to keep up. An invocation asks as it begins and waits for
//! what it asked: units that are owed to invocations under way are waited for there, and
//! must not be waited for in the queue again.

use super::owed::Owed;
use crate::bound::Limit;
use crate::network::{Network, Stage};
use crate::sim::meter::Room;

/// A stage before the step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Desk {
    pub(super) backlog: f64,
    pub(super) allowed: f64,
    pub(super) is_growing: bool,
    /// Environments that it has or may get in this step.
    pub(super) usable: f64,
}

/// A stage in the step.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pass {
    /// Records that it takes.
    pub(super) records: f64,
    /// Batches at once that it may have.
    pub(super) at_once: f64,
    /// Seconds that an invocation waits for what is shared.
    pub(super) delay: f64,
    /// Whether there is more than it can take.
    pub(super) is_full: bool,
    /// Which limits hold it up.
    pub(super) held: Vec<(Limit, bool)>,
}

/// One step of all stages.
pub(super) struct Step<'a> {
    pub(super) network: &'a Network,
    pub(super) desks: &'a [Desk],
    pub(super) room: Room,
    pub(super) owed: Owed,
    pub(super) at: f64,
    pub(super) seconds: f64,
}

/// What bounds a stage.
#[derive(Debug, Clone, Copy)]
struct Most {
    records: f64,
    limit: Limit,
}

impl Step<'_> {
    pub(super) fn passes(&self) -> Vec<Pass> {
        let mut at_once: Vec<f64> =
            self.desks.iter().map(|desk| desk.allowed.min(desk.usable)).collect();
        let (mut delay, mut takes) = self.share(&at_once);
        let busy: f64 = (0..takes.len()).map(|place| self.busy(place, takes[place].0, delay)).sum();
        let is_crowded = busy > self.network.account;
        if is_crowded {
            for (place, at_once) in at_once.iter_mut().enumerate() {
                let own = self.busy(place, takes[place].0, delay);
                *at_once = own * self.network.account / busy;
            }
            (delay, takes) = self.share(&at_once);
        }
        let shared = self.shared_limit(&takes);
        let pass = |place: usize| {
            let (records, wanted, most) = takes[place];
            let is_full = wanted > records + super::NOTHING;
            let batch = f64::from(self.network.stages[place].batch);
            // Less than a batch that waits is held up by nothing but chance.
            let is_held = wanted - records >= batch;
            let limit = if most.limit != Limit::PollersMost {
                most.limit
            } else if delay > 0.0 {
                shared
            } else if is_crowded {
                Limit::Account
            } else {
                Limit::PollersMost
            };
            let held = vec![(limit, is_held)];
            Pass { records, at_once: at_once[place], delay, is_full, held }
        };
        (0..takes.len()).map(pass).collect()
    }

    /// The delay with which the shared things keep up, and for each stage what it takes,
    /// what it could take, and what bounds it.
    fn share(&self, at_once: &[f64]) -> (f64, Vec<(f64, f64, Most)>) {
        let takes = self.takes(at_once, 0.0);
        if self.fits(&takes, 0.0) {
            return (0.0, takes);
        }
        let (mut low, mut high) = (0.0, 1.0);
        while high < 1e6 && !self.fits(&self.takes(at_once, high), high) {
            high *= 4.0;
        }
        for _ in 0..40 {
            let middle = f64::midpoint(low, high);
            if self.fits(&self.takes(at_once, middle), middle) {
                high = middle
            } else {
                low = middle
            }
        }
        (high, self.takes(at_once, high))
    }

    fn takes(&self, at_once: &[f64], delay: f64) -> Vec<(f64, f64, Most)> {
        let stages = &self.network.stages;
        let mut coming = vec![0.0; stages.len()];
        let mut takes = Vec::with_capacity(stages.len());
        for (place, stage) in stages.iter().enumerate() {
            let wanted = self.desks[place].backlog + coming[place];
            let most = self.most(stage, place, at_once[place], delay);
            let records = wanted.min(most.records);
            takes.push((records, wanted, most));
            let good = records * (1.0 - stage.trouble.crash) * (1.0 - stage.trouble.failure);
            for (next, share) in &stage.next {
                coming[*next] += good * stage.copies * share;
            }
        }
        takes
    }

    /// What a stage can take at the most, and what bounds it.
    fn most(&self, stage: &Stage, place: usize, at_once: f64, delay: f64) -> Most {
        let batch = f64::from(stage.batch);
        let takes = stage.service.mean(batch) + delay;
        let desk = &self.desks[place];
        let limit = if desk.usable < desk.allowed {
            Limit::FunctionScaling
        } else if stage.groups.is_some_and(|groups| groups <= desk.allowed) {
            Limit::Groups
        } else if desk.is_growing {
            Limit::PollerRamp
        } else {
            Limit::PollersMost
        };
        let mut most = Most { records: at_once * batch / takes * self.seconds, limit };
        let mut bound = |records: f64, limit: Limit| {
            if records < most.records {
                most = Most { records, limit };
            }
        };
        let limits = &self.network.limits;
        bound(stage.fetched(desk.allowed, limits) * self.seconds, Limit::PollerThroughput);
        if let Some(partner) = &stage.partner {
            bound(partner.rate * self.seconds, Limit::PartnerRate);
            bound(partner.at_once / takes * self.seconds, Limit::PartnerAtOnce);
            if partner.outages.iter().any(|(from, to)| *from <= self.at && self.at < *to) {
                bound(0.0, Limit::PartnerOutage);
            }
        }
        most
    }

    /// Whether the table and a local cloud can do within the delay what is asked of them.
    fn fits(&self, takes: &[(f64, f64, Most)], delay: f64) -> bool {
        self.after(takes).delay(self.network, self.room) <= delay
    }

    /// What is owed once the stages have taken so much.
    fn after(&self, takes: &[(f64, f64, Most)]) -> Owed {
        let records = takes.iter().map(|(records, _, _)| *records);
        self.owed.after(self.network, self.room, records, self.seconds)
    }

    /// Which of the shared things is the scarcest.
    fn shared_limit(&self, takes: &[(f64, f64, Most)]) -> Limit {
        let limit = self.after(takes).scarcest(self.network, self.room);
        if limit == Limit::TableWrites && self.room.is_hot { Limit::HotKey } else { limit }
    }

    /// Invocations at work at a time for so many records in the step.
    fn busy(&self, place: usize, records: f64, delay: f64) -> f64 {
        let stage = &self.network.stages[place];
        let batch = f64::from(stage.batch);
        records / self.seconds / batch * (stage.service.mean(batch) + delay)
    }
}
