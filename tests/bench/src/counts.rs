//! What a task costs in requests and units, counted on the wire of the [rig](crate::rig).
//! Every number is exact, and the same on every machine.

mod figures;
mod items;

pub(crate) use figures::a_task;
pub use figures::figures;

use crate::ground::Ground;
use crate::rig::{self, Plan, Polls, Rig, events};
use flotilla_task::Stage;
use flotilla_wire::Call;
use std::collections::BTreeMap;

/// Tasks that are counted: a multiple of both batch sizes.
pub const TASKS: usize = 10;

/// An event and what it leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// An order: a carrier is booked, and the dispatch desk is told.
    Order,
    /// A departure of a booked shipment: nobody is called.
    Departed,
}

/// Units in hundredths, by what the item is for.
pub type Units = BTreeMap<&'static str, u64>;

/// What one stage has asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// Write units.
    pub writes: Units,
    /// Read units for the task's own items.
    pub reads: Units,
    /// Read units that one environment shares between all its tasks for a while: what they
    /// come to a task depends on the time, and is not exact.
    pub shared: Units,
    /// Conditions of writes that did not hold. They are billed, and counted above.
    pub refused: u64,
    /// Calls to SQS that the function made.
    pub calls: u64,
    /// And those of the poller, with its invocations.
    pub polls: Polls,
}

impl Asked {
    /// Requests to SQS, the function's and the poller's.
    #[must_use]
    pub const fn sqs(&self) -> u64 {
        self.calls + self.polls.receives + self.polls.deletes
    }
}

/// What [`TASKS`] tasks have cost.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counted {
    /// By stage; a stage that had nothing to do is not there.
    pub stages: BTreeMap<Stage, Asked>,
    /// Read units, in hundredths, that an environment makes for its first order and shares
    /// with what follows for a while.
    pub first: Units,
    /// Bytes of the largest item of each kind that the table holds afterwards.
    pub items: BTreeMap<&'static str, usize>,
    /// Bytes that the functions have logged, at the level of production.
    pub logged: usize,
}

/// Counts one scenario at one batch size.
///
/// # Errors
/// [`rig::Error`] when the rig does not work, or a task was not completed.
pub async fn count(
    ground: &Ground,
    scenario: Scenario,
    batch: usize,
) -> Result<Counted, rig::Error> {
    let rig = Rig::start(ground, Plan { batch, environments: 1, counted: true }).await?;
    // What an environment asks for once is not a task's: one goes ahead.
    rig.forget();
    rig.queues.ingest(vec![events::order(TASKS)]);
    rig.work().await?;
    let mut first = Units::new();
    for (kind, units) in stages(&rig).into_values().flat_map(|asked| asked.shared) {
        *first.entry(kind).or_default() += units;
    }
    let mut done = 1;
    let mut send = |events: Vec<String>| {
        done += events.len();
        rig.queues.ingest(events);
    };
    if scenario == Scenario::Departed {
        send((0..TASKS).map(events::order).collect());
        rig.work().await?;
    }
    rig.forget();
    let before = rig.printed();
    send((0..TASKS).map(|shipment| scenario.event(shipment)).collect());
    rig.work().await?;
    let stages = stages(&rig);
    rig.has_completed(done).await?;
    let items = items::largest(&rig.items().await?);
    Ok(Counted { stages, first, items, logged: rig.printed() - before })
}

/// What each stage has asked for since it was forgotten.
fn stages(rig: &Rig) -> BTreeMap<Stage, Asked> {
    let (calls, polls) = rig.counted();
    let mut stages: BTreeMap<Stage, Asked> = BTreeMap::new();
    for (stage, polls) in polls {
        stages.entry(stage).or_default().polls = polls;
    }
    for call in calls {
        let stage = Stage::ALL.into_iter().find(|stage| stage.as_str() == call.function);
        if let Some(stage) = stage {
            stages.entry(stage).or_default().note(&call);
        }
    }
    stages
}

impl Scenario {
    fn event(self, shipment: usize) -> String {
        match self {
            Self::Order => events::order(shipment),
            Self::Departed => events::tracking(shipment, 1),
        }
    }
}

impl Asked {
    fn note(&mut self, call: &Call) {
        if call.service == "sqs" {
            self.calls += 1;
            return;
        }
        if !call.error.is_empty() {
            self.refused += 1;
        }
        let parts = call.written.len().max(1) as u64;
        for item in &call.written {
            let units = call.write_centiunits / parts;
            *self.writes.entry(items::kind(&item.key, &item.sort)).or_default() += units;
        }
        let parts = call.read.len().max(1) as u64;
        for key in &call.read {
            let kind = items::partition(key);
            let units = if items::is_shared(kind) { &mut self.shared } else { &mut self.reads };
            *units.entry(kind).or_default() += call.read_centiunits / parts;
        }
    }
}
