//! Messages that arrived together, and the queue that they wait in.

use super::NOTHING;
use std::collections::VecDeque;

/// How many of the last parcels are looked at for one that is alike.
const ALIKE: usize = 8;

/// Messages of one step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Parcel {
    /// When their events arrived.
    pub(super) born: f64,
    /// Since when they are in this queue.
    pub(super) entered: f64,
    /// How many.
    pub(super) amount: f64,
    /// How often they were received here before.
    pub(super) receives: u32,
    /// Seconds spent in queues so far, beyond what happens within a step.
    pub(super) waited: f64,
    pub(super) visited: u32,
}

impl Parcel {
    pub(super) const fn new(born: f64, entered: f64, amount: f64) -> Self {
        Self { born, entered, amount, receives: 0, waited: 0.0, visited: 0 }
    }

    /// Remembers that it passed a stage.
    pub(super) const fn through(self, stage: usize) -> Self {
        Self { visited: self.visited | (1 << stage), ..self }
    }

    /// Whether the two are as good as one.
    fn is_like(&self, other: &Self) -> bool {
        let close = |one: f64, two: f64| (one - two).abs() <= 0.5 + 0.01 * one.min(two);
        self.visited == other.visited
            && self.receives == other.receives
            && (self.born - other.born).abs() <= 0.5
            && (self.entered - other.entered).abs() <= 0.5
            && close(self.waited, other.waited)
    }

    fn add(&mut self, other: &Self) {
        let share = other.amount / (self.amount + other.amount);
        let mean = |one: f64, two: f64| one + (two - one) * share;
        self.born = mean(self.born, other.born);
        self.entered = mean(self.entered, other.entered);
        self.waited = mean(self.waited, other.waited);
        self.amount += other.amount;
    }

    /// Whether it did.
    pub(super) const fn visited(&self, stage: usize) -> bool {
        self.visited & (1 << stage) != 0
    }
}

/// A queue, first come first served.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    parcels: VecDeque<Parcel>,
    amount: f64,
}

impl Line {
    pub(super) const fn amount(&self) -> f64 {
        self.amount
    }

    /// Since when the first has waited.
    pub(super) fn oldest(&self) -> Option<f64> {
        self.parcels.front().map(|parcel| parcel.entered)
    }

    /// Adds it at the end, to one of the last if that had the same way and about the same
    /// waits: what comes in a step stays a handful of parcels, whatever failed before.
    pub(super) fn join(&mut self, parcel: Parcel) {
        self.amount += parcel.amount;
        let last = self.parcels.iter_mut().rev().take(ALIKE);
        match last.into_iter().find(|other| other.is_like(&parcel)) {
            Some(other) => other.add(&parcel),
            None => self.parcels.push_back(parcel),
        }
    }

    /// The first so many messages.
    pub(super) fn take(&mut self, amount: f64) -> Vec<Parcel> {
        let mut taken = Vec::new();
        let mut left = amount;
        while left > NOTHING
            && let Some(first) = self.parcels.front_mut()
        {
            if first.amount <= left + NOTHING {
                left -= first.amount;
                taken.extend(self.parcels.pop_front());
            } else {
                taken.push(Parcel { amount: left, ..*first });
                first.amount -= left;
                left = 0.0;
            }
        }
        // Summed up anew where nothing is left, so that rounding does not add up.
        let out: f64 = taken.iter().map(|parcel| parcel.amount).sum();
        self.amount = if self.parcels.is_empty() { 0.0 } else { (self.amount - out).max(0.0) };
        taken
    }
}
