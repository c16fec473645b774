//! What the recorded items of the table mean.

use flotilla_runtime::records::keys;
use flotilla_runtime::records::slot_item;
use flotilla_runtime::table::item::{Fields, Item};
use flotilla_runtime::table::key;
use flotilla_shipment::answers::{Erased, Forget};
use flotilla_shipment::inbound::Contact;
use flotilla_shipment::lane::{LaneStats, Sums};
use flotilla_shipment::load::{Load, Stay};
use flotilla_shipment::memory::ShipmentState;
use flotilla_shipment::partner::{Seen, Shared, Taken};
use flotilla_shipment::payload::Concluded;
use flotilla_shipment::ports::{Index, Lanes, Loads, Parking, Recall, Remember};
use flotilla_shipment::pull::ports::Cursors;
use flotilla_shipment::slot::{Generation, Slot, SlotStatus};
use flotilla_task::*;
use flotilla_tests::Strict;
use flotilla_tests::commands::new_task;
use flotilla_tests::recorded::scene::{self, LEASE, NOW};
use flotilla_tests::recorded::{shape, values};
use std::collections::BTreeMap;
use std::time::Duration;

/// The file's name for an item: its kind, and of a decision the task's name.
pub(crate) fn name(item: &Item) -> String {
    let kind = shape::kind_of_item(item).unwrap();
    match (kind.as_str(), Fields(item).text("task")) {
        ("decision", Ok(task)) => format!("decision-{task}"),
        ("cursor", _) => {
            let source = Fields(item).text("pk").unwrap().rsplit(':').next().unwrap();
            format!("cursor-{source}")
        }
        _ => kind,
    }
}

/// Reads everything back as the functions do.
pub(crate) async fn mean_what_they_meant(strict: &Strict) {
    for left in StatusKind::ALL {
        let read = strict.tasks.get(&scene::task(left)).await.unwrap();
        assert_eq!(read, Some(task(left)));
    }
    names(strict).await;
    shipments(strict).await;
    slots(strict).await;
    partners(strict).await;
    // The scan is over, so the next may begin.
    let id = AttemptId::new("scan-2").unwrap();
    let stale = Timestamp::from_millis(0);
    let turn = Turn { run: id.clone(), by: id, stale, ..scene::turn() };
    assert_eq!(strict.tasks.take(&turn).await.unwrap(), Whose::Mine);
    for (source, cursor) in scene::cursors() {
        assert_eq!(strict.records.cursor(&source).await.unwrap(), cursor);
    }
    assert_eq!(strict.tasks.noted_pauses().await.unwrap(), scene::agent_pauses());
}

fn task(left: StatusKind) -> TaskRecord {
    let new = new_task("SHP-task");
    let record = TaskRecord {
        id: scene::task(left),
        shipment: new.shipment,
        tenant: new.tenant,
        source: new.source,
        event: new.event,
        stage: Stage::Communication,
        status: Status::Pending,
        epoch: Epoch::new(4),
        writer: AttemptId::new("00c0ffee00c0ffee").unwrap(),
        attempts: 0,
        resends: 0,
        payload: Payload::from_json("{\"n\":1}".into()),
        checkpoints: Checkpoints::new(),
        intent: None,
        reason: None,
        trace: new.trace,
        hops: 2,
        created_at: NOW,
        updated_at: NOW,
        ended_at: None,
    };
    let reason = |code, text: &str| Some(Reason { code, text: text.into() });
    let calling = TaskRecord {
        epoch: Epoch::new(5),
        checkpoints: Checkpoints::from([("cancel".into(), "{}".into())]),
        intent: Some(Intent { effect: "book".into(), until: NOW.plus(Duration::from_secs(10)) }),
        ..record.clone()
    };
    match left {
        StatusKind::Pending => TaskRecord {
            stage: Stage::Decision,
            attempts: 1,
            resends: 1,
            reason: reason(ReasonCode::Failed, "the table did not answer"),
            hops: 1,
            ..record
        },
        StatusKind::Running => {
            TaskRecord { status: Status::Running { lease_until: LEASE }, ..calling }
        }
        StatusKind::Held => TaskRecord {
            status: Status::Held { lease_until: Some(LEASE) },
            epoch: Epoch::new(6),
            reason: reason(ReasonCode::Ambiguous, "no certain answer from swift"),
            ..calling
        },
        StatusKind::Completed => TaskRecord {
            stage: Stage::State,
            status: Status::Completed,
            payload: Payload::none(),
            ended_at: Some(NOW),
            ..record
        },
        StatusKind::Failed => TaskRecord {
            stage: Stage::Processing,
            status: Status::Failed,
            epoch: Epoch::new(2),
            payload: new.payload,
            reason: reason(
                ReasonCode::InvalidField,
                "items[1].weight.value: must not be negative, got -3 kg",
            ),
            hops: 0,
            ended_at: Some(NOW),
            ..record
        },
        StatusKind::Cancelled => TaskRecord {
            status: Status::Cancelled,
            epoch: Epoch::new(6),
            reason: reason(
                ReasonCode::Operator,
                "the order was cancelled (a call that was under way may still happen)",
            ),
            ended_at: Some(NOW),
            ..calling
        },
    }
}

async fn names(strict: &Strict) {
    let records = &strict.records;
    let (holder, load) = scene::loads();
    let named = scene::shipment("named");
    assert_eq!(records.owner(&load).await.unwrap(), Some(named.clone()));
    let contact = read(strict, keys::CONTACT, &named).await;
    assert_eq!(Fields(&contact).json::<Contact>("doc").unwrap(), scene::contact());
    let asked = "urn:flotilla:desk forget-1";
    let later = NOW.plus(Duration::from_secs(9));
    let erased = records.forget(&scene::shipment("forgotten"), asked, later).await.unwrap();
    let fields = ["address", "email", "name", "phone"].map(|name| format!("contact.{name}"));
    assert_eq!(erased, Erased { at: NOW, fields: fields.into() });
    let (packed, unpacked) = ("2026-11-28T08:00:00Z", "2026-11-29T08:00:00Z");
    let stay = Stay { packed: Some(values::of(packed)), unpacked: Some(values::of(unpacked)) };
    let held = Load {
        owner: None,
        contents: BTreeMap::from([(load.clone(), stay)]),
        emptied: Some(values::of("2026-11-30T08:00:00Z")),
    };
    assert_eq!(records.load(&holder).await.unwrap(), held);
    assert_eq!(records.parked(&load).await.unwrap(), [scene::parked()]);
    let overdue = records.overdue(NOW.plus(Duration::from_secs(1))).await.unwrap();
    assert_eq!(overdue, [(load, scene::parked())]);
    assert_eq!(records.kept(&holder, values::of(packed)).await.unwrap(), [scene::parked()]);
}

async fn shipments(strict: &Strict) {
    let records = &strict.records;
    let memory = records.recall(&scene::shipment("state")).await.unwrap().unwrap();
    assert_eq!(memory.state, values::state());
    let memory = records.recall(&scene::shipment("ordered")).await.unwrap().unwrap();
    assert_eq!(memory.state, ShipmentState::with_order(None, values::ordered()));
    let to = keys::after(keys::DECISION);
    let logged = keys::shipment(&scene::shipment("logged"));
    let logged = strict.table.between(logged, keys::DECISION, &to).await.unwrap();
    let read = |item: &Item| {
        let fields = Fields(item);
        let task = fields.id("task", TaskId::new).unwrap();
        (task, fields.json::<Concluded>("doc").unwrap())
    };
    let logged: BTreeMap<_, _> = logged.iter().map(read).collect();
    assert_eq!(logged, scene::logged().into_iter().collect());
    let outcome = values::outcome();
    let week = outcome.week();
    let lane = records.lane(&outcome.origin, &outcome.destination, week..=week).await.unwrap();
    let sums = Sums {
        count: 1,
        on_time: 1,
        minutes: 2700,
        pace: 1073,
        pace_sq: 1_151_329,
        cost_cents: 2981,
        quoted_cents: 2975,
    };
    let learned = LaneStats { carrier: "swift".into(), service: "express".into(), week, sums };
    assert_eq!(lane, [learned]);
    let counted = records.count(&scene::shipment("counted"), &outcome).await.unwrap();
    assert!(!counted, "it was counted before");
}

async fn slots(strict: &Strict) {
    let live = SlotStatus::Live { booking: values::booking(), task: values::concluding() };
    let booking =
        SlotStatus::Booking { task: values::delivering(), replaces: Some(values::booking()) };
    for (name, generation, status) in
        [("free", 1, SlotStatus::Free), ("live", 1, live), ("booking", 2, booking)]
    {
        let item = read(strict, &keys::slot(), &scene::shipment(name)).await;
        let slot = Slot { generation: Generation(generation), status };
        assert_eq!(slot_item::from_item(&item).unwrap(), slot);
    }
}

async fn partners(strict: &Strict) {
    for breaker in scene::breakers() {
        let read = strict.records.breaker(breaker.name()).await.unwrap();
        assert_eq!(read, Seen { version: 1, breaker, paused_until: None });
    }
    let read = strict.records.breaker("paused").await.unwrap();
    assert_eq!(read, Seen { version: 1, paused_until: Some(LEASE), ..Seen::default() });
    let now = NOW.plus(Duration::from_millis(1));
    let full = strict.records.take("rated", scene::RATE, 40, now).await.unwrap();
    assert_eq!(full, Taken::NotYet(Duration::from_millis(499)), "ten of forty are taken");
}

async fn read(strict: &Strict, sort: &str, shipment: &ShipmentId) -> Item {
    strict.table.get(key(keys::shipment(shipment), sort)).await.unwrap().unwrap()
}
