//! What all stages share: units of the table, and a local cloud's processor.

use crate::limits::Limits;
use crate::network::{Network, Units};
use std::collections::VecDeque;

/// A peak counts for growth after so many seconds.
const HALF_HOUR: f64 = 1800.0;
/// Seconds over which a peak is measured.
const MINUTE: f64 = 60.0;

/// Something of which there is so much a second. Who asks for more waits; a second's worth
/// may be taken ahead, because the platform counts whole seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Meter {
    owed: f64,
    at: f64,
}

impl Meter {
    /// Takes an amount and says after how many seconds one has it.
    pub(super) fn take(&mut self, now: f64, amount: f64, each_second: f64) -> f64 {
        self.owed = (self.owed - each_second * (now - self.at)).max(0.0) + amount;
        self.at = now;
        (self.owed / each_second - 1.0).max(0.0)
    }

    /// Seconds until one may take again without waiting; what is less than a microsecond is
    /// rounding, and whoever came back after it would come back for ever.
    pub(super) fn wait(&self, now: f64, each_second: f64) -> f64 {
        let wait = (self.owed - each_second * (now - self.at)) / each_second - 1.0;
        if wait < 1e-6 { 0.0 } else { wait }
    }
}

/// What an on-demand table takes: what it began with, or twice what it had to take in a
/// minute more than half an hour ago. The five minutes of unused units that a partition may
/// save up for a burst are left out: AWS promises none.
#[derive(Debug, Clone)]
pub(super) struct Grown {
    warm: f64,
    factor: f64,
    reached: f64,
    minutes: VecDeque<(f64, f64)>,
    until: f64,
    taken: f64,
}

impl Grown {
    pub(super) fn new(warm: f64, factor: f64) -> Self {
        Self { warm, factor, reached: 0.0, minutes: VecDeque::new(), until: MINUTE, taken: 0.0 }
    }

    /// Counts what was taken, and says what it takes a second.
    pub(super) fn turn(&mut self, now: f64, taken: f64) -> f64 {
        while now >= self.until {
            self.minutes.push_back((self.until, self.taken / MINUTE));
            self.taken = 0.0;
            self.until += MINUTE;
        }
        self.taken += taken;
        while let Some((ended, rate)) = self.minutes.front().copied()
            && ended + HALF_HOUR <= now
        {
            self.reached = self.reached.max(rate);
            self.minutes.pop_front();
        }
        self.warm.max(self.factor * self.reached)
    }
}

/// The table as a whole, and its hottest key.
#[derive(Debug, Clone)]
pub(super) struct Shared {
    writes: Grown,
    reads: Grown,
    key: f64,
}

/// What may be taken in a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Room {
    /// Write units.
    pub(super) writes: f64,
    /// Read units.
    pub(super) reads: f64,
    /// Whether the hottest key, and not the table, bounds the writes.
    pub(super) is_hot: bool,
}

impl Shared {
    pub(super) fn of(network: &Network) -> Self {
        let Limits { growth, partition, .. } = network.limits;
        let table = network.table;
        Self {
            writes: Grown::new(table.warm.writes, growth),
            reads: Grown::new(table.warm.reads, growth),
            // A record for the hottest key holds up its batch, and so those behind it.
            key: partition.0 / table.hottest,
        }
    }

    /// Counts what was taken, and says what is there.
    pub(super) fn turn(&mut self, now: f64, taken: Units) -> Room {
        let writes = self.writes.turn(now, taken.writes);
        let reads = self.reads.turn(now, taken.reads);
        Room { writes: writes.min(self.key), reads, is_hot: self.key < writes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What DynamoDB documents of on-demand tables: twice the earlier peak, after half an
    /// hour.
    #[test]
    fn a_table_takes_twice_its_earlier_peak_half_an_hour_later() {
        let mut table = Grown::new(4000.0, 2.0);
        let mut now = 0.0;
        let mut seen = Vec::new();
        while now < 7200.0 {
            let room = table.turn(now, 0.0);
            table.turn(now, room);
            seen.push(room);
            now += 1.0;
        }
        assert_eq!((seen[0], seen[1800]), (4000.0, 4000.0));
        assert_eq!((seen[1860], seen[3600]), (8000.0, 8000.0));
        assert!((seen[3780] / 16_000.0 - 1.0).abs() < 0.01, "{}", seen[3780]);
    }

    #[test]
    fn who_asks_for_more_than_there_is_waits() {
        let mut meter = Meter::default();
        assert_eq!(meter.take(0.0, 100.0, 100.0), 0.0);
        assert_eq!(meter.take(0.0, 300.0, 100.0), 3.0);
        assert_eq!(meter.wait(1.0, 100.0), 2.0);
        assert_eq!(meter.take(9.0, 50.0, 100.0), 0.0);
    }
}
