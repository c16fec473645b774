//! The whole pipeline on this machine without a cloud, for exact counts and for growth.
//!
//! ```text
//! mod       the five real functions, their environments, and what is around them
//! settings  the variables with which they are started
//! queue     one queue in memory
//! queues    all of them, and when a batch may be taken
//! wire      what the functions ask of SQS, answered from there
//! pump      Lambda's poller: batches of exactly one size
//! events    the events of a typical shipment
//! ```
//!
//! The store is a strict DynamoDB in this process ([`flotilla_wire::store`]), the partners
//! are the stand-in world. Store and queues have a thread each, so that what they use is
//! told apart from what the functions use.

pub mod events;
mod pump;
mod queue;
mod queues;
pub(crate) mod settings;
pub(crate) mod wire;

pub use queues::{Polls, Queues};
pub(crate) use wire::THREAD as QUEUES_THREAD;

use crate::ground::{Ground, NotBuilt};
use aws_sdk_dynamodb::config::{Credentials, Region, SharedCredentialsProvider};
use aws_sdk_dynamodb::types::{AttributeValue, Select};
use flotilla_runtime::meter::Meter;
use flotilla_runtime::store::item::TASK_SORT;
use flotilla_runtime::table::Table;
use flotilla_runtime::table::item::Item;
use flotilla_runtime::{aws, tls};
use flotilla_task::{Stage, StatusKind};
use flotilla_wire::host::{Environment, InitFailed, Outcome};
use flotilla_wire::own_thread::OwnThread;
use flotilla_wire::store::{self, TABLE};
use flotilla_wire::{Call, Running};
use partners::{Moods, World};
use settings::Around;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What kind of rig.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Records of a batch.
    pub batch: usize,
    /// Environments of each stage.
    pub environments: usize,
    /// Whether every call goes through a proxy that records it. Else nothing stands in
    /// between, and what the functions print is thrown away.
    pub counted: bool,
}

/// A run that does not count.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A function is not there.
    #[error(transparent)]
    NotBuilt(#[from] NotBuilt),
    /// A function could not begin.
    #[error("{0} could not begin: {1}")]
    NotBegun(Stage, InitFailed),
    /// An invocation did not end well.
    #[error("an invocation of {stage} ended with {outcome:?}; it had printed:\n{printed}")]
    Broke {
        /// Of which stage.
        stage: Stage,
        /// How.
        outcome: Outcome,
        /// What the environment had printed.
        printed: String,
    },
    /// A message went to a dead-letter queue.
    #[error("{} dead letters, the first of {}: {}", .0.len(), first(.0).0, first(.0).1)]
    Dead(Vec<(Stage, String)>),
    /// Not every task was completed.
    #[error("{completed} of {expected} tasks are completed, and {all} tasks are there")]
    Lost {
        /// So many should be.
        expected: usize,
        /// So many are.
        completed: usize,
        /// So many tasks there are.
        all: usize,
    },
    /// What a task is compared with did something else than it should.
    #[error("the empty function beside the pipeline: {0}")]
    Beside(String),
    /// The store did not answer.
    #[error("the store did not answer: {0}")]
    Store(String),
    /// A proxy could not start.
    #[error(transparent)]
    Wire(#[from] flotilla_wire::Error),
    /// The partners could not start.
    #[error(transparent)]
    Partners(#[from] partners::Error),
    /// The system refused something.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

fn first(dead: &[(Stage, String)]) -> (&str, &str) {
    dead.first().map_or(("", ""), |(stage, why)| (stage.as_str(), why))
}

/// The running pipeline.
#[derive(Debug)]
pub struct Rig {
    plan: Plan,
    /// Where events are sent to.
    pub queues: Arc<Queues>,
    environments: BTreeMap<Stage, Vec<Arc<Environment>>>,
    /// In front of the store and of the queues.
    proxies: Vec<Running>,
    table: Table,
    _world: partners::Running,
    _wire: OwnThread,
    _store: OwnThread,
}

impl Rig {
    /// Starts everything and waits until every environment asks for an event.
    ///
    /// # Errors
    /// [`Error`] says what did not start.
    pub async fn start(ground: &Ground, plan: Plan) -> Result<Self, Error> {
        tls::install();
        let store = store::start()?;
        let queues: Arc<Queues> = Arc::default();
        let wire = wire::start(Arc::clone(&queues))?;
        let world = partners::start(World::new(1, Moods::calm())).await?;
        let (mut to_store, mut to_queues) = (store.url(), wire.url());
        let mut proxies = Vec::new();
        if plan.counted {
            for url in [&mut to_store, &mut to_queues] {
                let proxy = flotilla_wire::start(url).await?;
                url.clone_from(&proxy.url);
                proxies.push(proxy);
            }
        }
        let around = Around {
            store: &to_store,
            queues: &to_queues,
            partners: &world.url,
            batch: plan.batch,
        };
        let mut environments: BTreeMap<Stage, Vec<Arc<Environment>>> = BTreeMap::new();
        for stage in Stage::ALL {
            for _ in 0..plan.environments {
                let launch = settings::launch(ground.program(stage.as_str())?, stage, around);
                let started = if plan.counted {
                    Environment::start(launch).await
                } else {
                    Environment::start_silent(launch).await
                };
                let started = started.map_err(|error| Error::NotBegun(stage, error))?;
                environments.entry(stage).or_default().push(Arc::new(started));
            }
        }
        // What is looked at afterwards is not counted.
        let table = table(&store.url());
        let (_world, _wire, _store) = (world, wire, store);
        Ok(Self { plan, queues, environments, proxies, table, _world, _wire, _store })
    }

    /// Works until every queue is empty.
    ///
    /// # Errors
    /// [`Error::Broke`], and [`Error::Dead`] for what went to a dead-letter queue.
    pub async fn work(&self) -> Result<(), Error> {
        pump::run(&self.queues, &self.environments, self.plan.batch).await?;
        let dead = self.queues.dead();
        if dead.is_empty() { Ok(()) } else { Err(Error::Dead(dead)) }
    }

    /// Every process with its stage.
    pub fn processes(&self) -> impl Iterator<Item = (Stage, u32)> {
        let of = |(stage, all): (&Stage, &Vec<Arc<Environment>>)| {
            let stage = *stage;
            all.iter().map(move |one| (stage, one.pid)).collect::<Vec<_>>()
        };
        self.environments.iter().flat_map(of)
    }

    /// Bytes that all functions have printed so far, where they are not thrown away.
    #[must_use]
    pub fn printed(&self) -> usize {
        self.environments.values().flatten().map(|one| one.printed().len()).sum()
    }

    /// Forgets what was counted so far.
    pub fn forget(&self) {
        self.queues.take_polls();
        self.proxies.iter().for_each(Running::forget);
    }

    /// Every call to the store and the queues, and what the poller has asked.
    #[must_use]
    pub fn counted(&self) -> (Vec<Call>, BTreeMap<Stage, Polls>) {
        (self.proxies.iter().flat_map(Running::calls).collect(), self.queues.take_polls())
    }

    /// Checks that exactly so many tasks are there, all completed.
    ///
    /// # Errors
    /// [`Error::Lost`], and [`Error::Store`] when it cannot be told.
    pub async fn has_completed(&self, expected: usize) -> Result<(), Error> {
        let completed = self.count(Some(StatusKind::Completed)).await?;
        let all = self.count(None).await?;
        if (completed, all) == (expected, expected) {
            return Ok(());
        }
        Err(Error::Lost { expected, completed, all })
    }

    async fn count(&self, status: Option<StatusKind>) -> Result<usize, Error> {
        let (mut count, mut start) = (0, None);
        let mut scan = self.table.client.scan().table_name(&self.table.name).select(Select::Count);
        scan = scan
            .filter_expression(if status.is_some() { "sk = :sk AND #s = :s" } else { "sk = :sk" })
            .expression_attribute_values(":sk", AttributeValue::S(TASK_SORT.to_owned()));
        if let Some(status) = status {
            scan = scan
                .expression_attribute_names("#s", "status")
                .expression_attribute_values(":s", AttributeValue::S(status.as_str().to_owned()));
        }
        loop {
            let page = scan.clone().set_exclusive_start_key(start).send().await;
            let page = page.map_err(|error| Error::Store(format!("{error:?}")))?;
            count += usize::try_from(page.count).unwrap_or_default();
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(count);
            }
        }
    }

    /// Every item of the table.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn items(&self) -> Result<Vec<Item>, Error> {
        let (mut items, mut start) = (Vec::new(), None);
        loop {
            let scan = self.table.client.scan().table_name(&self.table.name);
            let page = scan.set_exclusive_start_key(start).send().await;
            let page = page.map_err(|error| Error::Store(format!("{error:?}")))?;
            items.extend(page.items.unwrap_or_default());
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(items);
            }
        }
    }
}

fn table(url: &str) -> Table {
    let credentials = Credentials::new("test", "test", None, None, "test");
    let config = aws::limits()
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(url)
        .build();
    aws::table(&config, TABLE, &Arc::new(Meter::default()))
}
