//! A surge from its options to what it measured.

use super::arguments::Options;
use super::cost::{Cost, Fleet};
use super::load::{Load, Wanted};
use super::measured::Measured;
use super::ran::{Books, Ran};
use super::{guard, page, probe, words};
use crate::cloud::Cloud;
use crate::demo::run_name;
use crate::error::Error;
use crate::partners::Partners;
use crate::processes::Processes;
use crate::reconcile::{Findings, reconcile, reconcile_two};
use crate::report;
use jiff::Timestamp;
use std::cell::RefCell;
use std::io::Write;

const NO_WORLD: &str = "There was no stand-in world (--partners-url), so nobody can say what the \
                        partners were really asked to do: two books were compared, not three.";

/// Runs it and says whether everything was accounted for.
///
/// # Errors
/// [`Error`] when it was refused or could not be run; a fleet that lost something is no
/// error but `false`.
pub async fn run(options: &Options, out: &mut dyn Write) -> Result<bool, Error> {
    let until = Timestamp::now();
    let run = run_name(until);
    let wanted = Wanted { seed: options.seed, run: run.clone(), until, crowd: options.crowd };
    let load = Load::new(&options.profile, &wanted)?;
    let setting = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let cost = Cost::expected(load.plan.messages.len() as u64, &Fleet::default())?;
    let allow =
        |endpoint: Option<&str>| allow(options, &load, &cost, guard::elsewhere(endpoint, setting));
    allow(setting("AWS_ENDPOINT_URL").as_deref())?;
    words::introduce(options, &load, &cost.words(), out)?;
    if options.dry_run {
        writeln!(out, "Nothing was sent (--dry-run).")?;
        return Ok(true);
    }
    let cloud = Cloud::connect(&options.stack).await?;
    // Once more where the requests really go: other settings can overrule the variable.
    allow(cloud.endpoint.as_deref())?;
    let mut notes = Vec::new();
    let partners = options.partners_url.as_deref().map(Partners::new).transpose()?;
    match &partners {
        // Asked first, so that a world that is not there is noticed before the work.
        Some(partners) => drop(partners.ledger().await?),
        None => notes.push(NO_WORLD.to_owned()),
    }
    report::prepare(&options.report)?;
    let local = guard::elsewhere(cloud.endpoint.as_deref(), setting).is_none();
    let own = options.cloud_pid.filter(|_| local);
    let processes = RefCell::new(own.map(Processes::of).transpose()?);
    let probed = match options.probe && own.is_some() {
        true => Some(probe::run(&cloud, &run).await?),
        false => None,
    };
    if let Some(probed) = probed {
        writeln!(out, "The local cloud carries {probed:.0} requests a second by itself.\n")?;
    }
    let ran = Ran::new(options, &cloud, &load, &run, &processes, out).await?;
    report::write_sent(&options.report, &ran.sent)?;
    let table = cloud.table_book().await?;
    let findings = match &partners {
        Some(partners) => reconcile(&ran.sent, &table, &partners.ledger().await?),
        None => reconcile_two(&ran.sent, &table),
    };
    let invocations = match cloud.invocations(ran.began_ms).await {
        Ok(all) => all,
        Err(problem) => {
            notes.push(format!("The agents' own figures are missing: {problem}."));
            Vec::new()
        }
    };
    let books = Books { table: &table, findings: &findings, invocations: &invocations, probed };
    notes.extend(ran.held_back());
    let measured = Measured { notes, ..ran.measured(options, &cloud, &load, &books) };
    words::tell(&measured, out)?;
    tell_findings(&findings, out)?;
    measured.write(&options.report.with_file_name("measured.json"))?;
    let cost = Cost::measured(&measured, &Fleet::on(&measured.load.queue_type))?;
    page::write(&measured, Some(&cost), &options.report)?;
    let picture = options.report.with_file_name("picture.svg");
    std::fs::write(&picture, page::picture(&measured)?)
        .map_err(|error| Error::file(&picture, &error))?;
    writeln!(out, "\nThe whole report is in {}.", options.report.display())?;
    Ok(findings.clean() && measured.scale_down.left.is_none())
}

/// Refuses what is too dear, or goes where it was not meant to.
fn allow(options: &Options, load: &Load, cost: &Cost, place: Option<String>) -> Result<(), Error> {
    let bill = guard::Bill {
        messages: load.plan.messages.len(),
        dollars: cost.dollars(),
        words: &cost.words(),
        budget: options.budget,
    };
    guard::allow(place.as_deref(), options.agreed || options.dry_run, bill)
}

fn tell_findings(findings: &Findings, out: &mut dyn Write) -> Result<(), Error> {
    report::tell_findings("Lost events", &findings.lost_events, out)?;
    report::tell_findings("Lost bookings", &findings.lost_legs, out)?;
    report::tell_findings("Doubled events", &findings.doubled_events, out)?;
    report::tell_findings("Doubled bookings", &findings.doubled_legs, out)?;
    report::tell_findings("Unexpected", &findings.unexpected, out)
}
