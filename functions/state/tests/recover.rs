//! Recovery over the in-memory store: what is stuck is sent again, three times.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

use flotilla_runtime::batch::{Call, Handled, Incoming};
use flotilla_runtime::meter::Meter;
use flotilla_runtime::queue::Router;
use flotilla_runtime::settings::{Environment, Settings};
use flotilla_runtime::stage::Protocol;
use flotilla_task::clock::ManualClock;
use flotilla_task::envelope::Envelope;
use flotilla_task::memory::MemoryStore;
use flotilla_task::*;
use state::Recover;
use std::sync::Arc;
use std::time::Duration;

const RECOVER: Recover =
    Recover { after: Duration::from_secs(60), reserve: Duration::from_secs(3) };

fn protocol() -> Protocol<MemoryStore, ManualClock> {
    let settings = Settings::read(&Environment::from([
        ("TABLE_NAME", "t"),
        ("QUEUE_URL", "state"),
        ("DEAD_LETTER_QUEUE_URL", "dead"),
        ("PROCESSING_QUEUE_URL", "processing"),
    ]))
    .unwrap();
    Protocol {
        store: MemoryStore::default(),
        clock: ManualClock::at(Timestamp::from_millis(1_000_000)),
        router: Router::new(Stage::State, "state".into(), settings.next.clone()),
        settings,
        meter: Arc::new(Meter::default()),
    }
}

async fn create(protocol: &Protocol<MemoryStore, ManualClock>) -> TaskId {
    let task = TaskId::new("t").unwrap();
    let action = Action::Create(NewTask {
        shipment: ShipmentId::new("S1").unwrap(),
        tenant: None,
        source: Source::new("s").unwrap(),
        event: EventId::new("e").unwrap(),
        payload: Payload::from_json("1".into()),
        trace: None,
    });
    let by = AttemptId::new("creator").unwrap();
    let command = Command { task: task.clone(), by, now: protocol.clock.now(), action };
    protocol.store.apply(&command).await.unwrap();
    task
}

async fn recover(protocol: &Protocol<MemoryStore, ManualClock>, message: &str) -> Handled {
    let body = "{\"specversion\":\"1.0\",\"id\":\"r\",\"source\":\"s\",\
                \"type\":\"flotilla.recover.v1\",\"data\":{}}";
    let incoming = Incoming { id: message.into(), receives: 1, ..Incoming::default() };
    let envelope = Envelope::parse(body).unwrap();
    let deadline = protocol.clock.now().plus(Duration::from_secs(30));
    RECOVER.run(Call { incoming: &incoming, envelope: &envelope, deadline }, protocol).await
}

#[tokio::test]
async fn a_stuck_task_is_sent_again_three_times_and_fails_then() {
    let protocol = protocol();
    let task = create(&protocol).await;
    assert_eq!(recover(&protocol, "m-0").await, Handled::DONE, "it is not stuck yet");
    for round in 1..=3 {
        protocol.clock.advance(RECOVER.after);
        let handled = recover(&protocol, &format!("m-{round}")).await;
        let record = protocol.store.get(&task).await.unwrap().unwrap();
        let bodies: Vec<_> = handled.send.iter().map(|message| message.body.clone()).collect();
        assert_eq!(bodies, [StageMessage::stored_in(&record).to_json().unwrap()]);
        assert_eq!(record.resends, round);
    }
    protocol.clock.advance(RECOVER.after);
    assert_eq!(recover(&protocol, "m-4").await, Handled::DONE);
    let record = protocol.store.get(&task).await.unwrap().unwrap();
    assert_eq!(record.reason.unwrap().code, ReasonCode::Unrecovered);
}

#[tokio::test]
async fn a_scan_whose_sends_failed_sends_them_when_it_is_delivered_again() {
    let protocol = protocol();
    let task = create(&protocol).await;
    protocol.clock.advance(RECOVER.after);
    let first = recover(&protocol, "m-1").await;
    let again = recover(&protocol, "m-1").await;
    assert_eq!(first.send.len(), 1);
    assert_eq!(again, first);
    assert_eq!(protocol.store.get(&task).await.unwrap().unwrap().resends, 1);
}
