//! Writes one of everything, through the code that the functions write with.

use super::values;
use crate::Strict;
use crate::commands::{command, new_task};
use flotilla_runtime::store::pause::Noted;
use flotilla_runtime::table::item::Item;
use flotilla_shipment::answers::Forget;
use flotilla_shipment::identifier::Identifier;
use flotilla_shipment::inbound::Contact;
use flotilla_shipment::partner::{Breaker, Rate, Seen, Shared};
use flotilla_shipment::payload::Concluded;
use flotilla_shipment::ports::{Index, Loads, Orders, Parked, Parking, Remember, Slots};
use flotilla_shipment::pull::ports::{Cursors, Kept};
use flotilla_shipment::pull::{Act, Code, Cursor, Problem, Ruling, Validators, rule};
use flotilla_shipment::slot::Generation;
use flotilla_task::{
    Action, AgentPause, AttemptId, Checkpoints, Epoch, EventId, Fence, Intent, Next, Outcome,
    Pauses, Payload, Reason, ReasonCode, ShipmentId, Source, Stage, StatusKind, TaskId, TaskRecord,
    TaskStore, Timestamp, Turn, Turns, Whose,
};
use std::time::Duration;

/// When every task of the scene is written.
pub const NOW: Timestamp = Timestamp::from_millis(1_795_852_805_000);
/// When their leases end.
pub const LEASE: Timestamp = Timestamp::from_millis(1_795_852_840_000);

/// The shipment of that name.
pub fn shipment(name: &str) -> ShipmentId {
    ShipmentId::new(format!("SHP-{name}")).unwrap()
}

/// The task that was left in a status.
pub fn task(left: StatusKind) -> TaskId {
    TaskId::new(left.as_str()).unwrap()
}

/// A page of the recovery scan.
pub fn turn() -> Turn {
    let id = |name: &str| AttemptId::new(name).unwrap();
    Turn { run: id("scan-1"), page: 0, by: id("scan-1"), now: NOW, stale: NOW }
}

/// A load that holds others, and one that is in it.
pub fn loads() -> (Identifier, Identifier) {
    (values::of("container:CSQU3054383"), values::of("sscc:003456789012345670"))
}

/// An event that waits or is kept.
pub fn parked() -> Parked {
    Parked {
        source: Source::new("urn:acme:wms").unwrap(),
        event: EventId::new("evt-7").unwrap(),
        body: r#"{"specversion":"1.0"}"#.into(),
        parked_at: NOW,
    }
}

/// Whom to deliver to.
pub fn contact() -> Contact {
    let text = |text: &str| Some(text.to_owned());
    Contact {
        name: text("Ada Personal"),
        email: text("ada@example.org"),
        phone: text("+49 30 1234567"),
        address: text("Unter den Linden 1, 10117 Berlin"),
    }
}

/// What the decision log has: a delivery, and a task for every action.
pub fn logged() -> Vec<(TaskId, Concluded)> {
    let named = |name: &str| TaskId::new(name).unwrap();
    let actions = values::actions().into_iter();
    let mut logged: Vec<_> =
        actions.map(|action| (named(action.kind()), values::logged(action))).collect();
    logged.push((named("delivery"), values::concluded_delivery()));
    logged
}

/// Cursors: of a pull under way, of one that ended well, and of one that failed.
pub fn cursors() -> [(Source, Cursor); 3] {
    let by = AttemptId::new("00c0ffee00c0ffee").unwrap();
    let every = Duration::from_secs(900);
    let write = |cursor: &Cursor, act: Act| match rule(cursor, &by, NOW, &act) {
        Ruling::Write(next) => next,
        other @ (Ruling::Busy { .. } | Ruling::Fenced) => panic!("{other:?}"),
    };
    let claim = Act::Claim { until: LEASE, first: Timestamp::from_millis(7000), every };
    let turn = |page: &str| Act::Turn { next: format!("/events?page={page}"), events: 20 };
    let mut leased = write(&Cursor::default(), claim.clone());
    for page in ["2", "3", "4"] {
        leased = write(&leased, turn(page));
    }
    let validators = Some(Validators {
        asked: "00112233445566778899aabbccddeeff".to_owned(),
        etag: Some("\"x1\"".to_owned()),
        last_modified: Some("Sat, 28 Nov 2026 08:00:05 GMT".to_owned()),
    });
    let ended = write(&leased, Act::End { events: 3, validators });
    let problem = Problem::new(Code::CutOff, "it ends in row 3");
    let failed = write(&write(&ended, claim), Act::Stop { problem, every });
    let of = |name: &str| Source::new(format!("urn:acme:{name}")).unwrap();
    [(of("leased"), leased), (of("ended"), ended), (of("failed"), failed)]
}

/// Writes a cursor as if every version before it had been written.
async fn keep(strict: &Strict, source: &Source, cursor: Cursor) {
    for epoch in 1..cursor.epoch.get() {
        let earlier = Cursor { epoch: Epoch::new(epoch), ..Cursor::default() };
        assert_eq!(strict.records.keep_cursor(source, &earlier).await.unwrap(), Kept::Mine);
    }
    assert_eq!(strict.records.keep_cursor(source, &cursor).await.unwrap(), Kept::Mine);
}

/// Writes a task in every status and a record of every kind.
pub async fn write(strict: &Strict) {
    for left in StatusKind::ALL {
        leave(strict, left).await;
    }
    names(strict).await;
    shipments(strict).await;
    assert_eq!(strict.tasks.take(&turn()).await.unwrap(), Whose::Mine);
    strict.tasks.end(&turn()).await.unwrap();
    partners(strict).await;
    for (source, cursor) in cursors() {
        keep(strict, &source, cursor).await;
    }
    for (stage, note) in agent_pauses() {
        // As if every version before it had been written.
        for version in 1..note.version {
            let earlier = AgentPause { version, ..note };
            assert_eq!(strict.tasks.note_pause(stage, &earlier).await.unwrap(), Noted::Mine);
        }
        assert_eq!(strict.tasks.note_pause(stage, &note).await.unwrap(), Noted::Mine);
    }
}

/// Agents that a person has paused, resumed, and resumed in part.
pub fn agent_pauses() -> Pauses {
    let paused = AgentPause::begun(None, NOW);
    let resumed = |maximum| AgentPause::ended(Some(&paused), maximum, LEASE);
    Pauses::from([
        (Stage::Decision, paused),
        (Stage::Communication, resumed(Some(20))),
        (Stage::State, resumed(None)),
    ])
}

/// A partner for each state of a breaker, named after it.
pub fn breakers() -> [Breaker; 4] {
    [
        Breaker::Closed,
        Breaker::Open { until: LEASE, times: 2 },
        Breaker::Probing { until: LEASE, times: 2 },
        Breaker::Closing { step: 1, times: 2 },
    ]
}

/// How often the partner of the scene may be called.
pub const RATE: Rate = Rate { per_second: 20.0, burst: 40 };

async fn partners(strict: &Strict) {
    for breaker in breakers() {
        let (name, seen) = (breaker.name(), Seen::default());
        strict.records.change(name, seen, breaker).await.unwrap();
    }
    let seen = Seen::default();
    strict.records.pause_partner("paused", seen, LEASE).await.unwrap();
    strict.records.take("rated", RATE, 10, NOW).await.unwrap();
}

/// Every item there is.
pub async fn items(strict: &Strict) -> Vec<Item> {
    let scan = strict.table.client.scan().table_name(&strict.table.name).send().await.unwrap();
    assert!(scan.last_evaluated_key.is_none(), "the scene fits on one page");
    scan.items.unwrap()
}

/// Takes a task through writes that end in a status and set every field on the way.
async fn leave(strict: &Strict, left: StatusKind) {
    let reason = |code, text: &str| Reason::new(code, text);
    let mut at = Writer { strict, task: task(left), record: None };
    at.write(Action::Create(new_task("SHP-task"))).await;
    match left {
        StatusKind::Pending => {
            at.commit(Stage::Decision).await;
            let failed = reason(ReasonCode::Failed, "the table did not answer");
            at.fenced(|fence| Action::Release { fence, reason: failed }).await;
            at.fenced(|fence| Action::Resend { fence }).await;
        }
        StatusKind::Running => at.call().await,
        StatusKind::Held => {
            at.call().await;
            let ambiguous = reason(ReasonCode::Ambiguous, "no certain answer from swift");
            at.fenced(|fence| Action::Hold { fence, reason: ambiguous }).await;
        }
        StatusKind::Completed => {
            at.commit(Stage::Decision).await;
            at.commit(Stage::State).await;
            at.fenced(|fence| Action::Commit { fence, next: Next::Complete }).await;
        }
        StatusKind::Failed => {
            let text = "items[1].weight.value: must not be negative, got -3 kg";
            let invalid = reason(ReasonCode::InvalidField, text);
            at.fenced(|fence| Action::Fail { fence, reason: invalid }).await;
        }
        StatusKind::Cancelled => {
            at.call().await;
            let operator = reason(ReasonCode::Operator, "the order was cancelled");
            at.fenced(|fence| Action::Cancel { fence, reason: operator }).await;
        }
    }
}

struct Writer<'a> {
    strict: &'a Strict,
    task: TaskId,
    record: Option<TaskRecord>,
}

impl Writer<'_> {
    async fn write(&mut self, action: Action) {
        let command = command(&self.task, "00c0ffee00c0ffee", NOW, action);
        match self.strict.tasks.apply(&command).await.unwrap() {
            Outcome::Applied(record) => self.record = Some(record),
            Outcome::Refused { refusal, .. } => panic!("{refusal:?}: {command:?}"),
        }
    }

    async fn fenced(&mut self, action: impl FnOnce(Fence) -> Action) {
        let fence = Fence::of(self.record.as_ref().unwrap());
        self.write(action(fence)).await;
    }

    async fn commit(&mut self, stage: Stage) {
        let payload = Payload::from_json("{\"n\":1}".to_owned());
        self.fenced(|fence| Action::Commit { fence, next: Next::Stage { stage, payload } }).await;
    }

    /// To a claim with one effect done and a call under way.
    async fn call(&mut self) {
        self.commit(Stage::Decision).await;
        self.commit(Stage::Communication).await;
        let claim = Action::Claim { stage: Stage::Communication, lease_until: LEASE };
        self.write(claim).await;
        let done = Checkpoints::from([("cancel".to_owned(), "{}".to_owned())]);
        let until = NOW.plus(Duration::from_secs(10));
        let intent = Some(Intent { effect: "book".to_owned(), until });
        self.fenced(|fence| Action::Checkpoint { fence, checkpoints: done, intent }).await;
    }
}

async fn names(strict: &Strict) {
    let (holder, load) = loads();
    let records = &strict.records;
    records.register(&load, &shipment("named")).await.unwrap();
    let ordered = values::of("2026-11-27T08:00:00Z");
    records.keep_contact(&shipment("named"), ordered, &contact()).await.unwrap();
    let at = values::of("2026-11-28T08:00:00Z");
    records.keep_contact(&shipment("forgotten"), ordered, &contact()).await.unwrap();
    records.forget(&shipment("forgotten"), "urn:flotilla:desk forget-1", NOW).await.unwrap();
    records.pack(&holder, &load, at, "message-1").await.unwrap();
    records.unpack(&holder, Some(&load), values::of("2026-11-29T08:00:00Z")).await.unwrap();
    records.unpack(&holder, None, values::of("2026-11-30T08:00:00Z")).await.unwrap();
    records.park(&load, &parked()).await.unwrap();
    records.keep(&holder, &parked(), at).await.unwrap();
}

async fn shipments(strict: &Strict) {
    let records = &strict.records;
    let (order, delivery) = (values::concluded_order(), values::concluded_delivery());
    let state = shipment("state");
    records.remember(&state, &values::concluding(), &order).await.unwrap();
    records.remember(&state, &values::delivering(), &delivery).await.unwrap();
    for (task, concluded) in logged() {
        records.log(&shipment("logged"), &task, &concluded).await.unwrap();
    }
    records.count(&shipment("counted"), &values::outcome()).await.unwrap();
    records.keep_order(&shipment("ordered"), &values::ordered()).await.unwrap();
    let (task, first) = (values::concluding(), Generation(1));
    for name in ["free", "live", "booking"] {
        let shipment = shipment(name);
        records.reserve(&shipment, &task, Generation(0)).await.unwrap();
        if name == "free" {
            records.free(&shipment, &task, first).await.unwrap();
            continue;
        }
        records.settle(&shipment, &task, first, &values::booking()).await.unwrap();
        if name == "booking" {
            records.reserve(&shipment, &values::delivering(), first).await.unwrap();
        }
    }
}
