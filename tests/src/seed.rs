//! Tasks put where a message of theirs would find them.

use crate::{Fleet, SOURCE, fresh, in_hours, now, order_data, tracking};
use flotilla_shipment::identifier::{Identifier, Scheme};
use flotilla_shipment::inbound;
use flotilla_shipment::ports::{Parked, Parking};
use flotilla_task::envelope::Envelope;
use flotilla_task::{
    Action, AttemptId, Command, Epoch, EventId, Fence, NewTask, Next, Outcome, Payload, Reason,
    ReasonCode, ShipmentId, Source, Stage, StageMessage, StatusKind, TaskId, TaskRecord, TaskStore,
    Timestamp,
};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// Longer than any setting of `PARKED_DAYS`, in milliseconds.
const LONG_PARKED: u64 = 31 * 86_400_000;

/// Longer than any setting of `RECOVER_AFTER_SECONDS`, in milliseconds.
const LONG_AGO: u64 = 700_000_000;

impl Fleet {
    /// Makes the task that a message calls for, as if the stages before had
    /// worked on it at that time; their message has not been sent.
    pub async fn seed(&self, message: &StageMessage, at: Timestamp) -> TaskRecord {
        let new = NewTask {
            shipment: message.shipment.clone(),
            tenant: message.tenant.clone(),
            source: Source::new(SOURCE).unwrap(),
            event: EventId::new(message.task.as_str()).unwrap(),
            payload: payload_at(Stage::Processing, message),
            trace: message.trace.clone(),
        };
        let mut record = self.apply(message, at, Action::Create(new)).await;
        while record.stage != message.stage {
            // A booking comes to state from communication, everything else may.
            let books = message.epoch.get() > 3;
            let next = match record.stage {
                Stage::Processing => Stage::Decision,
                Stage::Decision if message.stage == Stage::State && !books => Stage::State,
                Stage::Decision => Stage::Communication,
                Stage::Communication => Stage::State,
                Stage::Ingestion | Stage::State => panic!("no way from {}", record.stage),
            };
            if record.stage.claims() && record.status.kind() == StatusKind::Pending {
                let lease_until = at.plus(Duration::from_secs(1));
                let claim = Action::Claim { stage: record.stage, lease_until };
                record = self.apply(message, at, claim).await;
            }
            let next = Next::Stage { stage: next, payload: payload_at(next, message) };
            let commit = Action::Commit { fence: Fence::of(&record), next };
            record = self.apply(message, at, commit).await;
        }
        assert_eq!(&StageMessage::stored_in(&record), message, "the message of another task");
        record
    }

    /// Makes a task for an order whose message was lost long ago, as by a crash
    /// between create and send with no redelivery left.
    pub async fn seed_stuck(&self) -> TaskRecord {
        self.seed_order(Timestamp::from_millis(now().as_millis() - LONG_AGO)).await
    }

    /// Makes a task for an order at that time, whose message has not been sent.
    pub async fn seed_order(&self, at: Timestamp) -> TaskRecord {
        let shipment = fresh("SHP");
        let data = order_data(&shipment, &fresh("BKR"), 60);
        self.seed(&to_processing(&shipment, "flotilla.order.v1", &data), at).await
    }

    /// Makes the task that a sample of `events/send` calls for, whose message was
    /// lost long ago; task and shipment get names of their own.
    pub async fn seed_stuck_at(&self, sample: &str) -> TaskRecord {
        let at = Timestamp::from_millis(now().as_millis() - LONG_AGO);
        self.seed(&renamed(sample), at).await
    }

    /// Ends what a test leaves open, so that recovery does not find it.
    pub async fn cancel(&self, task: &TaskId) {
        let Some(record) = self.tasks.get(task).await.unwrap() else { return };
        if record.status.kind().is_open() {
            let reason = Reason::new(ReasonCode::Operator, "the test is over");
            let by = AttemptId::new(fresh("cancel")).unwrap();
            let action = Action::Cancel { fence: Fence::of(&record), reason };
            let command = Command { task: task.clone(), by, now: now(), action };
            self.tasks.apply(&command).await.unwrap();
        }
    }

    /// Parks an event that has waited for longer than any setting of `PARKED_DAYS`.
    pub async fn park_overdue(&self) -> Parked {
        let event = fresh("overdue");
        let parked = Parked {
            source: Source::new(SOURCE).unwrap(),
            body: tracking(&event, &event, "departed", &serde_json::json!({})),
            event: EventId::new(event).unwrap(),
            parked_at: Timestamp::from_millis(now().as_millis() - LONG_PARKED),
        };
        self.records.park(&name_of(&parked), &parked).await.unwrap();
        parked
    }

    async fn apply(&self, message: &StageMessage, now: Timestamp, action: Action) -> TaskRecord {
        let by = AttemptId::new(fresh("seed")).unwrap();
        let command = Command { task: message.task.clone(), by, now, action };
        match self.tasks.apply(&command).await.unwrap() {
            Outcome::Applied(record) => record,
            Outcome::Refused { refusal, record } => panic!("{refusal:?} of {record:?}"),
        }
    }
}

/// The message that ingestion sends about an event of that kind, for a task that no
/// other test knows.
pub fn to_processing(shipment: &str, kind: &str, data: &Value) -> StageMessage {
    let kind = inbound::kind_of(kind).unwrap();
    let received = inbound::read(kind, &data.to_string()).unwrap().received;
    StageMessage {
        task: TaskId::new(fresh("task")).unwrap(),
        shipment: ShipmentId::new(shipment).unwrap(),
        tenant: None,
        stage: Stage::Processing,
        epoch: Epoch::INITIAL,
        resends: 0,
        hops: 0,
        trace: None,
        payload: Payload::write(&received).unwrap(),
    }
}

/// The message that decision sends about a delay on which that was decided, for a task
/// and a shipment that no other test knows.
#[must_use]
pub fn to_communication(task: &str, decision: &Value) -> StageMessage {
    let decided = json!({
        "event": {"tracking": {"milestone": "delayed", "at": in_hours(-1)}},
        "known": {
            "from": "NLRTM", "to": "DEBER", "g": 1200, "value": "49.90 EUR",
            "promised": in_hours(30), "level": "standard", "as_of": in_hours(0),
            "slot": {"gen": 0},
        },
        "decision": decision,
    });
    StageMessage {
        task: TaskId::new(fresh(task)).unwrap(),
        shipment: ShipmentId::new(fresh("SHP")).unwrap(),
        tenant: None,
        stage: Stage::Communication,
        epoch: Epoch::INITIAL.next().next(),
        resends: 0,
        hops: 2,
        trace: None,
        payload: Payload::from_json(decided.to_string()),
    }
}

/// A message between agents from `events/send`, of a task and a shipment that no
/// other test knows.
pub fn renamed(sample: &str) -> StageMessage {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events/send").join(sample);
    let body = std::fs::read_to_string(file).unwrap();
    let mut message = StageMessage::from_envelope(&Envelope::parse(&body).unwrap()).unwrap();
    message.task = TaskId::new(fresh("task")).unwrap();
    message.shipment = ShipmentId::new(fresh("SHP")).unwrap();
    message
}

/// The booking reference that an event of [`Fleet::park_overdue`] waits for.
pub fn name_of(parked: &Parked) -> Identifier {
    Identifier::new(Scheme::Booking, parked.event.as_str()).unwrap()
}

fn payload_at(stage: Stage, message: &StageMessage) -> Payload {
    if stage == message.stage { message.payload.clone() } else { Payload::none() }
}
