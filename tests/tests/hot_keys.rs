//! No key takes more than its share of the writes. A partition key takes 1,000 write
//! units a second, whatever the table takes, so what is written for one event to one
//! key is the ceiling of a hot shipment and of a hot lane.
//!
//! The state agent writes everything that events of one shipment or lane share; the
//! other agents write to the task's own key, and what a booking costs its shipment.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops by panicking")]

use flotilla_runtime::queue::{NotSent, Outgoing, Queues};
use flotilla_runtime::records::{Records, keys};
use flotilla_shipment::event::{Event, Milestone};
use flotilla_shipment::payload::Concluded;
use flotilla_shipment::slot::Booking;
use flotilla_task::{Agent, Epoch, Next, Payload, ShipmentId, Stage, StageMessage, Tenant};
use flotilla_tests::recorded::values;
use flotilla_tests::{Strict, task_of};
use flotilla_wire::Running;
use jiff::{SignedDuration, Timestamp};
use state::State;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Units that a partition key takes in a second: infra/prices/prices.toml.
const CEILING: u64 = 1000;
/// Events of a hot shipment, shipments of a hot lane.
const MANY: usize = 40;

/// Nothing waits in these tests, so nothing is sent.
struct NoQueues;

impl Queues for NoQueues {
    async fn send(&self, _url: &str, messages: &[Outgoing]) -> Vec<Result<(), NotSent>> {
        assert!(messages.is_empty(), "nothing was parked, yet there is {messages:?}");
        Vec::new()
    }

    async fn give_back(&self, _url: &str, _messages: &[(String, Duration)]) {}
}

/// The state agent on a database whose writes are counted.
struct Bench {
    agent: State<Records, NoQueues>,
    wire: Running,
    _database: Strict,
}

impl Bench {
    async fn start() -> Self {
        let database = Strict::start();
        let wire = flotilla_wire::start(&database.url).await.unwrap();
        let records = database.records_through(&wire.url);
        let agent = State { records, queues: NoQueues, ingestion_url: String::new() };
        Self { agent, wire, _database: database }
    }

    /// Works on one event and says how many units went to which partition key.
    async fn units(&self, shipment: &str, event: &str, said: &Concluded) -> BTreeMap<String, u64> {
        self.wire.forget();
        let message = StageMessage {
            task: task_of(event, shipment),
            shipment: ShipmentId::new(shipment).unwrap(),
            tenant: Some(Tenant::new("acme").unwrap()),
            stage: Stage::State,
            epoch: Epoch::new(4),
            resends: 0,
            hops: 3,
            trace: None,
            payload: Payload::write(said).unwrap(),
        };
        assert_eq!(self.agent.work(&message).await.unwrap(), Next::Complete);
        let seen = self.wire.calls();
        let mut units = BTreeMap::new();
        for call in seen.iter().filter(|call| !call.written.is_empty()) {
            let each = call.write_centiunits / 100 / call.written.len() as u64;
            assert!(each > 0, "a write costs: {call:?}");
            for item in &call.written {
                *units.entry(item.key.clone()).or_default() += each;
            }
        }
        units
    }
}

/// An order that was booked under a reference of its own.
fn booked(at: usize) -> Concluded {
    let booking = Booking { reference: format!("SW-{at:06}"), ..values::booking() };
    Concluded { booking: Some(booking), ..values::concluded_order() }
}

/// Something that happened to it so many minutes later.
fn later(milestone: Milestone, minutes: usize) -> Concluded {
    let start: Timestamp = values::of("2026-11-28T08:00:00Z");
    let at = start + SignedDuration::from_mins(i64::try_from(minutes).unwrap());
    let event = Event::Tracking { milestone, at, place: None, eta: None, withdraws: None };
    Concluded { event, ..values::concluded_delivery() }
}

/// What functions/README.md says of a hot shipment: 500 events a second.
#[tokio::test]
async fn an_event_of_a_hot_shipment_costs_its_key_two_units() {
    let bench = Bench::start().await;
    bench.units("SHP-hot", "order", &booked(1)).await;
    let own = keys::shipment(&ShipmentId::new("SHP-hot").unwrap());
    for at in 0..MANY {
        let event = later(Milestone::Departed, at);
        let units = bench.units("SHP-hot", &format!("event-{at}"), &event).await;
        assert_eq!(units.keys().collect::<Vec<_>>(), [&own], "a key that events share");
        assert!(units[&own] <= CEILING / 500, "{units:?}");
    }
}

/// What functions/README.md says of a hot lane: 2,000 deliveries a second.
#[tokio::test]
async fn deliveries_of_a_hot_lane_share_no_key_but_its_partitions() {
    let bench = Bench::start().await;
    let mut shared: BTreeMap<String, (u64, BTreeSet<usize>)> = BTreeMap::new();
    for at in 0..MANY {
        let shipment = format!("SHP-{at:06}");
        for (event, said) in [("order", booked(at)), ("delivered", later(Milestone::Delivered, 60))]
        {
            for (key, units) in bench.units(&shipment, event, &said).await {
                let (sum, shipments) = shared.entry(key).or_default();
                *sum += units;
                shipments.insert(at);
            }
        }
    }
    shared.retain(|_, (_, shipments)| shipments.len() > 1);
    let partitions: BTreeSet<String> = keys::lanes(&values::outcome().lane()).collect();
    let found: BTreeSet<String> = shared.keys().cloned().collect();
    assert_eq!(found, partitions, "shipments of a lane share its partitions, and nothing else");
    let all: u64 = shared.values().map(|(units, _)| units).sum();
    assert_eq!(all, 2 * MANY as u64, "a delivery costs its lane a write in a transaction");
    // How evenly many shipments are spread: keys.rs.
    let fullest = shared.values().map(|(units, _)| *units).max().unwrap();
    assert!(fullest * 2 <= all, "{shared:?}");
}
