//! Profiles with a name: what a person would draw of a sale.

use super::{Point, Profile};
use crate::error::Error;
use clap::ValueEnum;

/// A named profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shape {
    /// The same rate all the time.
    Steady,
    /// Evenly from the rate to the peak.
    Ramp,
    /// The rate, at once the peak for a fifth of the time, and the rate again.
    Spike,
    /// A quiet evening, the doors open at midnight, a lull, a second wave, and night.
    BlackFriday,
}

/// How high and how long.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sizes {
    /// The usual rate, in messages a second.
    pub rate: f64,
    /// The highest, in messages a second.
    pub peak: f64,
    /// In seconds.
    pub duration: f64,
}

impl Shape {
    /// As the command line calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Steady => "steady",
            Self::Ramp => "ramp",
            Self::Spike => "spike",
            Self::BlackFriday => "black-friday",
        }
    }

    /// The profile of this shape and size.
    ///
    /// # Errors
    /// [`Error::Usage`] names the option that cannot be.
    pub fn profile(self, sizes: Sizes) -> Result<Profile, Error> {
        let Sizes { rate, peak, duration } = sizes;
        for (option, value) in [("--rate", rate), ("--peak", peak), ("--duration", duration)] {
            if !value.is_finite() || value < 0.0 {
                let expected = "expected a number that is not negative";
                return Err(Error::usage(format!("{option} {value}: {expected}")));
            }
        }
        if duration == 0.0 {
            return Err(Error::usage("--duration 0: a load takes time".to_owned()));
        }
        if self != Self::Steady && peak < rate {
            let text = format!("--peak {peak}: lower than the usual rate (--rate {rate})");
            return Err(Error::usage(text));
        }
        let points = self.points(rate, peak);
        let point = |(share, rate)| Point { time: share * duration, rate };
        Profile::new(self.name(), points.into_iter().map(point).collect()).map_err(Error::from)
    }

    /// Shares of the duration, and the rate there.
    fn points(self, rate: f64, peak: f64) -> Vec<(f64, f64)> {
        let between = |share: f64| rate + share * (peak - rate);
        match self {
            Self::Steady => vec![(0.0, rate), (1.0, rate)],
            Self::Ramp => vec![(0.0, rate), (1.0, peak)],
            Self::Spike => {
                vec![(0.0, rate), (0.4, rate), (0.4, peak), (0.6, peak), (0.6, rate), (1.0, rate)]
            }
            Self::BlackFriday => vec![
                (0.0, rate),
                (0.12, rate),
                (0.15, peak),
                (0.35, peak),
                (0.45, between(0.25)),
                (0.58, between(0.25)),
                (0.65, between(0.6)),
                (0.75, between(0.6)),
                (0.88, rate),
                (1.0, rate),
            ],
        }
    }
}
