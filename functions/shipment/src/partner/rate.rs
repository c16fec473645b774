//! A rate limit that all environments share, and what it costs to keep to it.
//!
//! The bucket is one number: the moment at which it is full again. Taking calls
//! moves it on, and no further ahead of now than the burst allows. An environment
//! takes a block of calls with one write and makes them within [`BLOCK_LASTS`].
//!
//! What holds: in any stretch of `T` seconds all environments together make no more
//! than `burst + per_second * (T + 1 s + the difference of their clocks)` calls,
//! however many environments there are. The second is how long a block lasts.

use flotilla_task::Timestamp;
use std::time::Duration;

/// A block of calls that was taken is to be used up by then; the rest is lost.
pub const BLOCK_LASTS: Duration = Duration::from_secs(1);

/// How often a partner may be called.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// In the long run.
    pub per_second: f64,
    /// At once, after a while without a call.
    pub burst: u32,
}

impl Rate {
    /// The time that so many calls stand for, in microseconds.
    #[must_use]
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a positive number saturates"
    )]
    pub fn micros(&self, calls: u32) -> u64 {
        (f64::from(calls) * 1e6 / self.per_second).ceil() as u64
    }

    /// The most calls that are taken at once: a quarter of the burst, so that no
    /// environment takes all of it, and what is used within a block's time.
    #[must_use]
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a positive number saturates"
    )]
    pub fn largest_block(&self) -> u32 {
        let in_time = (self.per_second * BLOCK_LASTS.as_secs_f64()) as u32;
        (self.burst / 4).min(in_time).max(1)
    }
}

/// What all environments have taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bucket {
    /// When it is full again, in microseconds.
    pub full_at: u64,
}

/// What taking calls comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// The bucket was full, whatever it says: it is set to this.
    Set(u64),
    /// It was not: this is added.
    Add(u64),
    /// Not so many are left; when they are.
    NotYet(Duration),
}

/// Now, in the bucket's measure.
#[must_use]
pub const fn micros(now: Timestamp) -> u64 {
    now.as_millis().saturating_mul(1000)
}

impl Bucket {
    /// Takes so many calls. No more than the burst may be asked for.
    #[must_use]
    pub fn take(self, rate: Rate, calls: u32, now: Timestamp) -> Take {
        let (now, cost) = (micros(now), rate.micros(calls));
        if self.full_at <= now {
            return Take::Set(now + cost);
        }
        let after = self.full_at.saturating_add(cost);
        match after.saturating_sub(now + rate.micros(rate.burst)) {
            0 => Take::Add(cost),
            over => Take::NotYet(Duration::from_micros(over)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { per_second: 10.0, burst: 20 };
    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    #[test]
    fn a_burst_passes_and_then_what_the_rate_allows() {
        let mut bucket = Bucket::default();
        let mut at_once = 0;
        while let Take::Set(full_at) | Take::Add(full_at) = bucket.take(RATE, 1, NOW) {
            bucket.full_at = if at_once == 0 { full_at } else { bucket.full_at + full_at };
            at_once += 1;
        }
        assert_eq!(at_once, 20);
        assert_eq!(bucket.take(RATE, 1, NOW), Take::NotYet(Duration::from_millis(100)));
        assert_eq!(bucket.take(RATE, 5, NOW), Take::NotYet(Duration::from_millis(500)));
        let then = NOW.plus(Duration::from_millis(100));
        assert_eq!(bucket.take(RATE, 1, then), Take::Add(100_000));
    }

    #[test]
    fn a_block_is_a_part_of_the_burst_and_of_what_a_second_allows() {
        let block = |per_second, burst| Rate { per_second, burst }.largest_block();
        assert_eq!(
            [block(10.0, 20), block(2.0, 40), block(0.1, 1), block(500.0, 1000)],
            [5, 2, 1, 250]
        );
    }
}
