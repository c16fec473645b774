//! One invocation from its begin to its line.

use super::names as m;
use super::partners::put_partners;
use super::process::{Process, processor_time};
use super::record::Record;
use super::values::Value;
use crate::meter::{Meter, Reading};
use crate::settings::{Environment, SettingError};
use flotilla_task::{Clock, Stage, Timestamp};
use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Writes a record for each invocation of an environment.
pub struct Recorder<C> {
    stage: Stage,
    stack: String,
    batch_size: u64,
    clock: C,
    meter: Arc<Meter>,
    process: Process,
    /// How long the environment took to be ready, until its first invocation told it.
    cold: Mutex<Option<Duration>>,
    write: Box<dyn Fn(&str) + Send + Sync>,
}

impl<C> fmt::Debug for Recorder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("stage", &self.stage).finish_non_exhaustive()
    }
}

impl<C: Clock> Recorder<C> {
    /// Reads `STACK_NAME`, which is the dimension `Stack` (by default `none`), and
    /// `BATCH_SIZE`, the most records that a batch has (by default 10). `ready_after`
    /// is how long the environment took to start.
    ///
    /// # Errors
    /// [`SettingError`] when a setting is something else.
    pub fn new(
        env: &Environment,
        stage: Stage,
        clock: C,
        meter: Arc<Meter>,
        ready_after: Duration,
    ) -> Result<Self, SettingError> {
        let expected = "a whole number above zero";
        let batch_size = env.parse_or("BATCH_SIZE", 10, expected)?;
        if batch_size == 0 {
            let (name, got) = ("BATCH_SIZE".to_owned(), "\"0\"".to_owned());
            return Err(SettingError { name, expected, got });
        }
        Ok(Self {
            stage,
            stack: env.get("STACK_NAME").unwrap_or("none").to_owned(),
            batch_size,
            clock,
            meter,
            process: Process::open(),
            cold: Mutex::new(Some(ready_after)),
            write: Box::new(on_stdout),
        })
    }

    /// With lines that go elsewhere, for a test.
    #[must_use]
    pub fn writing(self, write: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { write: Box::new(write), ..self }
    }

    /// Begins an invocation, whose record is written when what this returns is dropped:
    /// also where it ends with an error or a panic. Only a process that dies, or that
    /// Lambda stops at its time limit, writes none.
    pub fn begin(&self, request: &str, records: usize) -> Invocation<'_, C> {
        let cold = self.cold.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (began, before) = (self.clock.now(), processor_time());
        let request = request.to_owned();
        Invocation { recorder: self, request, records, cold, began, before, is_done: false }
    }
}

/// A whole line at once, so that no other line stands in its middle. That it cannot
/// be written is no reason to fail.
fn on_stdout(line: &str) {
    let _ = std::io::stdout().write_all(format!("{line}\n").as_bytes());
}

/// An invocation that is under way.
#[derive(Debug)]
pub struct Invocation<'a, C: Clock> {
    recorder: &'a Recorder<C>,
    request: String,
    records: usize,
    cold: Option<Duration>,
    began: Timestamp,
    /// Processor time by then.
    before: Option<Duration>,
    is_done: bool,
}

impl<C: Clock> Invocation<'_, C> {
    /// Ends it well.
    pub fn done(mut self) {
        self.is_done = true;
    }
}

impl<C: Clock> Drop for Invocation<'_, C> {
    fn drop(&mut self) {
        let of = self.recorder;
        let (now, read) = (of.clock.now(), of.meter.take());
        let mut record = Record::new(now, &of.stack, of.stage.as_str());
        record.say("level", "INFO");
        record.say("message", "invocation");
        record.say_words("request_id", &self.request);
        if !self.is_done {
            record.say("failed", true);
        }
        let records = self.records as u64;
        record.put(&m::RECORDS, records);
        record.put(&m::BATCH_FILL, Value::fraction(hundredths(records * 100, of.batch_size)));
        record.put(&m::HANDLER_TIME, self.began.until(now));
        record.put(&m::COLD_START, u64::from(self.cold.is_some()));
        if let Some(ready_after) = self.cold {
            record.say("init_ms", u64::try_from(ready_after.as_millis()).unwrap_or(u64::MAX));
        }
        put_used(&mut record, &of.process, self.before);
        put_counts(&mut record, &read);
        put_partners(&mut record, read.calls);
        record.put(&m::QUEUE_WAIT, Value::Each(read.waited));
        record.put(&m::DECISION_LATENCY, Value::Each(read.decided));
        record.put(&m::END_TO_END_LATENCY, Value::Each(read.completed));
        (of.write)(&record.line());
    }
}

fn put_used(record: &mut Record, process: &Process, before: Option<Duration>) {
    if let (Some(now), Some(before)) = (processor_time(), before) {
        record.put(&m::CPU_TIME, now.saturating_sub(before));
    }
    if let Some(mib) = process.memory_mib() {
        record.put(&m::MEMORY_USED, Value::fraction(mib));
    }
    if let Some((received, sent)) = process.network() {
        record.put(&m::NETWORK_IN, received);
        record.put(&m::NETWORK_OUT, sent);
    }
}

fn put_counts(record: &mut Record, read: &Reading) {
    for (metric, count) in [
        (m::TASKS_CREATED, read.created),
        (m::TASKS_COMPLETED, read.completed.len() as u64),
        (m::TASKS_FAILED, read.failed),
        (m::TASKS_HELD, read.held),
        (m::BUSY, read.busy),
        (m::FENCED, read.fenced),
        (m::REPLAYED, read.replayed),
        (m::RESENT, read.resent),
        (m::RETRIED, read.retried),
        (m::RETURNED, read.returned),
        (m::DEAD_LETTERED, read.dead_lettered),
        (m::PANICKED, read.panicked),
        (m::PARKED, read.parked),
        (m::EXPIRED, read.expired),
        (m::POLICY_REFUSED, read.policy_refused),
        (m::SOURCES_FAILING, read.sources_failing),
    ] {
        record.put(&metric, count);
    }
    record.put(&m::WRITE_UNITS, Value::fraction(hundredths(read.write_centiunits, 100)));
    record.put(&m::READ_UNITS, Value::fraction(hundredths(read.read_centiunits, 100)));
    for (name, count) in [
        ("acknowledged", read.acknowledged),
        ("sent", read.sent),
        ("ignored", read.ignored),
        ("pages", read.pages),
        ("pulled", read.pulled),
        ("table_requests", read.table_requests),
    ] {
        record.say_count(name, count);
    }
}

#[allow(clippy::cast_precision_loss, reason = "an invocation's figures are small numbers")]
fn hundredths(of: u64, whole: u64) -> f64 {
    of as f64 / whole as f64
}
