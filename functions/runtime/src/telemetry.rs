//! Logs: JSON lines on standard output, and one line per invocation.

mod guard;

use crate::meter::{Meter, Reading};
use flotilla_task::Stage;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging. The level is `AWS_LAMBDA_LOG_LEVEL`, or `info`.
///
/// The lines are JSON whatever `AWS_LAMBDA_LOG_FORMAT` says, because tools read
/// them; the time is left out, because CloudWatch stamps each line.
pub fn start() {
    let level = std::env::var("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default();
    // Lambda knows one level more than we do.
    let level = if level == "FATAL" { "ERROR" } else { &level };
    let level = level.parse::<LevelFilter>().unwrap_or(LevelFilter::INFO);
    // Libraries say only what went wrong; a filter by target needs no regex engine.
    let quiet = level.min(LevelFilter::WARN);
    let ours = ["flotilla", "ingestion", "processing", "decision", "communication", "state"];
    let filter =
        Targets::new().with_default(quiet).with_targets(ours.map(|target| (target, level)));
    // A second start, in a test process, changes nothing.
    let _ = lines(guard::STDOUT).with(filter).try_init();
}

/// Events as lines of JSON.
fn lines<W>(to: W) -> impl tracing::Subscriber + for<'a> LookupSpan<'a> + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        .json()
        .without_time()
        .with_target(false)
        .with_current_span(false)
        .with_span_list(false)
        .with_max_level(LevelFilter::TRACE)
        .with_writer(to)
        .finish()
}

/// Writes the line of an invocation and sets the meter back.
pub fn invocation(stage: Stage, records: usize, took: Duration, meter: &Meter) {
    static WARM: AtomicBool = AtomicBool::new(false);
    let cold_start = !WARM.swap(true, Ordering::Relaxed);
    let read: Reading = meter.take();
    tracing::info!(
        %stage,
        records,
        cold_start,
        took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        acknowledged = read.acknowledged,
        returned = read.returned,
        dead_lettered = read.dead_lettered,
        sent = read.sent,
        fenced = read.fenced,
        replayed = read.replayed,
        resent = read.resent,
        retried = read.retried,
        held = read.held,
        busy = read.busy,
        pages = read.pages,
        pulled = read.pulled,
        panicked = read.panicked,
        waited_ms = read.waited_ms / (records as u64).max(1),
        oldest_ms = read.oldest_ms,
        table_requests = read.table_requests,
        write_units = units(read.write_centiunits),
        read_units = units(read.read_centiunits),
        "invocation"
    );
}

#[allow(clippy::cast_precision_loss, reason = "an invocation's units are a small number")]
fn units(centiunits: u64) -> f64 {
    centiunits as f64 / 100.0
}
