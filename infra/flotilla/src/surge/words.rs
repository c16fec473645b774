//! A surge in words, for a terminal.

use super::arguments::Options;
use super::load::Load;
use super::measured::{Account, Measured, ScaleDown};
use crate::error::Error;
use crate::report::Latency;
use std::io::Write;
use std::time::Duration;

/// Lines of the picture of a profile.
const PICTURE: u32 = 12;
/// The longest bar of it.
const WIDTH: f64 = 40.0;

/// What is about to be sent, and its rates over time.
pub(super) fn introduce(
    options: &Options,
    load: &Load,
    cost: &str,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let (profile, crowd) = (&options.profile, &options.crowd);
    let messages = load.plan.messages.len();
    writeln!(
        out,
        "Profile {}, seed {}: {messages} messages over {:.0} s, {:.1} a second at the peak.",
        profile.name(),
        options.seed,
        profile.seconds(),
        profile.peak(),
    )?;
    let noisy = crowd.noisy.map_or_else(
        || "All tenants are equally loud".to_owned(),
        |noisy| format!("Tenant {} is {} times as loud as each other", noisy.tenant, noisy.factor),
    );
    writeln!(
        out,
        "{noisy}; {} % of what happens to single shipments happens to one, and {} % of the orders \
         go over one lane.",
        crowd.hot_shipment, crowd.hot_lane
    )?;
    writeln!(out, "On AWS it would cost about {cost}.\n")?;
    for line in 0..PICTURE {
        let time = profile.seconds() * (f64::from(line) + 0.5) / f64::from(PICTURE);
        let rate = profile.rate(time);
        let bar = bar(rate / profile.peak());
        writeln!(out, "  {time:>6.0} s {rate:>8.1}/s  {bar}")?;
    }
    writeln!(out)?;
    Ok(())
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of forty characters"
)]
fn bar(share: f64) -> String {
    "#".repeat((share.clamp(0.0, 1.0) * WIDTH).round() as usize)
}

/// What was measured.
pub(super) fn tell(measured: &Measured, out: &mut dyn Write) -> Result<(), Error> {
    writeln!(out, "\n{}\n", verdict(&measured.account, &measured.scale_down))?;
    let Measured { account, load, emulator, .. } = measured;
    let mut row = |name: &str, text: String| writeln!(out, "  {name:<16}{text}");
    row("sent", format!("{} of {} messages", account.sent, load.messages))?;
    row(
        "tasks",
        format!(
            "{} completed, {} failed, {} held",
            account.completed, account.failed, account.held
        ),
    )?;
    row("events", format!("{} rejected, {} parked", account.rejected, account.parked))?;
    row("throughput", format!("{:.1} tasks a second in the best stretch", best(measured)))?;
    row("end to end", latency(measured.end_to_end))?;
    for (name, tenant) in &measured.tenants {
        let noisy = if tenant.noisy { ", the noisy one" } else { "" };
        row(
            "tenant",
            format!("{name}: {} sent{noisy}; {}", tenant.sent, latency(tenant.end_to_end)),
        )?;
    }
    for (stage, sum) in &measured.stages {
        row(
            stage.as_str(),
            format!(
                "backlog up to {}, {} records in batches of {:.1}, {:.0} ms an invocation, {:.1} \
                 at a time at most",
                sum.peak_backlog, sum.records, sum.batch, sum.invocation_ms, sum.peak_concurrency
            ),
        )?;
    }
    if let Some(emulator) = emulator {
        row(
            "emulator",
            format!(
                "carries {:.0} requests a second by itself; at about {:.0} requests a message, {:.0} \
                 messages a second",
                emulator.requests_per_second,
                emulator.requests_per_message,
                emulator.messages_per_second
            ),
        )?;
        row("limit", emulator.verdict.clone())?;
    }
    for note in &measured.notes {
        row("note", note.clone())?;
    }
    row("scale down", rest(&measured.scale_down))?;
    let Account { lost, doubled, unexpected, .. } = account;
    row("lost", format!("{lost:<6}doubled {doubled:<6}unexpected {unexpected}"))?;
    Ok(())
}

fn verdict(account: &Account, scale_down: &ScaleDown) -> String {
    let books = if account.agrees() {
        "Everything sent is accounted for: nothing lost, nothing doubled."
    } else {
        "The books do not agree."
    };
    match &scale_down.left {
        None => books.to_owned(),
        Some(left) => format!("The fleet did not come to rest: {left}.\n{books}"),
    }
}

fn best(measured: &Measured) -> f64 {
    let most = measured.bins.iter().map(|bin| bin.completed).max().unwrap_or(0);
    f64::from(u32::try_from(most).unwrap_or(u32::MAX)) / measured.bin_seconds
}

fn latency(latency: Option<Latency>) -> String {
    latency.map_or_else(
        || "no task was completed".to_owned(),
        |ms| {
            let [p50, p95, p99] =
                [ms.p50, ms.p95, ms.p99].map(|ms| Duration::from_millis(ms).as_secs_f64());
            format!("p50 {p50:.1} s, p95 {p95:.1} s, p99 {p99:.1} s after it was due")
        },
    )
}

fn rest(scale_down: &ScaleDown) -> String {
    let after = |what: &str, seconds: Option<f64>| match seconds {
        Some(seconds) => format!("{what} {seconds:.0} s"),
        None => format!("{what} not seen"),
    };
    format!(
        "after the last message was due: {}, {}, {}",
        after("queues empty", scale_down.backlog_gone),
        after("no open task", scale_down.nothing_pending),
        after("environments idle", scale_down.idle)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_end_and_a_bad_one_read_differently() {
        let rested = ScaleDown::default();
        let good = verdict(&Account::default(), &rested);
        assert_eq!(good, "Everything sent is accounted for: nothing lost, nothing doubled.");
        let bad = Account { doubled: 1, ..Account::default() };
        assert_eq!(verdict(&bad, &rested), "The books do not agree.");
        let left = ScaleDown { left: Some("3 tasks are pending".to_owned()), ..rested };
        assert!(
            verdict(&Account::default(), &left).starts_with("The fleet did not come to rest: 3")
        );
        assert_eq!(bar(0.5).len(), 20);
        assert!(rest(&ScaleDown::default()).contains("not seen"));
    }
}
