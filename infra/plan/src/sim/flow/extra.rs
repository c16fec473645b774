//! What happens to a record within a step.

use super::step::Pass;
use crate::formula::Queue;
use crate::network::{Stage, exponential};
use std::collections::HashMap;

/// What a record goes through at a stage, beyond waiting for steps to come.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Extra {
    /// The probability that it finds every poller busy.
    waits: f64,
    /// Seconds that it waits then, on average.
    for_seconds: f64,
    /// Seconds that its batch may wait to fill.
    window: f64,
    /// Records of a batch.
    pub(super) fill: f64,
    /// Seconds that an invocation waits for what is shared.
    delay: f64,
    /// The probability that its environment has to be started.
    pub(super) cold: f64,
    /// Invocations at work.
    pub(super) busy: f64,
    /// Records that wait within the step, on average.
    pub(super) waiting: f64,
    /// The share of the time in which a full batch waits.
    pub(super) full: f64,
    /// The share of the time in which none waits and a poller is free.
    pub(super) idle: f64,
}

impl Extra {
    /// Seconds that a record waits within the step, on average.
    pub(super) fn wait(&self) -> f64 {
        self.waits * self.for_seconds + self.window / 2.0
    }

    /// Seconds that an invocation takes, on average.
    pub(super) fn service(&self, stage: &Stage) -> f64 {
        stage.service.mean(self.fill) + self.delay
    }

    /// Seconds that one record spends.
    pub(super) fn draw(&self, stage: &Stage, dice: &mut fastrand::Rng) -> f64 {
        let mean = stage.service.mean(self.fill);
        let mut spent = stage.service.spread.draw(mean, dice) + self.delay;
        if self.waits > 0.0 && dice.f64() < self.waits {
            spent += self.for_seconds * exponential(dice);
        }
        if self.window > 0.0 {
            spent += self.window * dice.f64();
        }
        if self.cold > 0.0 && dice.f64() < self.cold {
            spent += stage.cold;
        }
        spent
    }
}

/// Equilibria that were computed before, for rates and servers within half a per cent.
#[derive(Debug)]
pub(super) struct Usual {
    known: HashMap<(i32, i32, i32, u32, u64), Extra>,
    by_chance: bool,
}

impl Usual {
    /// Where events come evenly, none waits for chance.
    pub(super) fn new(by_chance: bool) -> Self {
        Self { known: HashMap::new(), by_chance }
    }

    /// Of a stage in a step.
    pub(super) fn of(&mut self, stage: &Stage, pass: &Pass, seconds: f64) -> Extra {
        let arrivals = pass.records / seconds;
        let batch = f64::from(stage.batch);
        if arrivals <= 0.0 {
            return Extra { fill: 1.0, idle: 1.0, delay: pass.delay, ..Extra::default() };
        }
        if pass.is_full {
            let takes = stage.service.mean(batch) + pass.delay;
            let busy = (arrivals * takes / batch).min(pass.at_once);
            return Extra { fill: batch, busy, delay: pass.delay, full: 1.0, ..Extra::default() };
        }
        let grid = |value: f64| (value.max(1e-9).ln() * 200.0).round() as i32;
        let key = (
            grid(arrivals),
            grid(pass.at_once),
            grid(pass.delay),
            stage.batch,
            (stage.service.base + 7.0 * stage.service.record + 31.0 * stage.window).to_bits(),
        );
        let by_chance = self.by_chance;
        *self.known.entry(key).or_insert_with(|| {
            let extra = calculate(stage, pass, arrivals, seconds);
            if by_chance { extra } else { Extra { waits: 0.0, waiting: 0.0, ..extra } }
        })
    }
}

/// How long a batch takes follows from its records, and these from how long it takes.
///
/// Close to their limit queues would need far longer than a step to come to rest. What
/// chance piles up in longer than a step is followed from step to step, so that what is left
/// for here is at most what it piles up within one: the root of its arrivals.
fn calculate(stage: &Stage, pass: &Pass, arrivals: f64, step: f64) -> Extra {
    let most = f64::from(stage.batch);
    let gathered = (1.0 + arrivals * stage.window).min(most);
    let mut fill = gathered;
    let mut extra = Extra { delay: pass.delay, fill, ..Extra::default() };
    for _ in 0..12 {
        let takes = stage.service.mean(fill) + pass.delay;
        let queue = Queue {
            // Batches that gather before anybody takes them arrive as one.
            arrivals: arrivals / gathered,
            seconds: takes,
            servers: pass.at_once,
            batch: (most / gathered).max(1.0),
        };
        let Some(busy) = queue.rest() else {
            let busy = arrivals * takes / most;
            return Extra { fill: most, busy: busy.min(pass.at_once), full: 1.0, ..extra };
        };
        let found = (busy.fill * gathered).clamp(1.0, most);
        let within = (step / arrivals).sqrt().max(takes / pass.at_once);
        let for_seconds = busy.wait.min(within);
        extra = Extra {
            waits: busy.all,
            for_seconds,
            window: if stage.window > 0.0 { stage.window.min(most / arrivals) } else { 0.0 },
            fill: found,
            busy: arrivals * stage.service.mean(found) / found + arrivals / found * pass.delay,
            waiting: busy.all * for_seconds * arrivals,
            full: busy.all * busy.root.powf(most / gathered),
            idle: 1.0 - busy.all,
            ..extra
        };
        if (found - fill).abs() < 1e-3 * fill {
            break;
        }
        fill = f64::midpoint(fill, found);
    }
    extra
}
