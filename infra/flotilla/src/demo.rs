//! The demo: a seeded day of orders, EPCIS and DCSA events goes into the fleet
//! while its processes are killed, and three books say what became of it.
//!
//! ```text
//! generate ─> send (paced) ──┐
//!             kill at random ├─ while watch shows the stages ─> quiet ─> reconcile ─> report
//!             watch          │
//!   in a storm: weather      ┘
//! ```

mod kill;
mod send;
mod storm;
mod weather;

use crate::books::{SentBook, TableBook, WorldBook};
use crate::cloud::Cloud;
use crate::cloud::logs::Invocations;
use crate::error::Error;
use crate::generate::{self, Crowd, Plan, Settings};
use crate::partners::Partners;
use crate::reconcile::{Findings, reconcile};
use crate::report::{self, Report};
use crate::story;
use crate::watch::live::{Live, now_ms};
use crate::watch::{self, Limits};
use jiff::Timestamp;
use std::cell::RefCell;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

pub use storm::{Damage, Storm};

/// What the demo is to do.
#[derive(Debug, Clone)]
pub struct Options {
    /// The deployed stack.
    pub stack: String,
    /// Where the stand-in world is.
    pub partners_url: String,
    /// The local cloud's process, whose function processes are killed.
    pub cloud_pid: Option<u32>,
    /// How many shipments are ordered.
    pub shipments: u32,
    /// How many different events happen.
    pub events: u32,
    /// Where the dice start.
    pub seed: u64,
    /// How many function processes are killed.
    pub kills: u32,
    /// Over how long the messages are sent.
    pub send_for: Duration,
    /// What goes wrong beside the kills; nothing in fair weather.
    pub storm: Option<Storm>,
    /// After how long without any change the fleet counts as stuck.
    pub settle: Duration,
    /// The longest the demo waits in all.
    pub limit: Duration,
    /// Where the report goes; the first book is written beside it.
    pub report: PathBuf,
    /// The run's name; made from the time when absent.
    pub run: Option<String>,
    /// When the day ends; now when absent.
    pub until: Option<Timestamp>,
}

impl Options {
    const fn limits(&self) -> Limits {
        Limits { settle: self.settle, limit: self.limit, count_every: 4 }
    }
}

/// Runs the demo and says whether everything was accounted for.
///
/// # Errors
/// [`Error`] when it could not be run; a fleet that lost something is no error
/// but `false`.
pub async fn run(options: &Options, out: &mut dyn Write) -> Result<bool, Error> {
    let until = options.until.unwrap_or_else(Timestamp::now);
    let run = options.run.clone().unwrap_or_else(|| run_name(until));
    let plan = generate::plan(&Settings {
        shipments: options.shipments,
        events: options.events,
        seed: options.seed,
        run: run.clone(),
        until,
        crowd: Crowd::default(),
    })?;
    let partners = Partners::new(&options.partners_url)?;
    // Asked first, so that a world that is not there is noticed before the work.
    partners.ledger().await?;
    let cloud = Cloud::connect(&options.stack).await?;
    report::prepare(&options.report)?;
    introduce(options, &plan, &run, out)?;

    if options.storm.is_some() {
        storm::slow_down(&partners).await?;
    }
    let begun = Instant::now();
    let begun_ms = now_ms();
    let live = RefCell::new(Live::new(&plan, options.kills));
    let (sent, ending, (), ()) = tokio::try_join!(
        send::run(&cloud, &plan, &run, options, &live),
        watch::until_quiet(&cloud, options.limits(), begun, &live, out),
        kill::run(options, begun, &live),
        blow(options, begun, &live),
    )?;
    report::write_sent(&options.report, &sent)?;
    let seconds = begun.elapsed().as_secs_f64();

    let (kills, stuck) = (live.borrow().kills, live.borrow().unfinished());
    let table = cloud.table_book().await?;
    let world = partners.ledger().await?;
    let findings = reconcile(&sent, &table, &world);
    let counted = cloud.invocations(begun_ms).await.map(|all| Invocations::of(&all));
    let mut report = Report::new(&sent, &table, findings.clone()).with_run(seconds, kills, &ending);
    if let Some(storm) = &options.storm {
        let seen = storm.wire.seen().await?;
        let damage = Damage::new(storm, (kills, stuck), seen, counted.as_ref().ok());
        report = report.with_storm(damage);
    }
    let report = report.with_invocations(counted);
    report.write(&options.report)?;
    report.tell(out)?;
    tell_one(&findings, &sent, &table, &world, out)?;
    writeln!(out, "\nThe whole report is in {}.", options.report.display())?;
    if options.storm.is_some() && !report.good() {
        // The local cloud forgets them when it stops.
        let path = report::write_logs(&options.report, &cloud.log_lines(begun_ms).await)?;
        writeln!(out, "What the functions logged is in {}.", path.display())?;
    }
    Ok(report.good())
}

async fn blow(options: &Options, begun: Instant, live: &RefCell<Live>) -> Result<(), Error> {
    let Some(storm) = &options.storm else { return Ok(()) };
    let mut dice = fastrand::Rng::with_seed(options.seed ^ 0x6761_6c65);
    weather::run(storm, &mut dice, begun, live).await
}

/// Different for runs that start at different seconds, and short.
pub(crate) fn run_name(at: Timestamp) -> String {
    let mut left = u64::try_from(at.as_second()).unwrap_or(0);
    let mut name = Vec::new();
    while left > 0 {
        let digit = u32::try_from(left % 36).unwrap_or(0);
        name.push(char::from_digit(digit, 36).unwrap_or('0'));
        left /= 36;
    }
    name.iter().rev().collect()
}

fn introduce(options: &Options, plan: &Plan, run: &str, out: &mut dyn Write) -> Result<(), Error> {
    let malformed = plan.entries.iter().filter(|entry| entry.is_bad()).count();
    writeln!(
        out,
        "Run {run}: {} messages about {} shipments over {} s, seed {}: orders, EPCIS and DCSA \
         documents and simple events. Among them {} duplicates, {malformed} with something \
         malformed, orders that come late and events out of order.",
        plan.messages.len(),
        options.shipments,
        options.send_for.as_secs(),
        options.seed,
        plan.messages.len() - plan.entries.len(),
    )?;
    match options.cloud_pid {
        Some(pid) => writeln!(
            out,
            "Meanwhile {} function processes of the local cloud (process {pid}) are killed.",
            options.kills
        )?,
        None if options.kills > 0 => writeln!(
            out,
            "No function process is killed: FLOTILLA_CLOUD_PID names no local cloud."
        )?,
        None => {}
    }
    if let Some(storm) = &options.storm {
        writeln!(
            out,
            "For {} s the calls between the functions and the cloud are throttled, fail, arrive \
             twice, late or unanswered.",
            storm.lasts.as_secs()
        )?;
    }
    Ok(())
}

/// The story of one shipment, best one that was rebooked.
fn tell_one(
    findings: &Findings,
    sent: &SentBook,
    table: &TableBook,
    world: &WorldBook,
    out: &mut dyn Write,
) -> Result<(), Error> {
    if let Some(shipment) = story::pick(findings, sent, table) {
        writeln!(out, "\nOne shipment's story\n")?;
        write!(out, "{}", story::tell(&shipment, table, Some(world), &[]))?;
    }
    Ok(())
}
