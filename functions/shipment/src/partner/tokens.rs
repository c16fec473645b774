//! The calls that one environment has taken and not made.

use super::rate::{BLOCK_LASTS, Rate};
use flotilla_task::Timestamp;

/// A block of calls in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tokens {
    left: u32,
    until: Timestamp,
    next: u32,
}

impl Default for Tokens {
    fn default() -> Self {
        Self { left: 0, until: Timestamp::default(), next: 1 }
    }
}

impl Tokens {
    /// Uses one that is in hand. False: a block must be taken.
    pub fn spend(&mut self, now: Timestamp) -> bool {
        if self.left == 0 || self.until <= now {
            return false;
        }
        self.left -= 1;
        true
    }

    /// How many to take: twice as many when the last block was used up in its time,
    /// so that many calls cost few writes; one when it was not, so that few calls
    /// do not take what others need.
    pub fn block(&mut self, rate: Rate, now: Timestamp) -> u32 {
        let used_up = self.left == 0 && self.until > now;
        self.next = if used_up { self.next.saturating_mul(2) } else { 1 };
        self.next = self.next.min(rate.largest_block());
        self.next
    }

    /// A block was taken at that moment; one of it is used at once. Where another
    /// was taken meanwhile, the smaller one is lost: no call lasts longer than its block.
    pub fn took(&mut self, calls: u32, at: Timestamp) {
        let in_hand = if self.until > at { self.left } else { 0 };
        let rest = calls.saturating_sub(1);
        if rest >= in_hand {
            (self.left, self.until) = (rest, at.plus(BLOCK_LASTS));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::partner::rate::{Bucket, Take};
    use proptest::prelude::*;
    use std::time::Duration;

    /// Environments that ask at random moments of one bucket: when each call was made.
    fn made(rate: Rate, asks: &[(usize, u64)], ahead: &[u64]) -> Vec<u64> {
        let (mut bucket, mut calls, mut time) = (Bucket::default(), Vec::new(), 100_000_u64);
        let mut environments = vec![Tokens::default(); ahead.len()];
        for (who, later) in asks {
            time += later;
            let who = who % ahead.len();
            let now = Timestamp::from_millis(time + ahead[who]);
            let tokens = &mut environments[who];
            if !tokens.spend(now) {
                let block = tokens.block(rate, now);
                match bucket.take(rate, block, now) {
                    Take::Set(full_at) => bucket.full_at = full_at,
                    Take::Add(cost) => bucket.full_at += cost,
                    Take::NotYet(_) => continue,
                }
                tokens.took(block, now);
            }
            calls.push(time);
        }
        calls
    }

    proptest! {
        /// The stated error: between any two calls there are no more than the burst
        /// and what the rate allows in that time, a block's time and the clocks' difference.
        #[test]
        fn the_rate_holds_across_environments_to_within_the_stated_error(
            per_second in 1_u32..200,
            burst in 1_u32..100,
            ahead in prop::collection::vec(0_u64..500, 1..9),
            asks in prop::collection::vec((0_usize..9, 0_u64..40), 1..600),
        ) {
            let rate = Rate { per_second: f64::from(per_second), burst };
            let calls = made(rate, &asks, &ahead);
            let slack = BLOCK_LASTS.as_secs_f64() + 0.5;
            for (first, from) in calls.iter().enumerate() {
                for (last, to) in calls.iter().enumerate().skip(first) {
                    let stretch = Duration::from_millis(to - from).as_secs_f64();
                    let allowed = f64::from(burst) + rate.per_second * (stretch + slack) + 1.0;
                    let count = u32::try_from(last - first + 1).unwrap();
                    prop_assert!(f64::from(count) <= allowed, "{count} > {allowed} in {stretch} s");
                }
            }
        }
    }

    #[test]
    fn many_calls_cost_few_writes_and_few_calls_take_one() {
        let rate = Rate { per_second: 100.0, burst: 100 };
        let now = Timestamp::from_millis(1_000_000);
        let (mut tokens, mut blocks) = (Tokens::default(), Vec::new());
        for _ in 0..100 {
            if !tokens.spend(now) {
                blocks.push(tokens.block(rate, now));
                tokens.took(*blocks.last().unwrap(), now);
            }
        }
        assert_eq!(blocks, [1, 2, 4, 8, 16, 25, 25, 25]);
        let later = now.plus(BLOCK_LASTS);
        assert!(!tokens.spend(later), "what is left of a block is lost");
        assert_eq!(tokens.block(rate, later), 1);
    }
}
