//! Whether a task costs the same however many there are, and what limits how many are done
//! a second: the whole pipeline of the [rig](crate::rig), without a proxy in between.

mod beside;
mod figures;

pub use figures::figures;

use crate::ground::Ground;
use crate::rig::{Error, Plan, QUEUES_THREAD, Rig, events};
use crate::usage::{peak_memory, processor_time, thread_time};
use beside::Beside;
use flotilla_task::Stage;
use flotilla_wire::store;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// An order and everything that happens on its way.
pub const TASKS_OF_A_SHIPMENT: usize = 1 + events::WAY.len();

/// Shipments that go ahead and are not measured: what an environment does once is no
/// task's.
const AHEAD: usize = 10;

/// What a run has used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Tasks that were completed.
    pub tasks: usize,
    /// From the first event to empty queues.
    pub took: Duration,
    /// Processor time of the function processes.
    pub functions: BTreeMap<Stage, Duration>,
    /// Of the store's thread.
    pub store: Duration,
    /// Of the thread that answers for SQS.
    pub queues: Duration,
    /// Of the rest of this process: poller, Runtime API, partners, and what calls the
    /// empty function.
    pub poller: Duration,
    /// The most memory that a process of each stage has had in use, in bytes.
    pub peak: BTreeMap<Stage, u64>,
    /// Processor time of an event of a function with nothing in it, in the same minute.
    pub empty: Duration,
}

impl Run {
    /// Processor time of all functions.
    #[must_use]
    pub fn cpu(&self) -> Duration {
        self.functions.values().sum()
    }
}

/// Sends so many shipments through so many environments of each stage.
///
/// # Errors
/// [`Error`] when the rig does not work, or not exactly these tasks were completed.
pub async fn run(ground: &Ground, shipments: usize, environments: usize) -> Result<Run, Error> {
    let rig = Rig::start(ground, Plan { batch: 10, environments, counted: false }).await?;
    // Enough for every environment to have its turn.
    let ahead = AHEAD * environments;
    through(&rig, shipments, ahead).await?;
    let beside = Beside::start(ground).await?;
    let before = Used::now(&rig)?;
    let began = Instant::now();
    let empty = beside.during(through(&rig, 0, shipments)).await?;
    let took = began.elapsed();
    let after = Used::now(&rig)?;
    rig.has_completed((ahead + shipments) * TASKS_OF_A_SHIPMENT).await?;
    let mut peak: BTreeMap<Stage, u64> = BTreeMap::new();
    for (stage, pid) in rig.processes() {
        let most = peak.entry(stage).or_default();
        *most = peak_memory(pid)?.max(*most);
    }
    let Used { functions, store, queues, own } = after.since(&before);
    let poller = own.saturating_sub(store + queues);
    let tasks = shipments * TASKS_OF_A_SHIPMENT;
    Ok(Run { tasks, took, functions, store, queues, poller, peak, empty })
}

/// Orders first, so that no event waits for its order; then everything else, what happens
/// first to all shipments before what happens next.
async fn through(rig: &Rig, first: usize, shipments: usize) -> Result<(), Error> {
    let of = first..first + shipments;
    rig.queues.ingest(of.clone().map(events::order).collect());
    rig.work().await?;
    for step in 0..events::WAY.len() {
        rig.queues.ingest(of.clone().map(|shipment| events::tracking(shipment, step)).collect());
    }
    rig.work().await
}

/// Processor time so far.
struct Used {
    functions: BTreeMap<Stage, Duration>,
    store: Duration,
    queues: Duration,
    own: Duration,
}

impl Used {
    fn now(rig: &Rig) -> std::io::Result<Self> {
        let mut functions: BTreeMap<Stage, Duration> = BTreeMap::new();
        for (stage, pid) in rig.processes() {
            *functions.entry(stage).or_default() += processor_time(pid)?;
        }
        let (store, queues) = (thread_time(store::THREAD)?, thread_time(QUEUES_THREAD)?);
        Ok(Self { functions, store, queues, own: processor_time(std::process::id())? })
    }

    fn since(self, before: &Self) -> Self {
        let earlier = |stage| before.functions.get(stage).copied().unwrap_or_default();
        let functions = self.functions.iter();
        let functions =
            functions.map(|(stage, time)| (*stage, time.saturating_sub(earlier(stage))));
        Self {
            functions: functions.collect(),
            store: self.store.saturating_sub(before.store),
            queues: self.queues.saturating_sub(before.queues),
            own: self.own.saturating_sub(before.own),
        }
    }
}
