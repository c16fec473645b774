//! The communication agent in its batch loop, with the stand-in world over real
//! HTTP, a clock that is moved by hand, and as many environments as a test wants.
#![allow(dead_code, reason = "each test file uses its part")]

#[path = "../../../runtime/tests/support/mod.rs"]
pub(crate) mod fakes;
pub(crate) mod shared;

use aws_lambda_events::event::sqs::SqsBatchResponse;
use communication::{Communication, Guarded, PARTNERS};
use fakes::{FakeQueues, FlakyStore, SharedClock};
use flotilla_runtime::batch::BatchLoop;
use flotilla_runtime::meter::Meter;
use flotilla_runtime::outbound::Outbound;
use flotilla_runtime::partners::{Directory, HttpPartners};
use flotilla_runtime::settings::Environment;
use flotilla_runtime::stage::Claiming;
use flotilla_shipment::partner::Breaker;
use flotilla_shipment::payload::Decided;
use flotilla_shipment::ports::Slots;
use flotilla_shipment::slot::{Booking, Generation, Reserved, Slot};
use flotilla_task::*;
use partners::{Moods, Running, World, start};
use serde_json::{Value, json};
use shared::MemoryShared;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Longer than anything takes that is not held.
const PATIENCE: Duration = Duration::from_secs(30);

/// Slots that are always free, and count who asked for them.
#[derive(Debug, Clone, Default)]
pub(crate) struct FreeSlots(pub(crate) Arc<AtomicU32>);

impl Slots for FreeSlots {
    async fn reserve(
        &self,
        _shipment: &ShipmentId,
        _task: &TaskId,
        decided_on: Generation,
    ) -> Result<Reserved, StoreError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let generation = Generation(decided_on.0 + 1);
        Ok(Reserved::Mine { generation, replaces: None, repeated: false })
    }

    async fn settle(
        &self,
        _shipment: &ShipmentId,
        _task: &TaskId,
        _generation: Generation,
        _booking: &Booking,
    ) -> Result<bool, StoreError> {
        Ok(true)
    }

    async fn free(
        &self,
        _shipment: &ShipmentId,
        _task: &TaskId,
        _generation: Generation,
    ) -> Result<Slot, StoreError> {
        Ok(Slot::default())
    }
}

/// What all environments share, and the world they call.
pub(crate) struct Fleet {
    pub(crate) store: FlakyStore,
    pub(crate) clock: SharedClock,
    pub(crate) queues: FakeQueues,
    pub(crate) shared: MemoryShared,
    pub(crate) slots: FreeSlots,
    pub(crate) world: Running,
    http: reqwest::Client,
}

type Agent = Communication<Guarded<HttpPartners, MemoryShared, SharedClock>, FreeSlots>;

/// One environment of the function.
pub(crate) type Instance =
    BatchLoop<Claiming<Agent, FlakyStore, SharedClock>, FakeQueues, SharedClock>;

impl Fleet {
    pub(crate) async fn new() -> Self {
        flotilla_runtime::tls::install();
        Self {
            store: FlakyStore::default(),
            clock: SharedClock::new(),
            queues: FakeQueues::default(),
            shared: MemoryShared::default(),
            slots: FreeSlots::default(),
            world: start(World::new(7, Moods::calm())).await.unwrap(),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    /// An environment whose calls may take as long as a test likes.
    pub(crate) fn environment(&self) -> Instance {
        self.environment_of(&PARTNERS.replace("time_limit_ms = 2000", "time_limit_ms = 60000"))
    }

    /// One with a partners file of its own.
    pub(crate) fn environment_of(&self, file: &str) -> Instance {
        let directory = Directory::parse(file, &self.world.url).unwrap();
        let mut settings = fakes::settings("own");
        settings.retry_budget = 12;
        settings.concurrency = directory.room();
        let here = Outbound::read(&Environment::from([("OUTBOUND_LOOPBACK", "allow")])).unwrap();
        let partners = HttpPartners::new(directory, &here).unwrap();
        let meter = Arc::new(Meter::default());
        let partners = Guarded::new(partners, self.shared.clone(), self.clock.clone(), || 0.5);
        let partners = partners.counted_by(&meter);
        let mut protocol = fakes::protocol(Stage::Communication, &self.store, &self.clock);
        protocol.settings = settings.clone();
        let agent = Communication { partners, slots: self.slots.clone() };
        BatchLoop {
            handler: Claiming { agent, protocol },
            queues: self.queues.clone(),
            clock: self.clock.clone(),
            settings,
            meter,
        }
    }

    pub(crate) async fn write(&self, task: &str, action: Action) -> TaskRecord {
        let (task, by) = (TaskId::new(task).unwrap(), AttemptId::new("before").unwrap());
        let command = Command { task, by, now: self.clock.now(), action };
        match self.store.inner.apply(&command).await.unwrap() {
            Outcome::Applied(record) => record,
            Outcome::Refused { refusal, .. } => panic!("{refusal:?}"),
        }
    }

    /// A task of a shipment of its own that is to be booked at that carrier.
    pub(crate) async fn decided(&self, task: &str, carrier: &str) -> StageMessage {
        self.decided_so(task, &decided(carrier)).await
    }

    /// One of which that was decided.
    pub(crate) async fn decided_so(&self, task: &str, decided: &Decided) -> StageMessage {
        let payload = Payload::write(decided).unwrap();
        let new = NewTask {
            shipment: ShipmentId::new(format!("SHP-{task}")).unwrap(),
            tenant: None,
            source: Source::new("s").unwrap(),
            event: EventId::new(task).unwrap(),
            payload: payload.clone(),
            trace: None,
        };
        let mut record = self.write(task, Action::Create(new)).await;
        for stage in [Stage::Decision, Stage::Communication] {
            let (fence, payload) = (Fence::of(&record), payload.clone());
            let next = Next::Stage { stage, payload };
            record = self.write(task, Action::Commit { fence, next }).await;
        }
        StageMessage::stored_in(&record)
    }

    /// Several of them.
    pub(crate) async fn all_decided(&self, tasks: &[String], carrier: &str) -> Vec<StageMessage> {
        let mut messages = Vec::new();
        for task in tasks {
            messages.push(self.decided(task, carrier).await);
        }
        messages
    }

    /// Delivers messages to an environment as one batch.
    pub(crate) async fn deliver(
        &self,
        to: &Instance,
        messages: &[StageMessage],
    ) -> SqsBatchResponse {
        self.deliver_again(to, messages, 1).await
    }

    /// The same when they are received for the so-manieth time.
    pub(crate) async fn deliver_again(
        &self,
        to: &Instance,
        messages: &[StageMessage],
        receives: u32,
    ) -> SqsBatchResponse {
        let record = |message: &StageMessage| {
            let body = message.to_json().unwrap();
            fakes::received(message.task.as_str(), &body, receives, None)
        };
        let event = fakes::event(messages.iter().map(record).collect());
        let deadline = self.clock.now().plus(Duration::from_secs(300));
        to.run(event, deadline).await.unwrap()
    }

    pub(crate) async fn record(&self, task: &str) -> TaskRecord {
        self.store.get(&TaskId::new(task).unwrap()).await.unwrap().unwrap()
    }

    /// How many of these tasks are through communication.
    pub(crate) async fn through(&self, tasks: &[String]) -> usize {
        let mut through = 0;
        for task in tasks {
            through += usize::from(self.record(task).await.stage == Stage::State);
        }
        through
    }

    pub(crate) async fn mood(&self, partner: &str, mood: Value) {
        let url = format!("{}/moods/{partner}", self.world.url);
        assert!(self.http.post(url).json(&mood).send().await.unwrap().status().is_success());
    }

    /// What the world has been told and asked.
    pub(crate) async fn ledger(&self) -> Value {
        self.ask("ledger").await
    }

    async fn ask(&self, path: &str) -> Value {
        let answer = self.http.get(format!("{}/{path}", self.world.url)).send().await;
        answer.unwrap().json().await.unwrap()
    }

    /// The bookings that a carrier really made.
    pub(crate) async fn bookings(&self, carrier: &str) -> Vec<Value> {
        let mut all = self.ask("ledger").await["bookings"].as_array().unwrap().clone();
        all.retain(|booking| booking["carrier"] == carrier);
        all
    }

    /// How many calls a partner has answered.
    pub(crate) async fn answered(&self, partner: &str) -> u64 {
        let calls = self.ask("ledger").await["calls"][partner].clone();
        calls.as_object().map_or(0, |calls| calls.values().filter_map(Value::as_u64).sum())
    }

    /// Waits until so many calls hang in the world.
    pub(crate) async fn hanging(&self, calls: u64) {
        until(|| async { self.ask("healthz").await["open"] == calls }).await;
    }
}

/// Opens swift's breaker: as many calls as it takes fail.
pub(crate) async fn open_swift(fleet: &Fleet, environment: &Instance) {
    fleet.mood("swift", json!({"error_rate": 1})).await;
    for task in named("failing", 5) {
        let message = fleet.decided(&task, "swift").await;
        fleet.deliver(environment, &[message]).await;
        assert_eq!(fleet.record(&task).await.attempts, 1, "a failure is counted");
    }
    assert!(matches!(fleet.shared.is("swift"), Breaker::Open { times: 1, .. }));
}

/// Looks until a condition holds.
pub(crate) async fn until<F: Future<Output = bool>>(mut condition: impl FnMut() -> F) {
    let look = async {
        while !condition().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, look).await.unwrap();
}

pub(crate) fn named(kind: &str, count: usize) -> Vec<String> {
    (0..count).map(|at| format!("{kind}-{at}")).collect()
}

pub(crate) fn decided(carrier: &str) -> Decided {
    let service = if carrier == "tortoise" { "standard" } else { "express" };
    serde_json::from_value(json!({
        "event": {"tracking": {"milestone": "delayed", "at": "2026-11-27T08:00:00Z"}},
        "known": {
            "from": "NLRTM", "to": "DEBER", "g": 1200, "value": "1.00 EUR",
            "promised": "2026-11-30T17:00:00Z", "level": "standard",
            "as_of": "2026-11-27T08:00:00Z", "slot": {"gen": 0},
        },
        "decision": {
            "action": {"book": {"carrier": carrier, "service": service, "cost": 3110}},
            "reason": "It is due.", "tell_customer": false, "policy": "default@1", "decided_on": 0,
        },
    }))
    .unwrap()
}
