//! What is simulated: stages with a queue each, and what they share.
//!
//! Names no agent: the fleet's five stages are one such network ([`crate::fleet`]), and a
//! test's single queue is another.

pub mod check;
mod stage;

use crate::limits::Limits;
use serde::{Deserialize, Serialize};

pub(crate) use stage::exponential;
pub use stage::{Partner, Pollers, Ready, Service, Spread, Stage, Trouble};

/// Stages, in an order in which each hands on only to later ones, and what they share.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// The stages; what arrives from outside arrives at the first.
    pub stages: Vec<Stage>,
    /// The one table.
    pub table: Table,
    /// Environments of the account, for all stages together.
    pub account: f64,
    /// What the platform does by itself.
    pub limits: Limits,
    /// What the local cloud does for all of them in turn, where one carries the fleet.
    pub server: Option<Server>,
}

/// Units of the table that a record takes.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Units {
    /// Write units.
    pub writes: f64,
    /// Read units.
    pub reads: f64,
}

/// The table.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Write and read units a second that it takes when the day begins.
    pub warm: Units,
    /// The share of all write units that goes to the hottest partition key.
    pub hottest: f64,
}

/// One server that everything passes, such as a local cloud on one core.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Server {
    /// Seconds of it that a record takes, for each stage by its place.
    pub each: [f64; 5],
    /// Seconds of it in a second.
    pub capacity: f64,
}

impl Network {
    /// One stage that has nothing to share.
    #[must_use]
    pub fn of_one(stage: Stage, limits: Limits) -> Self {
        Self {
            stages: vec![stage],
            table: Table { warm: Units { writes: 4000.0, reads: 12_000.0 }, hottest: 0.0 },
            account: limits.account,
            limits,
            server: None,
        }
    }

    /// Records that come to each stage for one event, retries not counted.
    #[must_use]
    pub fn visits(&self) -> Vec<f64> {
        let mut visits = vec![0.0; self.stages.len()];
        if let Some(first) = visits.first_mut() {
            *first = 1.0;
        }
        for (place, stage) in self.stages.iter().enumerate() {
            let here = visits.get(place).copied().unwrap_or(0.0);
            for (next, share) in &stage.next {
                if let Some(visits) = visits.get_mut(*next) {
                    *visits += here * stage.copies * share;
                }
            }
        }
        visits
    }

    /// Units of the table that one event takes on its way through all stages.
    #[must_use]
    pub fn units(&self) -> Units {
        let visits = self.visits();
        let each = self.stages.iter().zip(&visits);
        each.fold(Units::default(), |sum, (stage, visits)| Units {
            writes: sum.writes + visits * stage.units.writes,
            reads: sum.reads + visits * stage.units.reads,
        })
    }
}
