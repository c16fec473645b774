//! Five stages under the real batch loop: a strict DynamoDB, real HTTP to a collector
//! and to a partner, and queues that write down what is sent.

use flotilla_runtime::batch::{BatchLoop, Call, Handled, Handler};
use flotilla_runtime::meter::Meter;
use flotilla_runtime::outbound::Outbound;
use flotilla_runtime::partners::{Directory, HttpPartners};
use flotilla_runtime::queue::{NotSent, Outgoing, Queues, Router};
use flotilla_runtime::settings::{Environment, Settings};
use flotilla_runtime::stage::{Claiming, Protocol, Straight};
use flotilla_runtime::store::DynamoTasks;
use flotilla_runtime::trace::{Traced, Tracer, onward};
use flotilla_shipment::ports::{Audience, Notice, Partners};
use flotilla_task::clock::ManualClock;
use flotilla_task::*;
use flotilla_tests::{Strict, now, task_of};
use flotilla_wire::collector::{Answers, Collector};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const PARTNERS: &str = include_str!("../../../functions/communication/data/partners.toml");

/// The key that the collector is sent.
pub(crate) const KEY: &str = "hush-hush";
/// What an invocation waits for a collector that may not answer.
pub(crate) const LIMIT: Duration = Duration::from_millis(500);
/// The setting that says so.
pub(crate) const LIMITED: [(&str, &str); 1] = [("OTEL_EXPORTER_OTLP_TIMEOUT", "500")];

/// What was sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sent(pub(crate) Arc<Mutex<Vec<Outgoing>>>);

impl Queues for Sent {
    async fn send(&self, _: &str, messages: &[Outgoing]) -> Vec<Result<(), NotSent>> {
        self.0.lock().unwrap().extend(messages.iter().cloned());
        messages.iter().map(|_| Ok(())).collect()
    }
    async fn give_back(&self, _: &str, _: &[(String, Duration)]) {}
}

#[derive(Debug, Clone)]
pub(crate) struct Shared(pub(crate) Arc<ManualClock>);

impl Clock for Shared {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

type Tasks = Protocol<DynamoTasks, Shared>;

/// Makes a task of whatever comes, as ingestion does.
struct Entry(Tasks);

impl Handler for Entry {
    async fn handle(&self, call: Call<'_>) -> Handled {
        let (source, event) =
            (call.envelope.source_id().unwrap(), call.envelope.event_id().unwrap());
        let shipment = ShipmentId::new("SHP-1").unwrap();
        let task = TaskId::derive(&source, &event, &shipment);
        let payload = Payload::from_json(call.envelope.data().unwrap().to_owned());
        let trace = onward(call.envelope);
        let new = NewTask { shipment, tenant: None, source, event, payload, trace };
        self.0.create(call, &task, new).await
    }
}

/// Fails as told, else hands the payload on.
struct Worker(Arc<Mutex<Vec<Failure>>>);

impl Worker {
    fn to(&self, next: Next) -> Result<Next, Failure> {
        self.0.lock().unwrap().pop().map_or(Ok(next), Err)
    }
}

macro_rules! stages {
    ($($name:ident: $stage:ident -> $next:expr;)*) => {$(
        struct $name(Worker);
        impl Agent for $name {
            const STAGE: Stage = Stage::$stage;
            async fn work(&self, message: &StageMessage) -> Result<Next, Failure> {
                let next: fn(Payload) -> Next = $next;
                self.0.to(next(message.payload.clone()))
            }
        }
    )*};
}

stages! {
    Processes: Processing -> |payload| Next::Stage { stage: Stage::Decision, payload };
    Decides: Decision -> |payload| Next::Stage { stage: Stage::Communication, payload };
    Remembers: State -> |_| Next::Complete;
}

/// Tells dispatch, whatever the task is.
struct Tells(Worker, HttpPartners);

impl ClaimingAgent for Tells {
    const STAGE: Stage = Stage::Communication;
    async fn work<S: TaskStore, C: Clock>(
        &self,
        task: &mut Claimed<'_, S, C>,
    ) -> Result<Next, Failure> {
        let record = task.record();
        let notice = Notice {
            audience: Audience::Dispatch,
            key: record.id.to_string(),
            shipment: record.shipment.clone(),
            task: record.id.clone(),
            action: "notify",
            text: "It will be late.".to_owned(),
        };
        let told = self.1.notify(&notice).await;
        told.map_err(|error| Failure::retry(error.to_string()))?;
        let payload = record.payload.clone();
        self.0.to(Next::Stage { stage: Stage::State, payload })
    }
}

pub(crate) struct Bench {
    pub(crate) strict: Strict,
    pub(crate) collector: Collector,
    pub(crate) partner: Collector,
    pub(crate) sent: Sent,
    pub(crate) clock: Shared,
    pub(crate) fails: Arc<Mutex<Vec<Failure>>>,
    /// Time that is left when an invocation's work is done.
    pub(crate) left: Duration,
    tracers: Vec<Tracer>,
}

impl Bench {
    /// Where traces go to a collector, under these further settings.
    pub(crate) async fn traced(more: &[(&str, &str)]) -> Self {
        let collector = Collector::start(Answers::Status(200)).await.unwrap();
        let url = collector.url.clone();
        Self::with(collector, &url, more).await
    }

    /// The same with another address in the settings; none for the empty one.
    pub(crate) async fn with(collector: Collector, url: &str, more: &[(&str, &str)]) -> Self {
        let tracer = |stage: Stage| {
            // Longer than a busy machine needs, where nothing depends on it.
            let ample = ("OTEL_EXPORTER_OTLP_TIMEOUT", "1000");
            let lines = std::iter::once(&ample).chain(more);
            let lines: String = lines.map(|(k, v)| format!("{k}={v}\n")).collect();
            let env = Environment::from([
                ("OTEL_EXPORTER_OTLP_ENDPOINT", url),
                ("OTEL_EXPORTER_OTLP_HEADERS", &format!("api-key={KEY}")),
                ("AWS_LAMBDA_FUNCTION_NAME", stage.as_str()),
            ]);
            Tracer::with(stage, &env.or_lines(&lines, ""))
        };
        Self {
            strict: Strict::start(),
            collector,
            partner: Collector::start(Answers::Status(200)).await.unwrap(),
            sent: Sent::default(),
            clock: Shared(Arc::new(ManualClock::at(now()))),
            fails: Arc::default(),
            left: Duration::from_secs(30),
            tracers: Stage::ALL.into_iter().map(tracer).collect(),
        }
    }

    fn tracer(&self, stage: Stage) -> Tracer {
        self.tracers[Stage::ALL.iter().position(|each| *each == stage).unwrap()].clone()
    }

    fn protocol(&self, stage: Stage) -> Tasks {
        let settings = settings();
        let router = Router::new(stage, stage.to_string(), settings.next.clone());
        Protocol {
            store: self.strict.tasks.clone(),
            clock: self.clock.clone(),
            router: router.traced(self.tracer(stage).leads()),
            settings,
            meter: Arc::new(Meter::default()),
        }
    }

    /// One invocation of a stage with one message; whether it was acknowledged.
    pub(crate) async fn deliver(&self, stage: Stage, body: &str) -> bool {
        let (protocol, worker) = (self.protocol(stage), Worker(Arc::clone(&self.fails)));
        match stage {
            Stage::Ingestion => self.invoke(stage, Entry(protocol), body).await,
            Stage::Processing => {
                let agent = Processes(worker);
                self.invoke(stage, Straight { agent, protocol }, body).await
            }
            Stage::Decision => {
                let agent = Decides(worker);
                self.invoke(stage, Straight { agent, protocol }, body).await
            }
            Stage::Communication => {
                let here = Environment::from([("OUTBOUND_LOOPBACK", "allow")]);
                let directory = Directory::parse(PARTNERS, &self.partner.url).unwrap();
                let partners = HttpPartners::new(directory, &Outbound::read(&here).unwrap());
                let agent = Tells(worker, partners.unwrap());
                self.invoke(stage, Claiming { agent, protocol }, body).await
            }
            Stage::State => {
                let agent = Remembers(worker);
                self.invoke(stage, Straight { agent, protocol }, body).await
            }
        }
    }

    /// One invocation, as a function runs it.
    pub(crate) async fn invoke<H: Handler>(&self, stage: Stage, handler: H, body: &str) -> bool {
        let tracer = self.tracer(stage);
        let batch = BatchLoop {
            handler: Traced { handler, tracer: tracer.clone(), clock: self.clock.clone() },
            queues: self.sent.clone(),
            clock: self.clock.clone(),
            settings: settings(),
            meter: Arc::new(Meter::default()),
        };
        let event = serde_json::from_str(&flotilla_tests::batch(&[body.to_owned()], 1)).unwrap();
        tracer.invoked(None);
        let deadline = self.clock.now().plus(Duration::from_secs(30));
        let answer = batch.run(event, deadline).await.unwrap();
        tracer.flush(self.clock.now(), self.left).await;
        answer.batch_item_failures.is_empty()
    }

    /// Takes an event through all stages.
    pub(crate) async fn through(&self, event: &str) {
        let mut body = event.to_owned();
        for stage in Stage::ALL {
            assert!(self.deliver(stage, &body).await, "{stage}");
            body = self.last();
        }
    }

    /// The last message that was sent.
    pub(crate) fn last(&self) -> String {
        self.sent.0.lock().unwrap().last().unwrap().body.clone()
    }

    pub(crate) async fn task(&self, event: &str) -> TaskRecord {
        self.strict.tasks.get(&task_of(event, "SHP-1")).await.unwrap().unwrap()
    }
}

fn settings() -> Settings {
    Settings::read(&Environment::from([
        ("TABLE_NAME", "fleet"),
        ("QUEUE_URL", "own"),
        ("DEAD_LETTER_QUEUE_URL", "dead"),
        ("PROCESSING_QUEUE_URL", "processing"),
        ("DECISION_QUEUE_URL", "decision"),
        ("COMMUNICATION_QUEUE_URL", "communication"),
        ("STATE_QUEUE_URL", "state"),
    ]))
    .unwrap()
}
