//! How many batches at once a queue's pollers allow.
//!
//! A shared mapping begins with five and adds five a second while it finds full batches
//! waiting. What AWS does not document is assumed: it adds none for less than a full batch,
//! and it takes away as fast as it adds, once nothing waits and one is idle, down to where
//! it began (two without `MaximumConcurrency`).

use crate::limits::Limits;
use crate::network::{Pollers, Stage};

/// The pollers of one queue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ramp {
    /// Batches at once.
    pub(super) allowed: f64,
    least: f64,
    pub(super) most: f64,
    each_second: f64,
}

impl Ramp {
    pub(super) fn of(stage: &Stage, limits: &Limits) -> Self {
        let most = stage.most_at_once(limits);
        let (start, least, each_second) = match stage.pollers {
            Pollers::Shared { most: None } => {
                (limits.shared_start, limits.shared_idle, limits.shared_ramp)
            }
            Pollers::Shared { most: Some(_) } => {
                (limits.shared_start, limits.shared_start, limits.shared_ramp)
            }
            Pollers::Provisioned { least, .. } => {
                let least = least * limits.poller_invocations;
                (least, least, limits.poller_ramp)
            }
            Pollers::Fixed { servers } => (servers, servers, 0.0),
        };
        Self { allowed: start.min(most), least: least.min(most), most, each_second }
    }

    /// `waiting`: the share of the time in which a full batch waited. `idle`: the share in
    /// which none did and a poller was free.
    pub(super) fn turn(&mut self, seconds: f64, waiting: f64, idle: f64) {
        let change = self.each_second * seconds * (waiting - idle);
        self.allowed = (self.allowed + change).clamp(self.least, self.most);
    }

    /// Whether more would still be added.
    pub(super) fn is_growing(&self) -> bool {
        self.allowed + 1e-9 < self.most
    }
}
