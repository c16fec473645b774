//! One function under the project's Runtime API host, and a round of it.

use super::Error;
use super::books::Books;
use super::cloud::Cloud;
use super::work::Round;
use crate::ground::Ground;
use crate::usage::{peak_memory, processor_time};
use aws_lambda_events::event::sqs::SqsBatchResponse;
use aws_sdk_sqs::types::{Message, QueueAttributeName};
use flotilla_wire::host::{Environment, Launch, Outcome, Overrun, Queue, sqs_event};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// As `FunctionTimeout` is at most; no batch takes so long.
const TIMEOUT: Duration = Duration::from_secs(60);

/// What one start took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Started {
    pub(super) cpu_ms: f64,
    pub(super) wall_ms: f64,
}

/// What one round took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measured {
    /// Processor seconds for a thousand records.
    pub(super) cpu_per_thousand: f64,
    /// While it was at work.
    pub(super) records_a_second: f64,
}

/// A function with its queues and its table.
#[derive(Debug)]
pub(super) struct Side {
    /// What the report calls it.
    pub(super) title: String,
    launch: Launch,
    books: Books,
    tables: Vec<String>,
    queues: Queues,
    /// The process; the newest that was started.
    environment: Option<Environment>,
}

#[derive(Debug)]
struct Queues {
    own: Queue,
    next: Queue,
    dead: Queue,
    /// The first one's.
    arn: String,
}

impl Side {
    /// Our `processing`, as it is built for AWS.
    pub(super) async fn fleet(cloud: &Cloud, ground: &Ground) -> Result<Self, Error> {
        let table = cloud.table("fleet", &["pk", "sk"]).await?;
        let queues = Queues::make(cloud, "fleet").await?;
        let launch = launch(cloud, &queues, ground.program("processing")?, "processing")
            .with("TABLE_NAME", &table)
            .with("STACK_NAME", "bench")
            .with("BATCH_SIZE", "10");
        let books = Books::fleet(cloud, table.clone());
        let title = "processing".to_owned();
        Ok(Self { title, launch, books, tables: vec![table], queues, environment: None })
    }

    /// The peer with one of its handlers.
    pub(super) async fn peer(cloud: &Cloud, name: &str, handler: &str) -> Result<Self, Error> {
        let variable = |name: &str| {
            std::env::var(name).map_err(|_| format!("{name} is not set: make bench sets it"))
        };
        let folder = PathBuf::from(variable("FLOTILLA_PEER")?);
        let table = cloud.table(name, &["pk"]).await?;
        let idempotency = cloud.table(&format!("{name}-idempotency"), &["id"]).await?;
        let queues = Queues::make(cloud, name).await?;
        let launch = launch(cloud, &queues, folder.join("bootstrap"), name)
            .with("TABLE_NAME", &table)
            .with("IDEMPOTENCY_TABLE_NAME", &idempotency)
            .with("PLACES_FILE", variable("FLOTILLA_PEER_PLACES")?)
            .with("PYTHON", variable("FLOTILLA_PEER_PYTHON")?)
            .with("HANDLER", handler)
            // Its packages were compiled when they were installed.
            .with("PYTHONDONTWRITEBYTECODE", "1");
        let books = Books::Peer(cloud.dynamo.clone(), table.clone());
        let (title, tables) = (name.to_owned(), vec![table, idempotency]);
        Ok(Self { title, launch, books, tables, queues, environment: None })
    }

    /// Starts a process in place of the one before.
    pub(super) async fn start(&mut self) -> Result<Started, Error> {
        if let Some(before) = self.environment.take() {
            before.kill().await;
        }
        let began = Instant::now();
        let environment = Environment::start(self.launch.clone()).await?;
        let wall_ms = began.elapsed().as_secs_f64() * 1e3;
        let cpu_ms = processor_time(environment.pid)?.as_secs_f64() * 1e3;
        self.environment = Some(environment);
        Ok(Started { cpu_ms, wall_ms })
    }

    /// The most memory that its process has had.
    pub(super) fn peak_memory(&self) -> Result<u64, Error> {
        let environment = self.environment.as_ref().ok_or("it was not started")?;
        Ok(peak_memory(environment.pid)?)
    }

    /// Works through a round, and looks whether it came out right.
    pub(super) async fn play(&self, cloud: &Cloud, round: &Round) -> Result<Measured, Error> {
        let environment = self.environment.as_ref().ok_or("it was not started")?;
        self.books.open(round).await?;
        for bodies in round.bodies().chunks(10) {
            self.queues.own.send(bodies).await?;
        }
        let cpu_before = processor_time(environment.pid)?;
        let (mut records, mut failed, mut at_work) = (0, 0, Duration::ZERO);
        while records < round.sent.len() {
            let messages = self.queues.own.receive(10, Duration::from_secs(1)).await?;
            if messages.is_empty() {
                return Err(format!("{}: only {records} messages came", self.title).into());
            }
            let event = sqs_event(&self.queues.arn, &messages).to_string();
            let began = Instant::now();
            let outcome = environment.invoke(event.into_bytes()).await;
            at_work += began.elapsed();
            let Outcome::Answered(answer) = outcome else {
                let printed = environment.printed();
                return Err(format!("{}: {outcome:?}\n{printed}", self.title).into());
            };
            let answer: SqsBatchResponse = serde_json::from_str(&answer)?;
            records += messages.len();
            failed += answer.batch_item_failures.len();
            // Also what failed: another delivery would fail again, and one is enough here.
            cloud.delete(&self.queues.own, &messages).await?;
        }
        let used = processor_time(environment.pid)?.saturating_sub(cpu_before);
        self.check(cloud, round, failed).await.map_err(|wrong| {
            Error::from(format!("{}: {wrong}\n{}", self.title, environment.printed()))
        })?;
        let records = records as f64;
        Ok(Measured {
            cpu_per_thousand: used.as_secs_f64() / records * 1e3,
            records_a_second: records / at_work.as_secs_f64(),
        })
    }

    /// Every good message once, every bad one refused, and nothing else.
    async fn check(&self, cloud: &Cloud, round: &Round, failed: usize) -> Result<(), Error> {
        let (good, malformed) = (round.good().count(), round.malformed());
        let refused = cloud.drain(&self.queues.dead).await?.len() + failed;
        if refused != malformed {
            return Err(format!("{refused} refused, not {malformed}").into());
        }
        let moved = self.books.moved(round).await?;
        if moved != (good, 0) {
            return Err(format!("moved once: {moved:?} good and bad ones, not {good}").into());
        }
        let next = calls(&cloud.drain(&self.queues.next).await?)?;
        let expected = round
            .good()
            .map(|job| (job.task.id.to_string(), "decision".to_owned(), job.task.epoch.get() + 1));
        let calls: BTreeSet<_> = next.iter().cloned().collect();
        // A copy finds its task moved on, and sends what may never have left.
        let (sent, wanted) = (next.len(), round.sent.len() - malformed);
        if calls != expected.collect() || sent != wanted {
            let tasks = calls.len();
            return Err(format!("{sent} messages about {tasks} tasks, not {wanted}").into());
        }
        Ok(())
    }

    /// Removes what was made for it. What cannot be removed goes with the cloud.
    pub(super) async fn remove(&self, cloud: &Cloud) {
        for queue in [&self.queues.own, &self.queues.next, &self.queues.dead] {
            let _stays = queue.remove().await;
        }
        for table in &self.tables {
            let _stays = cloud.dynamo.delete_table().table_name(table).send().await;
        }
    }
}

impl Queues {
    async fn make(cloud: &Cloud, name: &str) -> Result<Self, Error> {
        let own = cloud.queue(&format!("{name}-own")).await?;
        let arn = own.attribute(QueueAttributeName::QueueArn).await?;
        let next = cloud.queue(&format!("{name}-next")).await?;
        let dead = cloud.queue(&format!("{name}-dead")).await?;
        Ok(Self { own, next, dead, arn })
    }
}

fn launch(cloud: &Cloud, queues: &Queues, bootstrap: PathBuf, function: &str) -> Launch {
    Launch {
        bootstrap,
        function: format!("bench-{function}"),
        variables: cloud.variables.clone(),
        timeout: TIMEOUT,
        overrun: Overrun::Ends,
    }
    .with("QUEUE_URL", &queues.own.url)
    .with("DECISION_QUEUE_URL", &queues.next.url)
    .with("DEAD_LETTER_QUEUE_URL", &queues.dead.url)
    .with("LOG_LEVEL", "INFO")
    .with("AWS_LAMBDA_LOG_FORMAT", "JSON")
}

/// Which task each message calls, to which stage and at which epoch.
fn calls(messages: &[Message]) -> Result<Vec<(String, String, u64)>, Error> {
    let read = |message: &Message| {
        let fields: BTreeMap<String, Value> =
            serde_json::from_str(message.body().unwrap_or_default())?;
        let text = |name: &str| Some(fields.get(name)?.as_str()?.to_owned());
        let call = || Some((text("task")?, text("stage")?, fields.get("epoch")?.as_u64()?));
        call().ok_or_else(|| Error::from("a message calls nobody"))
    };
    messages.iter().map(read).collect()
}
