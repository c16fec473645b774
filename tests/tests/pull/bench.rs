//! A puller, the stand-in world over real HTTP, a strict DynamoDB, and a queue that
//! only writes down what is sent.

use flotilla_runtime::batch::{Call, Handled, Handler, Incoming};
use flotilla_runtime::meter::Meter;
use flotilla_runtime::outbound::Outbound;
use flotilla_runtime::queue::{NotSent, Outgoing, Queues};
use flotilla_runtime::records::Records;
use flotilla_runtime::secrets::{Fetch, Reference, Secret};
use flotilla_runtime::settings::{Environment, Settings};
use flotilla_runtime::signed;
use flotilla_runtime::sources::{HttpPages, Keys};
use flotilla_shipment::inbound;
use flotilla_shipment::pull::Cursor;
use flotilla_shipment::pull::ports::Cursors;
use flotilla_shipment::sources::Sources;
use flotilla_task::clock::ManualClock;
use flotilla_task::envelope::Envelope;
use flotilla_task::{Clock, Source, Timestamp};
use flotilla_tests::{Strict, now};
use ingestion::Puller;
use partners::{Moods, Running, World};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The time that an invocation has.
pub(crate) const INVOCATION: Duration = Duration::from_secs(30);

/// What was sent. Takes no more than it is told to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sent {
    pub(crate) messages: Arc<Mutex<Vec<Outgoing>>>,
    /// So many batches are refused before the next is taken.
    pub(crate) refuses: Arc<Mutex<u32>>,
    /// Each batch takes so long of the clock.
    pub(crate) takes: Arc<Mutex<Duration>>,
    clock: Arc<ManualClock>,
}

impl Queues for Sent {
    async fn send(&self, _: &str, messages: &[Outgoing]) -> Vec<Result<(), NotSent>> {
        self.clock.advance(*self.takes.lock().unwrap());
        let mut refuses = self.refuses.lock().unwrap();
        if *refuses > 0 {
            *refuses -= 1;
            return messages.iter().map(|_| Err(NotSent("busy".to_owned()))).collect();
        }
        self.messages.lock().unwrap().extend(messages.iter().cloned());
        messages.iter().map(|_| Ok(())).collect()
    }
    async fn give_back(&self, _: &str, _: &[(String, Duration)]) {}
}

/// Knows one secret.
#[derive(Debug, Clone)]
pub(crate) struct Safe;

impl Fetch for Safe {
    async fn fetch(&self, at: &Reference, _: Timestamp) -> Result<Secret, signed::Error> {
        match at.to_string().as_str() {
            "ssm:/flotilla/ingestion/warehouse" => Ok("let-me-in".to_owned().into()),
            _ => Err(signed::Error::Missing("ParameterNotFound".to_owned())),
        }
    }
}

/// A clock that all share.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shared(pub(crate) Arc<ManualClock>);

impl Clock for Shared {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

pub(crate) struct Bench {
    pub(crate) world: Running,
    pub(crate) strict: Strict,
    pub(crate) sent: Sent,
    pub(crate) clock: Shared,
    pub(crate) http: reqwest::Client,
    sources: Sources,
    queue: &'static str,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        flotilla_runtime::tls::install();
        let clock = Shared(Arc::new(ManualClock::at(now())));
        Self {
            world: partners::start(World::new(1, Moods::calm())).await.unwrap(),
            strict: Strict::start(),
            sent: Sent { clock: Arc::clone(&clock.0), ..Sent::default() },
            clock,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            sources: Sources::bundled().unwrap(),
            queue: "own",
        }
    }

    /// The same with sources of a test's own.
    pub(crate) async fn with(sources: &str) -> Self {
        Self { sources: Sources::parse(sources, "test.toml").unwrap(), ..Self::new().await }
    }

    /// The same on FIFO queues.
    pub(crate) async fn fifo() -> Self {
        Self { queue: "own.fifo", ..Self::new().await }
    }

    pub(crate) fn puller(&self) -> Puller<Records, HttpPages<Safe>, Sent, Shared> {
        let settings = Settings::read(&Environment::from([
            ("TABLE_NAME", "t"),
            ("QUEUE_URL", self.queue),
            ("DEAD_LETTER_QUEUE_URL", "dead"),
        ]));
        let env = Environment::from([("OUTBOUND_LOOPBACK", "allow")]);
        let sources = self.sources.pulled(&self.world.url);
        let keys = Keys::new(Safe, INVOCATION, "/flotilla/ingestion");
        Puller {
            cursors: self.strict.records.clone(),
            pages: HttpPages::new(&Outbound::read(&env).unwrap(), &sources, keys).unwrap(),
            queues: self.sent.clone(),
            clock: self.clock.clone(),
            sources,
            settings: settings.unwrap(),
            meter: Arc::new(Meter::default()),
        }
    }

    /// Calls for a pull, as a message that was received so often.
    pub(crate) async fn call(&self, data: &Value, receives: u32) -> Handled {
        let body = json!({"specversion": "1.0", "id": "1", "source": "urn:flotilla:test",
            "type": "flotilla.pull.v1", "data": data});
        self.call_with(&body.to_string(), receives).await
    }

    pub(crate) async fn call_with(&self, body: &str, receives: u32) -> Handled {
        let incoming = Incoming { id: "m".to_owned(), receives, ..Incoming::default() };
        let envelope = Envelope::parse(body).unwrap();
        let deadline = self.clock.now().plus(INVOCATION);
        let call = Call { incoming: &incoming, envelope: &envelope, deadline };
        self.puller().handle(call).await
    }

    pub(crate) async fn pull(&self, source: &str) -> Handled {
        self.call(&json!({"source": source}), 1).await
    }

    pub(crate) async fn cursor(&self, source: &str) -> Cursor {
        self.strict.records.cursor(&Source::new(source).unwrap()).await.unwrap()
    }

    /// The ids of the events in everything that was sent, as ingestion would read
    /// them, in order; a bad one is `bad`.
    pub(crate) fn events(&self) -> Vec<String> {
        self.sent.messages.lock().unwrap().iter().map(|message| event_in(&message.body)).collect()
    }

    pub(crate) fn forget(&self) {
        self.sent.messages.lock().unwrap().clear();
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) {
        let url = format!("{}{path}", self.world.url);
        let answer = self.http.post(url).body(body.to_string()).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    pub(crate) async fn odd(&self, source: &str, oddity: &str) {
        self.post(&format!("/oddities/{source}"), &json!({"oddity": oddity})).await;
    }

    /// How often a partner of the world answered so.
    pub(crate) async fn answers(&self, partner: &str, status: &str) -> u64 {
        let url = format!("{}/ledger", self.world.url);
        let text = self.http.get(url).send().await.unwrap().text().await.unwrap();
        let ledger: Value = serde_json::from_str(&text).unwrap();
        ledger["calls"][partner][status].as_u64().unwrap_or_default()
    }
}

fn event_in(body: &str) -> String {
    let envelope = Envelope::parse(body).unwrap();
    let kind = inbound::kind_of(&envelope.kind).unwrap();
    match inbound::read(kind, envelope.data().unwrap()) {
        Ok(read) => read.event.map_or_else(|| envelope.id.to_string(), |event| event.to_string()),
        Err(_) => "bad".to_owned(),
    }
}
