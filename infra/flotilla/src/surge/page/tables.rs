//! The tables: agents, tenants, how it came to rest, the bill, how it was measured.

use super::html::{Head, Row, list, pairs, table, tag};
use super::words::{milliseconds, number, span};
use crate::counts::count;
use crate::report::Latency;
use crate::surge::cost::{Cost, dollars};
use crate::surge::measured::{Measured, ScaleDown};

/// Each agent over the whole run.
pub(super) fn stages(measured: &Measured) -> String {
    let oldest = |stage| {
        let all = measured.bins.iter().filter_map(|bin| bin.stages.get(stage)?.oldest_ms);
        all.max().map_or_else(|| "unknown".to_owned(), milliseconds)
    };
    let rows: Vec<Row> = measured
        .stages
        .iter()
        .map(|(stage, sum)| Row {
            name: stage.as_str().to_owned(),
            cells: vec![
                count(sum.records),
                count(sum.invocations),
                number(sum.batch),
                format!("{} ms", number(sum.invocation_ms)),
                number(sum.write_units),
                count(sum.peak_backlog),
                number(sum.peak_concurrency),
                oldest(stage),
            ],
            marked: false,
        })
        .collect();
    let heads = [
        "records",
        "invocations",
        "records each",
        "time each",
        "write units",
        "deepest queue",
        "most at a time",
        "oldest waited",
    ];
    table("The agents over the whole run", "agent", &heads.map(Head::Figure), &rows)
}

/// Each tenant over the whole run.
pub(super) fn tenants(measured: &Measured) -> String {
    let rows: Vec<Row> = measured
        .tenants
        .iter()
        .map(|(name, tenant)| {
            let mut cells = vec![count(tenant.sent), count(tenant.completed)];
            cells.extend(latency(tenant.end_to_end));
            let name = if tenant.noisy { format!("{name} (noisy)") } else { name.clone() };
            Row { name, cells, marked: tenant.noisy }
        })
        .collect();
    let heads = ["messages sent", "tasks completed", "p50", "p95", "p99"];
    table("End to end, for each tenant", "tenant", &heads.map(Head::Figure), &rows)
}

/// What became of what was sent.
pub(super) fn account(measured: &Measured) -> String {
    let account = &measured.account;
    let row = |name: &str, count_of: u64, what: &str| Row {
        name: name.to_owned(),
        cells: vec![count(count_of), what.to_owned()],
        marked: false,
    };
    let rows = [
        row("sent", account.sent, "messages that SQS took"),
        row("completed", account.completed, "tasks that went all the way"),
        row("failed", account.failed, "tasks that ended with a reason"),
        row("held", account.held, "tasks that wait for a person"),
        row(
            "rejected",
            account.rejected,
            "events that were refused with a reason, as they had to be",
        ),
        row("parked", account.parked, "events that wait for an order"),
        row("lost", account.lost, "events and bookings that should be there and are not"),
        row("doubled", account.doubled, "events and bookings that are there twice"),
        row("unexpected", account.unexpected, "that came out otherwise than they had to"),
    ];
    let heads = [Head::Figure("count"), Head::Words("what that is")];
    table("What became of what was sent", "fate", &heads, &rows)
}

/// How the fleet came to rest.
pub(super) fn scale_down(down: &ScaleDown) -> String {
    let after = |seconds: Option<f64>, none: &str| {
        seconds.map_or_else(
            || none.to_owned(),
            |at| format!("{} after the last one was due", span(at)),
        )
    };
    pairs(&[
        ("every queue empty", after(down.backlog_gone, "never")),
        ("no task pending or running", after(down.nothing_pending, "never: some still are")),
        ("no invocation at work", after(down.idle, "cannot be seen here")),
        ("left", down.left.clone().unwrap_or_else(|| "nothing".to_owned())),
    ])
}

/// The bill.
pub(super) fn cost(cost: &Cost) -> String {
    let mut rows: Vec<Row> = cost
        .lines
        .iter()
        .map(|line| {
            let about = if line.approximate { " (price second-hand)" } else { "" };
            let cells = vec![format!("{}{about}", line.arithmetic), dollars(line.dollars)];
            Row { name: line.what.clone(), cells, marked: false }
        })
        .collect();
    let per_million = cost
        .per_million()
        .map_or_else(String::new, |each| format!("{} per million messages", dollars(each)));
    rows.push(Row {
        name: "together".to_owned(),
        cells: vec![per_million, dollars(cost.dollars())],
        marked: true,
    });
    let heads = [Head::Words("how many"), Head::Figure("dollars")];
    let told = "List prices of us-east-1 without the free tier, from infra/prices/prices.toml. What the deployment costs at rest comes on top: make deploy PLAN=1 tells it.";
    format!(
        "{}{}{}",
        table("What this load costs on AWS", "what", &heads, &rows),
        tag("p", told),
        list(&cost.assumptions)
    )
}

/// Which load it was.
pub(super) fn parameters(measured: &Measured) -> String {
    let load = &measured.load;
    let began = i64::try_from(load.began_at_ms)
        .ok()
        .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    let began = began.map_or_else(
        || "unknown".to_owned(),
        |at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
    );
    let mut rows = vec![
        ("run", load.run.clone()),
        ("profile", load.profile.clone()),
        ("seed", load.seed.to_string()),
        ("messages due", count(load.messages)),
        ("over", span(load.seconds)),
        ("highest rate", format!("{} a second", number(load.peak_per_second))),
        ("stack", load.stack.clone()),
        ("endpoint", load.endpoint.clone().unwrap_or_else(|| "AWS".to_owned())),
        ("queues", load.queue_type.clone()),
        ("began", began),
        ("measured in bins of", span(measured.bin_seconds)),
    ];
    if let Some(emulator) = &measured.emulator {
        let busiest = format!("{} % of its one core", number(emulator.busiest * 100.0));
        rows.extend([
            (
                "the local cloud answers",
                format!("{} requests a second", number(emulator.requests_per_second)),
            ),
            ("a message costs it", format!("{} requests", number(emulator.requests_per_message))),
            (
                "so it carries",
                format!("{} messages a second", number(emulator.messages_per_second)),
            ),
            ("in its busiest moment it used", busiest),
        ]);
    }
    pairs(&rows)
}

fn latency(of: Option<Latency>) -> Vec<String> {
    match of {
        Some(Latency { p50, p95, p99 }) => [p50, p95, p99].map(milliseconds).to_vec(),
        None => vec!["none completed".to_owned(), String::new(), String::new()],
    }
}
