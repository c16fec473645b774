//! A function with its queue: how long it takes, who polls it, what goes wrong.

use super::Units;
use crate::limits::Limits;
use serde::{Deserialize, Serialize};

/// A function with its queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// What it is called.
    pub name: String,
    /// How long an invocation takes.
    pub service: Service,
    /// Seconds that it takes longer in an environment that has to be started.
    pub cold: f64,
    /// Seconds after which an environment that nobody calls goes.
    pub expiry: f64,
    /// The most records of an invocation.
    pub batch: u32,
    /// Seconds that a batch may wait to fill.
    pub window: f64,
    /// Who fetches from the queue.
    pub pollers: Pollers,
    /// On FIFO queues, message groups that are active at a time.
    pub groups: Option<f64>,
    /// Environments that are kept ready by the clock.
    pub ready: Vec<Ready>,
    /// What goes wrong.
    pub trouble: Trouble,
    /// Bytes of a message.
    pub bytes: f64,
    /// What a record asks of the table.
    pub units: Units,
    /// Messages that a record sends, on average, to all next stages together.
    pub copies: f64,
    /// To which stage, by its place, which share of these goes. What is left over ends.
    pub next: Vec<(usize, f64)>,
    /// Whom every record calls.
    pub partner: Option<Partner>,
}

/// Seconds that an invocation takes: `base + record x records`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Service {
    /// In any case.
    pub base: f64,
    /// For each record.
    pub record: f64,
    /// How it varies.
    pub spread: Spread,
}

/// How a time varies around its mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spread {
    /// Not at all.
    Fixed,
    /// Exponentially.
    Exponential,
}

/// Who fetches from a queue.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pollers {
    /// Lambda's own; `MaximumConcurrency` bounds them.
    Shared {
        /// `MaximumConcurrency`, if it is set.
        most: Option<f64>,
    },
    /// The queue's own (`ProvisionedPollerConfig`).
    Provisioned {
        /// That are always there.
        least: f64,
        /// That may be there.
        most: f64,
    },
    /// Always so many batches at once: a queue as textbooks have it.
    Fixed {
        /// Batches at once.
        servers: f64,
    },
}

/// Environments that are ready between two moments.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ready {
    /// From this second on.
    pub from: f64,
    /// Until this one.
    pub to: f64,
    /// So many.
    pub count: f64,
}

/// What goes wrong at a stage.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Trouble {
    /// The probability that a record fails and goes back to its queue.
    pub failure: f64,
    /// Seconds that the first one waits then; it doubles with each receive, up to 300.
    pub retry: f64,
    /// The probability that an invocation dies and its whole batch stays hidden.
    pub crash: f64,
    /// Seconds for which a message is hidden once it is received.
    pub visibility: f64,
    /// Receives after which a message goes to the dead-letter queue.
    pub receives: u32,
}

/// Somebody outside, with limits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Partner {
    /// Calls a second that are allowed.
    pub rate: f64,
    /// Calls at a time that are allowed.
    pub at_once: f64,
    /// Seconds of the day between which it does not answer: its circuit is open, and what
    /// is for it waits without counting as failed.
    pub outages: Vec<(f64, f64)>,
}

impl Service {
    /// The mean for so many records.
    #[must_use]
    pub fn mean(&self, records: f64) -> f64 {
        self.base + self.record * records
    }
}

impl Spread {
    /// A time with that mean.
    pub(crate) fn draw(self, mean: f64, dice: &mut fastrand::Rng) -> f64 {
        match self {
            Self::Fixed => mean,
            Self::Exponential => mean * exponential(dice),
        }
    }
}

/// A time from an exponential distribution with the mean 1.
pub(crate) fn exponential(dice: &mut fastrand::Rng) -> f64 {
    -(1.0 - dice.f64()).ln()
}

impl Default for Trouble {
    /// Nothing goes wrong; the template's defaults for the rest.
    fn default() -> Self {
        Self { failure: 0.0, retry: 1.0, crash: 0.0, visibility: 180.0, receives: 30 }
    }
}

impl Trouble {
    /// Seconds for which a record waits after it failed at that receive, counted from one.
    #[must_use]
    pub fn wait(&self, receive: u32) -> f64 {
        (self.retry * 2f64.powf(f64::from(receive.saturating_sub(1)))).min(300.0)
    }
}

impl Stage {
    /// A queue and nothing around it, for `service` and pollers; nothing goes wrong and
    /// environments are always there.
    #[must_use]
    pub fn alone(name: &str, service: Service, batch: u32, pollers: Pollers) -> Self {
        Self {
            name: name.to_owned(),
            service,
            cold: 0.0,
            expiry: 600.0,
            batch,
            window: 0.0,
            pollers,
            groups: None,
            ready: Vec::new(),
            trouble: Trouble::default(),
            bytes: 1024.0,
            units: Units::default(),
            copies: 0.0,
            next: Vec::new(),
            partner: None,
        }
    }

    /// Environments that are ready at a moment.
    #[must_use]
    pub fn ready_at(&self, at: f64) -> f64 {
        let here = self.ready.iter().filter(|ready| ready.from <= at && at < ready.to);
        here.map(|ready| ready.count).fold(0.0, f64::max)
    }

    /// Records a second that its own pollers can fetch, as long as so many batches are
    /// allowed at once.
    #[must_use]
    pub fn fetched(&self, at_once: f64, limits: &Limits) -> f64 {
        match self.pollers {
            Pollers::Shared { .. } | Pollers::Fixed { .. } => f64::INFINITY,
            Pollers::Provisioned { .. } => {
                let pollers = at_once / limits.poller_invocations;
                let polls = limits.poller_polls * f64::from(self.batch);
                pollers * polls.min(limits.poller_bytes / self.bytes)
            }
        }
    }

    /// The most batches at once that it is ever allowed.
    #[must_use]
    pub fn most_at_once(&self, limits: &Limits) -> f64 {
        let most = match self.pollers {
            Pollers::Shared { most } => most.unwrap_or(limits.shared_most).min(limits.shared_most),
            Pollers::Provisioned { most, .. } => most * limits.poller_invocations,
            Pollers::Fixed { servers } => servers,
        };
        most.min(self.groups.unwrap_or(f64::INFINITY))
    }
}
