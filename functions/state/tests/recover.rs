//! Recovery over the in-memory store: what is stuck is sent again, three times.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

use flotilla_runtime::batch::{Call, Handled, Incoming, Verdict};
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

const RECOVER: Recover = Recover {
    after: Duration::from_secs(60),
    lost: Duration::from_secs(60),
    reserve: Duration::from_secs(3),
};

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
    let deadline = Duration::from_secs(30);
    look(protocol, message, "{}", deadline).await
}

async fn look(
    protocol: &Protocol<MemoryStore, ManualClock>,
    message: &str,
    data: &str,
    deadline: Duration,
) -> Handled {
    let body = format!(
        "{{\"specversion\":\"1.0\",\"id\":\"r\",\"source\":\"s\",\
         \"type\":\"flotilla.recover.v1\",\"data\":{data}}}"
    );
    let incoming = Incoming { id: message.into(), receives: 1, ..Incoming::default() };
    let envelope = Envelope::parse(&body).unwrap();
    let deadline = protocol.clock.now().plus(deadline);
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

/// However often it is looked for: three of those and it would fail. Afterwards it may
/// stand behind everything that piled up.
#[tokio::test]
async fn a_task_whose_agent_is_paused_is_left_alone_and_has_its_time_afterwards() {
    let protocol = protocol();
    let task = create(&protocol).await;
    let before = protocol.store.get(&task).await.unwrap();
    let paused = AgentPause::begun(None, protocol.clock.now());
    protocol.store.note_pause(Stage::Processing, paused);
    for round in 0..5 {
        protocol.clock.advance(RECOVER.after * 10);
        assert_eq!(recover(&protocol, &format!("m-{round}")).await, Handled::DONE);
    }
    let resumed = AgentPause::ended(Some(&paused), None, protocol.clock.now());
    protocol.store.note_pause(Stage::Processing, resumed);
    assert_eq!(recover(&protocol, "at-once").await, Handled::DONE);
    assert_eq!(protocol.store.get(&task).await.unwrap(), before, "nothing touched it");
    protocol.clock.advance(RECOVER.after);
    assert_eq!(recover(&protocol, "later").await.send.len(), 1, "its message is lost");
}

/// The pause of another agent explains nothing.
#[tokio::test]
async fn a_task_at_another_agent_is_stuck_all_the_same() {
    let protocol = protocol();
    create(&protocol).await;
    protocol.store.note_pause(Stage::State, AgentPause::begun(None, protocol.clock.now()));
    protocol.clock.advance(RECOVER.after);
    assert_eq!(recover(&protocol, "m-1").await.send.len(), 1);
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

/// Each copy of a page's message would call for the next page, for ever more of them.
#[tokio::test]
async fn a_copy_of_a_page_and_a_second_scan_find_that_it_is_not_their_turn() {
    let protocol = protocol();
    let task = create(&protocol).await;
    protocol.clock.advance(RECOVER.after);
    // So short of time that the page is left to a next message.
    let short = RECOVER.reserve;
    let begun = look(&protocol, "begin", "{}", short).await;
    let page = |handled: &Handled| {
        let [message] = handled.send.as_slice() else { panic!("{handled:?}") };
        let body: serde_json::Value = serde_json::from_str(&message.body).unwrap();
        body["data"].to_string()
    };
    let next = page(&begun);
    assert_eq!(next, r#"{"page":1,"run":"begin"}"#);
    let waits = recover(&protocol, "schedule").await;
    assert!(matches!(waits.verdict, Verdict::GiveBack { .. }), "one is under way: {waits:?}");
    assert_eq!(page(&look(&protocol, "begin", "{}", short).await), next, "delivered again");
    let long = Duration::from_secs(30);
    assert_eq!(look(&protocol, "m-1", &next, long).await.send.len(), 1);
    assert_eq!(look(&protocol, "copy", &next, long).await, Handled::DONE);
    assert_eq!(look(&protocol, "begin", "{}", short).await, Handled::DONE, "it has moved on");
    assert_eq!(look(&protocol, "m-1", &next, long).await.send.len(), 1, "its own sends again");
    assert_eq!(protocol.store.get(&task).await.unwrap().unwrap().resends, 1);
}

#[tokio::test]
async fn a_scan_that_lost_its_message_does_not_keep_the_next_from_beginning() {
    let protocol = protocol();
    let task = create(&protocol).await;
    protocol.clock.advance(RECOVER.after);
    look(&protocol, "begin", "{}", RECOVER.reserve).await;
    protocol.clock.advance(RECOVER.lost);
    assert_eq!(recover(&protocol, "schedule").await.send.len(), 1);
    assert_eq!(protocol.store.get(&task).await.unwrap().unwrap().resends, 1);
}
