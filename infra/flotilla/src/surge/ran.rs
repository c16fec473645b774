//! What happened while a load ran, and what was measured of it.

use super::arguments::Options;
use super::emulator::{busy, emulator, judge, requests_per_message};
use super::load::Load;
use super::measured::{self, Account, Measured, ScaleDown};
use super::{bins, sample, send, spans};
use crate::books::{SentBook, TableBook};
use crate::cloud::Cloud;
use crate::cloud::logs::Invocation;
use crate::error::Error;
use crate::offer::Sender;
use crate::processes::Processes;
use crate::reconcile::Findings;
use crate::report::Latency;
use crate::watch::live::{Live, Look, now_ms};
use crate::watch::{self, Ending, Limits};
use flotilla_task::Stage;
use std::cell::RefCell;
use std::io::Write;
use std::time::{Duration, Instant};

/// Tasks are counted this seldom while messages wait: a count is a scan, and would be
/// part of the load.
const COUNT_EVERY: u32 = 20;

/// What happened while the load ran.
pub(super) struct Ran {
    run: String,
    pub(super) began_ms: u64,
    pub(super) sent: SentBook,
    live: Live,
    usage: Vec<sample::Usage>,
    ending: Ending,
    /// Messages that had to wait for a free place.
    held_back: usize,
    /// Since when the environments were idle.
    idle_ms: Option<u64>,
}

/// What was found out afterwards.
pub(super) struct Books<'a> {
    pub(super) table: &'a TableBook,
    pub(super) findings: &'a Findings,
    pub(super) invocations: &'a [Invocation],
    /// What the local cloud carries by itself, in requests a second.
    pub(super) probed: Option<f64>,
}

impl Ran {
    /// Sends the load and waits until the fleet is at rest.
    ///
    /// # Errors
    /// [`Error::Environment`] when the cloud does not answer.
    pub(super) async fn new(
        options: &Options,
        cloud: &Cloud,
        load: &Load,
        run: &str,
        processes: &RefCell<Option<Processes>>,
        out: &mut dyn Write,
    ) -> Result<Self, Error> {
        let plan = &load.plan;
        let live = RefCell::new(Live::new(plan, 0));
        let book = RefCell::new(plan.book(run, options.seed));
        let usage = RefCell::new(Vec::new());
        let url = cloud.stack.queue(Stage::Ingestion)?;
        let limits =
            Limits { settle: options.settle, limit: options.limit, count_every: COUNT_EVERY };
        let (began, began_ms) = (Instant::now(), now_ms());
        let sender = Sender { cloud, url, plan, book: &book, live: &live };
        let (held_back, ending, ()) = tokio::try_join!(
            send::run(sender, &load.due, began),
            watch::until_quiet(cloud, limits, began, &live, out),
            sample::run(processes, &live, &usage),
        )?;
        let idle_ms = sample::until_idle(processes).await;
        let (sent, live, usage) = (book.into_inner(), live.into_inner(), usage.into_inner());
        Ok(Self { run: run.to_owned(), began_ms, sent, live, usage, ending, held_back, idle_ms })
    }

    /// How open the loop was, if it was not.
    pub(super) fn held_back(&self) -> Option<String> {
        (self.held_back > 0).then(|| {
            format!(
                "{} messages were due while too many sends were on their way, and had to wait: \
                 the loop was not open then. Their latency counts from when they were due.",
                self.held_back
            )
        })
    }

    fn at(&self, seconds: f64) -> u64 {
        let after = Duration::from_secs_f64(seconds.max(0.0)).as_millis();
        self.began_ms + u64::try_from(after).unwrap_or(u64::MAX)
    }

    /// What was measured, but for the notes.
    pub(super) fn measured(
        &self,
        options: &Options,
        cloud: &Cloud,
        load: &Load,
        books: &Books<'_>,
    ) -> Measured {
        let due_ms: Vec<u64> = load.due.iter().map(|due| self.at(*due)).collect();
        let first: Vec<_> =
            load.first_due().iter().map(|due| due.map(|due| self.at(due))).collect();
        let spans = spans::of(&self.sent, books.table, &load.plan.tenants, &first);
        let length = bins::length(options.profile.seconds());
        let ended_ms = self.live.looks.last().map_or(self.began_ms, |look| look.at_ms);
        let raw = bins::Raw {
            began_ms: self.began_ms,
            ended_ms,
            due_ms: &due_ms,
            taken: &self.live.taken,
            looks: &self.live.looks,
            usage: &self.usage,
            invocations: books.invocations,
            spans: &spans,
        };
        let bins = bins::bins(&raw, length);
        let noisy = options.crowd.noisy.map(|noisy| noisy.tenant);
        let tenants = self.live.taken.iter().filter_map(|(place, _)| {
            let entry = load.plan.messages.get(*place)?.entry;
            load.plan.tenants.get(entry).copied()
        });
        Measured {
            load: self.load(options, cloud, load),
            emulator: self.emulator(&bins, length, books),
            bin_seconds: Duration::from_millis(length).as_secs_f64(),
            stages: bins::stages(&bins, books.invocations),
            tenants: bins::tenants(tenants, &spans, noisy),
            end_to_end: Latency::of(spans.iter().map(spans::Span::took)),
            account: account(books.findings, self.live.sent as u64),
            scale_down: self.scale_down(books, due_ms.last().copied().unwrap_or(self.began_ms)),
            notes: Vec::new(),
            bins,
        }
    }

    fn load(&self, options: &Options, cloud: &Cloud, load: &Load) -> measured::Load {
        let url = cloud.stack.queue(Stage::Ingestion).unwrap_or_default();
        let queue_type = if url.ends_with(".fifo") { "fifo" } else { "standard" };
        measured::Load {
            run: self.run.clone(),
            seed: options.seed,
            profile: options.profile.name().to_owned(),
            seconds: options.profile.seconds(),
            messages: load.plan.messages.len() as u64,
            peak_per_second: options.profile.peak(),
            stack: options.stack.clone(),
            endpoint: cloud.endpoint.clone(),
            queue_type: queue_type.to_owned(),
            began_at_ms: self.began_ms,
        }
    }

    fn emulator(
        &self,
        bins: &[measured::Bin],
        length: u64,
        books: &Books<'_>,
    ) -> Option<measured::Emulator> {
        let probed = books.probed?;
        let verdict = judge(&busy(bins, &self.usage, self.began_ms, length));
        let per_message = requests_per_message(books.invocations, self.live.sent as u64);
        Some(emulator(probed, per_message.unwrap_or(0.0), verdict))
    }

    fn scale_down(&self, books: &Books<'_>, last_due_ms: u64) -> ScaleDown {
        let after = |at: u64| Duration::from_millis(at.saturating_sub(last_due_ms)).as_secs_f64();
        let empty = |look: &&Look| look.depths.values().all(|depth| depth.is_empty());
        let since = self.live.looks.iter().rev().take_while(empty).last();
        // Where no process can be seen, the last invocation's own line has to do.
        let logged = books.invocations.iter().filter(|one| one.records > 0);
        let logged = logged.map(|one| one.ended_at_ms).max();
        ScaleDown {
            backlog_gone: since.map(|look| after(look.at_ms)),
            nothing_pending: self.live.settled_at_ms.map(after),
            idle: self.idle_ms.or(logged).map(after),
            left: match &self.ending {
                Ending::Quiet => None,
                Ending::GaveUp(left) => Some(left.clone()),
            },
        }
    }
}

fn account(findings: &Findings, sent: u64) -> Account {
    let counts = &findings.counts;
    let tasks = |status: &str| counts.tasks.get(status).copied().unwrap_or(0);
    Account {
        sent,
        completed: tasks("completed"),
        failed: tasks("failed"),
        held: tasks("held"),
        rejected: counts.rejected.values().sum(),
        parked: counts.parked + counts.left_parked,
        lost: findings.lost() as u64,
        doubled: findings.doubled() as u64,
        unexpected: findings.unexpected.len() as u64,
    }
}
