//! The baseline: a function with nothing in it, called now and then while the pipeline is
//! at work. What it takes tells how fast the processors are in this minute and how much of
//! their caches the store has; a task is compared with it.

use crate::ground::Ground;
use crate::overhead::{done, launch, tasks};
use crate::rig::Error;
use crate::usage::processor_time;
use flotilla_wire::host::Environment;
use std::cell::Cell;
use std::convert::Infallible;
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// How often it is called: often enough for a short run, and too seldom to be felt.
const EVERY: Duration = Duration::from_millis(50);
/// Calls after which one costs what the next one does.
const WARM: usize = 20;
/// Records of its events.
const BATCH: u64 = 10;

/// The empty function, waiting for its next event.
#[derive(Debug)]
pub(super) struct Beside {
    environment: Environment,
    event: Vec<u8>,
}

impl Beside {
    /// Starts it, and has it answer until it is warm.
    pub(super) async fn start(ground: &Ground) -> Result<Self, Error> {
        let started = Environment::start(launch(ground.program("empty")?, 0)).await;
        let environment = started.map_err(|error| Error::Beside(error.to_string()))?;
        let event = tasks::event(0..BATCH).map_err(|error| Error::Beside(error.to_string()))?;
        let beside = Self { environment, event };
        for _ in 0..WARM {
            beside.call().await?;
        }
        Ok(beside)
    }

    /// Calls it until the work is done: the processor time of one of its events.
    pub(super) async fn during(
        &self,
        work: impl Future<Output = Result<(), Error>>,
    ) -> Result<Duration, Error> {
        let seen = Cell::new((Duration::ZERO, 0));
        tokio::select! {
            done = work => done?,
            failed = self.call_on(&seen) => match failed? {},
        }
        let (used, calls) = seen.get();
        used.checked_div(calls).ok_or_else(|| Error::Beside("never called".to_owned()))
    }

    /// Calls it for ever; what all calls have used so far, and how many they were.
    async fn call_on(&self, seen: &Cell<(Duration, u32)>) -> Result<Infallible, Error> {
        let pid = self.environment.pid;
        let before = processor_time(pid)?;
        let mut now_and_then = tokio::time::interval(EVERY);
        // Calls at once would find what the one before has left in the caches.
        now_and_then.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            now_and_then.tick().await;
            self.call().await?;
            let used = processor_time(pid)?.saturating_sub(before);
            seen.set((used, seen.get().1 + 1));
        }
    }

    async fn call(&self) -> Result<(), Error> {
        let outcome = self.environment.invoke(self.event.clone()).await;
        done(outcome).map_err(|error| Error::Beside(error.to_string()))
    }
}
