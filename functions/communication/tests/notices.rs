//! Who is told what was decided: over real HTTP, and asked of the receivers.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test says what is wrong by panicking")]
#![allow(clippy::indexing_slicing, reason = "a test says what is wrong by panicking")]

use communication::{Communication, PARTNERS};
use flotilla_runtime::outbound::Outbound;
use flotilla_runtime::partners::{Directory, HttpPartners};
use flotilla_runtime::settings::Environment;
use flotilla_shipment::payload::{Concluded, Decided};
use flotilla_shipment::ports::Slots;
use flotilla_shipment::slot::{Booking, Generation, Reserved, Slot};
use flotilla_task::clock::ManualClock;
use flotilla_task::memory::MemoryStore;
use flotilla_task::*;
use partners::{Moods, Running, World, start};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A slot that is free once; afterwards another task has it.
#[derive(Default)]
struct FreeSlot(AtomicBool);

impl Slots for FreeSlot {
    async fn reserve(
        &self,
        _shipment: &ShipmentId,
        _task: &TaskId,
        decided_on: Generation,
    ) -> Result<Reserved, StoreError> {
        let generation = Generation(decided_on.0 + 1);
        if self.0.swap(true, Ordering::SeqCst) {
            return Ok(Reserved::Lost(Slot::default()));
        }
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

/// A task at communication, and the world it calls.
struct Bench {
    store: MemoryStore,
    clock: ManualClock,
    agent: Communication<HttpPartners, FreeSlot>,
    world: Running,
    http: reqwest::Client,
    tries: u32,
}

fn decided(action: &Value, tell_customer: bool) -> Decided {
    serde_json::from_value(json!({
        "event": {"tracking": {"milestone": "delayed", "at": "2026-11-27T08:00:00Z"}},
        "known": {
            "from": "NLRTM", "to": "DEBER", "g": 1200, "value": "1.00 EUR",
            "promised": "2026-11-30T17:00:00Z", "level": "standard",
            "as_of": "2026-11-27T08:00:00Z", "slot": {"gen": 0},
        },
        "decision": {
            "action": action, "reason": "It will be late.", "tell_customer": tell_customer,
            "policy": "default@1", "decided_on": 0,
        },
    }))
    .unwrap()
}

/// Calls may go to this machine.
fn here() -> Outbound {
    Outbound::read(&Environment::from([("OUTBOUND_LOOPBACK", "allow")])).unwrap()
}

fn booking() -> Value {
    json!({"book": {"carrier": "swift", "service": "express", "cost": 3110}})
}

impl Bench {
    async fn new(decided: &Decided) -> Self {
        let world = start(World::new(7, Moods::calm())).await.unwrap();
        let directory = Directory::parse(PARTNERS, &world.url).unwrap();
        let partners = HttpPartners::new(directory, &here()).unwrap();
        let bench = Self {
            store: MemoryStore::default(),
            clock: ManualClock::at(Timestamp::from_millis(1_000_000)),
            agent: Communication { partners, slots: FreeSlot::default() },
            world,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            tries: 0,
        };
        let payload = Payload::write(decided).unwrap();
        let created = bench
            .write(Action::Create(NewTask {
                shipment: ShipmentId::new("SHP-1").unwrap(),
                tenant: None,
                source: Source::new("s").unwrap(),
                event: EventId::new("e").unwrap(),
                payload: payload.clone(),
                trace: None,
            }))
            .await;
        let next = |stage| Next::Stage { stage, payload: payload.clone() };
        let fence = Fence::of(&created);
        let at = bench.write(Action::Commit { fence, next: next(Stage::Decision) }).await;
        let fence = Fence::of(&at);
        bench.write(Action::Commit { fence, next: next(Stage::Communication) }).await;
        bench
    }

    async fn write(&self, action: Action) -> TaskRecord {
        let by = AttemptId::new(format!("attempt-{}", self.tries)).unwrap();
        let task = TaskId::new("t").unwrap();
        let command = Command { task, by, now: self.clock.now(), action };
        match self.store.apply(&command).await.unwrap() {
            Outcome::Applied(record) => record,
            Outcome::Refused { refusal, .. } => panic!("{refusal:?}"),
        }
    }

    /// One try at the stage, from the claim on; a try before it has lapsed.
    async fn work(&mut self) -> Result<Concluded, Failure> {
        self.tries += 1;
        self.clock.advance(Duration::from_secs(60));
        let lease_until = self.clock.now().plus(Duration::from_secs(30));
        let record = self.write(Action::Claim { stage: Stage::Communication, lease_until }).await;
        let attempt = AttemptId::new(format!("attempt-{}", self.tries)).unwrap();
        let mut task = Claimed::new(&self.store, &self.clock, attempt, record);
        match self.agent.work(&mut task).await? {
            Next::Stage { stage: Stage::State, payload } => Ok(payload.read().unwrap()),
            other @ (Next::Stage { .. } | Next::Complete) => panic!("{other:?}"),
        }
    }

    async fn ledger(&self) -> Value {
        let answer = self.http.get(format!("{}/ledger", self.world.url)).send().await.unwrap();
        answer.json().await.unwrap()
    }

    async fn mood(&self, partner: &str, mood: Value) {
        let url = format!("{}/moods/{partner}", self.world.url);
        assert!(self.http.post(url).json(&mood).send().await.unwrap().status().is_success());
    }

    /// How many notices dispatch and the shop have.
    async fn told(&self) -> (usize, usize) {
        let ledger = self.ledger().await;
        let count = |list: &str| ledger[list].as_array().unwrap().len();
        (count("notices"), count("customer_events"))
    }
}

#[tokio::test]
async fn dispatch_and_the_customer_are_told_under_keys_of_their_own() {
    let mut bench = Bench::new(&decided(&json!("notify"), true)).await;
    let concluded = bench.work().await.unwrap();
    assert!(concluded.notified && concluded.customer_told);
    let ledger = bench.ledger().await;
    assert_eq!(ledger["notices"][0]["key"], "t/notice");
    let told = json!({"key": "t/customer", "shipment": "SHP-1", "task": "t", "requests": 1,
                      "action": "notify", "text": "It will be late."});
    assert_eq!(ledger["customer_events"], json!([told]), "and nothing else is said");
}

#[tokio::test]
async fn the_customer_is_told_only_when_the_decision_says_so() {
    for (action, tell, told) in [
        (json!("notify"), false, (1, 0)),
        (booking(), false, (1, 0)),
        (booking(), true, (1, 1)),
        (json!("keep"), false, (0, 0)),
        // Nothing for dispatch to do, and the customer is told all the same.
        (json!("keep"), true, (0, 1)),
    ] {
        let mut bench = Bench::new(&decided(&action, tell)).await;
        let concluded = bench.work().await.unwrap();
        assert_eq!(bench.told().await, told, "{action} {tell}");
        let said = (usize::from(concluded.notified), usize::from(concluded.customer_told));
        assert_eq!(said, told, "{action} {tell}");
    }
}

/// The slot is another task's by the second try: to decide again would tell another
/// story under the same key.
#[tokio::test]
async fn a_booking_whose_notice_failed_is_told_as_it_was_made() {
    let mut bench = Bench::new(&decided(&booking(), true)).await;
    bench.mood("customer", json!({"error_rate": 1})).await;
    assert!(matches!(bench.work().await, Err(Failure::Retry { .. })));
    assert_eq!(bench.told().await, (1, 0));
    bench.mood("customer", json!({"error_rate": 0})).await;
    let concluded = bench.work().await.unwrap();
    assert_eq!(concluded.booking.unwrap().carrier, "swift");
    assert_eq!(bench.told().await, (1, 1));
    assert_eq!(bench.ledger().await["bookings"].as_array().unwrap().len(), 1);
}

/// A try that did not live to note its booking told dispatch one thing, and this one
/// would tell another: dispatch keeps the first, and the task goes on.
#[tokio::test]
async fn a_key_that_stands_for_other_words_does_not_hold_up_the_task() {
    let mut bench = Bench::new(&decided(&json!("notify"), false)).await;
    let key = flotilla_shipment::ports::Audience::Dispatch.key(&TaskId::new("t").unwrap());
    let other = json!({"shipment": "SHP-1", "task": "t", "action": "rebook", "text": "Other."});
    let url = format!("{}/dispatch/notices", bench.world.url);
    let told = bench.http.post(url).header("Idempotency-Key", key).json(&other).send().await;
    assert!(told.unwrap().status().is_success());
    assert!(!bench.work().await.unwrap().notified);
    assert_eq!(bench.told().await, (1, 0));
}

#[tokio::test]
async fn a_try_that_is_repeated_tells_only_who_has_not_said_that_it_knows() {
    for (partner, requests) in [("dispatch", (3, 1)), ("customer", (1, 3))] {
        let mut bench = Bench::new(&decided(&json!("notify"), true)).await;
        bench.mood(partner, json!({"lose_answer_rate": 1})).await;
        for _ in 0..2 {
            assert!(matches!(bench.work().await, Err(Failure::Retry { .. })), "{partner}");
            assert_eq!(bench.told().await, (1, 1), "{partner}");
        }
        bench.mood(partner, json!({"lose_answer_rate": 0})).await;
        let concluded = bench.work().await.unwrap();
        assert!(concluded.notified && concluded.customer_told, "{partner}");
        assert_eq!(bench.told().await, (1, 1), "each has it once");
        let ledger = bench.ledger().await;
        let asked = |list: &str| ledger[list][0]["requests"].as_u64().unwrap();
        assert_eq!((asked("notices"), asked("customer_events")), requests, "{partner}");
    }
}

#[tokio::test]
async fn the_customer_is_told_while_dispatch_is_down() {
    let mut bench = Bench::new(&decided(&json!("notify"), true)).await;
    bench.mood("dispatch", json!({"error_rate": 1})).await;
    assert!(matches!(bench.work().await, Err(Failure::Retry { .. })));
    assert_eq!(bench.told().await, (0, 1));
    bench.mood("dispatch", json!({"error_rate": 0, "throttle_rate": 1})).await;
    assert!(matches!(bench.work().await, Err(Failure::Wait { .. })), "waiting is not failing");
}

/// The shop is one that knows no such path: 404.
#[tokio::test]
async fn a_notice_that_the_shop_refuses_does_not_undo_the_booking() {
    let mut bench = Bench::new(&decided(&booking(), true)).await;
    let text = PARTNERS.replace("/customer/events", "/no/such/shop");
    let directory = Directory::parse(&text, &bench.world.url).unwrap();
    bench.agent.partners = HttpPartners::new(directory, &here()).unwrap();
    let concluded = bench.work().await.unwrap();
    assert_eq!(concluded.booking.unwrap().reference, "SW-000001");
    assert!(concluded.notified && !concluded.customer_told);
    assert_eq!(bench.ledger().await["bookings"][0]["status"], "live");
}
