//! So many a second.

use std::str::FromStr;
use std::time::Duration;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// How many a second, from 0.1 to 1000.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate(f64);

impl FromStr for Rate {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let rate = text.parse().ok().filter(|rate| (0.1..=1000.0).contains(rate));
        rate.map(Self).ok_or_else(|| "expected a number from 0.1 to 1000".to_owned())
    }
}

impl Rate {
    /// Turns at this rate; the first is at once.
    #[must_use]
    pub fn turns(self) -> Turns {
        let mut interval = interval(Duration::from_secs_f64(1.0 / self.0));
        // A slow answer is not made good by a burst.
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Turns(interval)
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Turns at a rate.
#[derive(Debug)]
pub struct Turns(Interval);

impl Turns {
    /// Waits for the next one.
    pub async fn next(&mut self) {
        self.0.tick().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_number_that_can_be_kept() {
        assert_eq!("10".parse(), Ok(Rate(10.0)));
        assert_eq!("0.5".parse::<Rate>().unwrap().to_string(), "0.5");
        for wrong in ["0", "-1", "NaN", "inf", "fast", "1001"] {
            assert!(wrong.parse::<Rate>().is_err(), "{wrong}");
        }
    }

    #[tokio::test]
    async fn turns_come_at_their_rate() {
        let begun = tokio::time::Instant::now();
        let mut turns = "200".parse::<Rate>().unwrap().turns();
        for _ in 0..5 {
            turns.next().await;
        }
        assert!(begun.elapsed() >= Duration::from_millis(20), "five ms each after the first");
    }
}
