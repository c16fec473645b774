//! Chaos: thousands of tasks while processes die every second or so and the calls
//! between the functions and the cloud go wrong; then the reconciler.
//!
//! A run that saw no kill, no takeover, no fenced write or no resend shows nothing
//! about it, and ends as badly as one that lost something.

use crate::demo::{Options, Storm};
use crate::error::Error;
use crate::generate::{self, Crowd, Settings};
use crate::wire::Wire;
use clap::Args;
use jiff::Timestamp;
use std::path::PathBuf;
use std::time::Duration;

/// Messages are sent for this share of the storm; it goes on while the fleet
/// works off what is left.
const SENDING: f64 = 0.8;
/// So many events a shipment, as in the demo's day.
const EVENTS_A_SHIPMENT: u32 = 6;

/// What the command line says.
#[derive(Debug, Args)]
pub struct ChaosArguments {
    /// How many tasks there are to be, at least.
    #[arg(long, default_value_t = 5000)]
    tasks: u32,
    /// Where the dice start: the same seed makes the same day and the same weather.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How long the storm lasts.
    #[arg(long, default_value_t = 240, value_name = "SECONDS")]
    duration: u64,
    /// A function process is killed so often, on average.
    #[arg(long, default_value_t = 1.0, value_name = "SECONDS")]
    kill_every: f64,
    /// So short a run need not show every kind of survival: only losses count.
    #[arg(long)]
    short: bool,
    /// Give up when nothing has changed for so many seconds after it.
    #[arg(long, default_value_t = 400, value_name = "SECONDS")]
    settle: u64,
    /// Give up after so many seconds in any case.
    #[arg(long, default_value_t = 1800, value_name = "SECONDS")]
    limit: u64,
    /// Where the report goes; sent.json is written beside it.
    #[arg(long, default_value = "target/chaos/report.json")]
    report: PathBuf,
    /// The stand-in world, whose ledger is the third book.
    #[arg(long, env = "FLOTILLA_PARTNERS_URL")]
    partners_url: String,
    /// The wire proxy: `local.py run --wire` starts one.
    #[arg(long, env = "FLOTILLA_WIRE_URL")]
    wire_url: String,
    /// Process id of the local cloud whose function processes are killed.
    #[arg(long, env = "FLOTILLA_CLOUD_PID")]
    cloud_pid: u32,
}

impl ChaosArguments {
    /// The demo that it is.
    ///
    /// # Errors
    /// [`Error::Usage`] names what cannot be done; [`Error::Environment`] when TLS
    /// cannot be set up.
    pub fn options(self, stack: String) -> Result<Options, Error> {
        if self.wire_url.is_empty() {
            let text = "--wire-url: there is no wire proxy; `local.py run --wire` starts one";
            return Err(Error::usage(text.to_owned()));
        }
        let lasts = Duration::from_secs(self.duration);
        let (shipments, events) = day(self.tasks, self.seed)?;
        Ok(Options {
            stack,
            partners_url: self.partners_url,
            cloud_pid: Some(self.cloud_pid),
            shipments,
            events,
            seed: self.seed,
            kills: kills(lasts, self.kill_every)?,
            send_for: lasts.mul_f64(SENDING),
            storm: Some(Storm { wire: Wire::new(&self.wire_url)?, lasts, shows_all: !self.short }),
            settle: Duration::from_secs(self.settle),
            limit: Duration::from_secs(self.limit),
            report: self.report,
            run: None,
            until: None,
        })
    }
}

fn kills(lasts: Duration, every: f64) -> Result<u32, Error> {
    let text = format!("--kill-every {every}: expected seconds of at least 0.1");
    let every = Duration::try_from_secs_f64(every)
        .ok()
        .filter(|every| *every >= Duration::from_millis(100))
        .ok_or_else(|| Error::usage(text))?;
    Ok(u32::try_from(lasts.as_millis() / every.as_millis()).unwrap_or(u32::MAX))
}

/// The shipments and events of a day with at least so many tasks.
fn day(tasks: u32, seed: u64) -> Result<(u32, u32), Error> {
    let (mut shipments, mut events) = (tasks / EVENTS_A_SHIPMENT, tasks);
    // The number of names that a run's events carry does not depend on its name.
    let until = Timestamp::now();
    for _ in 0..TRIES {
        let (run, crowd) = ("x".to_owned(), Crowd::default());
        let settings = Settings { shipments, events, seed, run, until, crowd };
        let plan = generate::plan(&settings)
            .map_err(|error| Error::usage(format!("--tasks {tasks} makes no day: {error}")))?;
        let events_of = plan.entries.iter().flat_map(|entry| &entry.events);
        let found: usize = events_of.map(|event| event.expected.shipments().count()).sum();
        if found >= tasks as usize {
            return Ok((shipments, events));
        }
        events += (tasks / 20).max(20);
        shipments = events / EVENTS_A_SHIPMENT;
    }
    Err(Error::usage(format!("--tasks {tasks}: no day has so many")))
}

/// A day has about as many tasks as events, so that a few tries do.
const TRIES: u32 = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_the_tasks_that_were_asked_for_and_not_many_more() {
        for tasks in [400, 5000] {
            let (shipments, events) = day(tasks, 1).unwrap();
            assert!(events <= tasks * 3 / 2, "{shipments} shipments, {events} events");
        }
        let error = day(3, 1).unwrap_err().to_string();
        assert!(error.starts_with("--tasks 3 makes no day: "), "{error}");
    }

    #[test]
    fn kills_follow_from_the_time_and_a_pace_that_cannot_be_is_named() {
        let minute = Duration::from_secs(60);
        assert_eq!(kills(minute, 1.5).unwrap(), 40);
        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let error = kills(minute, wrong).unwrap_err().to_string();
            assert!(error.starts_with("--kill-every"), "{error}");
        }
    }
}
