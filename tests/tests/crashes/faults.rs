//! AWS goes wrong, on the wire between one agent and the cloud; SQS delivers
//! everything twice; a carrier answers when its caller has given up.

use crate::ground::Ground;
use crate::rig::Rig;
use crate::seen::{Expected, Seen};
use crate::story::Story::{self, Keyless, Late, Orders, Wrong};
use crate::table::Cells;
use crate::wire::Wire;
use flotilla_task::Stage::{self, Communication, Decision, Ingestion, Processing, State};
use flotilla_tests::until;
use flotilla_wire::host::Delivery;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// Longer than a client waits for an answer before it asks again, in milliseconds.
const NO_ANSWER: u64 = 2_000;
/// Longer than a partner is waited for, in milliseconds.
const TOO_LATE: u64 = 2_300;
/// More than the SDK tries by itself.
const STUBBORN: u32 = 4;

/// Some calls of an agent go wrong.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fault {
    agent: Stage,
    /// What the wire proxy does.
    kind: &'static str,
    action: &'static str,
    /// Which of these calls: words that only they hold.
    which: &'static str,
    times: u32,
    story: Story,
}

impl Cells for Fault {
    fn cells(&self) -> [String; 3] {
        let call = format!("{} {} {}", self.kind, self.action, self.which);
        [self.agent.to_string(), call.trim().to_owned(), format!("{:?}", self.story)]
    }
}

/// A write is applied, and its answer does not come.
const fn lost(agent: Stage, action: &'static str, which: &'static str, story: Story) -> Fault {
    Fault { agent, kind: "lose_answer", action, which, times: 3, story }
}

/// A call is refused more often than the SDK repeats it.
const fn refused(agent: Stage, kind: &'static str, action: &'static str) -> Fault {
    Fault { agent, kind, action, which: "", times: STUBBORN, story: Orders }
}

const SEND: &str = "SendMessageBatch";

/// Every kind of write loses its answer once; every agent is throttled, fails, and
/// has messages refused.
pub(crate) const FAULTS: &[Fault] = &[
    lost(Ingestion, "PutItem", "OWNER", Orders),
    lost(Ingestion, "PutItem", "TASK#", Orders),
    lost(Processing, "UpdateItem", ":payload", Orders),
    lost(Processing, "UpdateItem", ":reason", Wrong),
    lost(Decision, "UpdateItem", ":payload", Orders),
    lost(Communication, "UpdateItem", ":running", Orders),
    lost(Communication, "UpdateItem", ":next", Orders),
    lost(Communication, "UpdateItem", ":live", Orders),
    Fault { times: 1, ..lost(Communication, "UpdateItem", ":intent_until", Keyless) },
    Fault { times: 1, ..lost(Communication, "UpdateItem", ":checkpoints", Keyless) },
    lost(Communication, "UpdateItem", ":payload", Orders),
    lost(State, "PutItem", "SHIPMENT", Orders),
    lost(State, "PutItem", "DECISION#", Orders),
    lost(State, "UpdateItem", ":expires_at", Orders),
    Fault { times: STUBBORN, ..lost(Decision, "UpdateItem", ":payload", Orders) },
    Fault { times: 1, ..lost(Ingestion, SEND, "", Orders) },
    Fault { times: 1, ..lost(Processing, SEND, "", Orders) },
    Fault { times: 1, ..lost(Decision, SEND, "", Orders) },
    Fault { times: 1, ..lost(Communication, SEND, "", Orders) },
    refused(Ingestion, "throttle", "PutItem"),
    refused(Processing, "throttle", "UpdateItem"),
    refused(Decision, "throttle", "UpdateItem"),
    refused(Communication, "throttle", "UpdateItem"),
    refused(State, "throttle", "PutItem"),
    refused(Ingestion, "fail", "PutItem"),
    refused(Processing, "fail", "UpdateItem"),
    refused(Decision, "fail", "UpdateItem"),
    refused(Communication, "fail", "UpdateItem"),
    refused(State, "fail", "UpdateItem"),
    refused(Ingestion, "throttle", SEND),
    refused(Processing, "throttle", SEND),
    refused(Decision, "throttle", SEND),
    refused(Communication, "throttle", SEND),
    Fault { times: 2, ..refused(Ingestion, "fail_entries", SEND) },
    Fault { times: 2, ..refused(Processing, "fail_entries", SEND) },
    Fault { times: 2, ..refused(Decision, "fail_entries", SEND) },
    Fault { times: 2, ..refused(Communication, "fail_entries", SEND) },
];

/// Plays a fault.
pub(crate) async fn on_the_wire(ground: Arc<Ground>, fault: Fault) -> Seen {
    let (mut rig, script) = (Rig::raise(&ground).await, fault.story.script());
    let wire = Wire::start(&ground).await;
    // Of a batch only one shipment's messages are refused.
    let which = if fault.kind == "fail_entries" { &script.then[0].shipment } else { fault.which };
    let rule = json!({"do": fault.kind, "action": fault.action, "contains": which,
        "times": fault.times, "ms": NO_ANSWER});
    wire.rule(&rule).await;
    rig.work(Some(fault.agent), false);
    let launch = rig.launch(fault.agent).with("AWS_ENDPOINT_URL", &wire.url);
    let delivery = Delivery { batch: 10, twice: false };
    rig.map(fault.agent, delivery, launch.clone(), launch);
    rig.tell(&script.then).await;
    rig.settles(&script.all(), None).await;
    assert_eq!(wire.left().await, [0], "the fault has struck as often as it should");
    let mut seen = Seen::of(&rig, &script);
    seen.refused = wire.refused().await;
    if fault.kind == "lose_answer" && fault.action != SEND {
        assert_eq!((seen.busy, seen.resent), (0, 0), "a write did not know itself again");
    }
    let expected = Expected { refused: fault.story == Wrong, ..Expected::default() };
    seen.judge(expected, &rig.books().await, &script, &rig);
    rig.strike().await;
    seen
}

/// Something that a whole row of agents goes through.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Whole(pub(crate) &'static str, pub(crate) Story);

impl Cells for Whole {
    fn cells(&self) -> [String; 3] {
        ["all".to_owned(), self.0.to_owned(), format!("{:?}", self.1)]
    }
}

/// Every message of every queue is delivered once more when it is done.
pub(crate) async fn delivered_twice(ground: Arc<Ground>, whole: Whole) -> Seen {
    let (mut rig, script) = (Rig::raise(&ground).await, whole.1.script());
    rig.work(None, true);
    for told in [&script.before, &script.then, &script.after] {
        rig.tell(told).await;
    }
    rig.settles(&script.all(), None).await;
    let mut seen = Seen::of(&rig, &script);
    let expected = Expected { refused: whole.1 == Wrong, ..Expected::default() };
    seen.judge(expected, &rig.books().await, &script, &rig);
    assert!(seen.redelivered as usize > seen.tasks, "{seen:?}");
    rig.strike().await;
    seen
}

/// A carrier books when nobody waits for its answer any more.
pub(crate) async fn answered_too_late(ground: Arc<Ground>, whole: Whole) -> Seen {
    let (mut rig, script) = (Rig::raise(&ground).await, whole.1.script());
    for carrier in ["steady", "tortoise"] {
        rig.mood(carrier, &json!({"latency_ms": [TOO_LATE, TOO_LATE]})).await;
    }
    rig.work(None, false);
    rig.tell(&script.then).await;
    let limit = Duration::from_secs(60);
    until("every call to be given up once", limit, || async {
        let records = rig.records(&script.then).await;
        let tried = records.iter().filter(|record| {
            record.stage == Communication && (record.attempts > 0 || record.intent.is_some())
        });
        (tried.count() == script.then.len()).then_some(())
    })
    .await;
    for carrier in ["steady", "tortoise"] {
        rig.mood(carrier, &json!({"latency_ms": [0, 0]})).await;
    }
    rig.settles(&script.then, None).await;
    until("every booking to be made", limit, || async {
        (rig.books().await.world.bookings.len() == script.then.len()).then_some(())
    })
    .await;
    let mut seen = Seen::of(&rig, &script);
    let expected = Expected { held: whole.1 == Keyless, ..Expected::default() };
    seen.judge(expected, &rig.books().await, &script, &rig);
    rig.strike().await;
    seen
}

/// What is delivered twice.
pub(crate) const TWICE: &[Whole] = &[
    Whole("delivered twice", Orders),
    Whole("delivered twice", Keyless),
    Whole("delivered twice", Late),
    Whole("delivered twice", Wrong),
];
/// Who answers too late.
pub(crate) const TOO_LATE_ANSWERS: &[Whole] =
    &[Whole("answered too late", Orders), Whole("answered too late", Keyless)];
