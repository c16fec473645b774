#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use super::*;
use crate::cloud::steps::Step;
use flotilla_task::{
    AttemptId, Checkpoints, Epoch, EventId, Intent, Payload, Reason, ReasonCode, ShipmentId,
    Source, TaskId, Tenant, Timestamp,
};

/// Fri 27 Nov 2026 08:00 UTC.
const EIGHT: u64 = 1_795_766_400_000;

fn at(ms: u64) -> Timestamp {
    Timestamp::from_millis(EIGHT + ms)
}

fn record(stage: Stage, status: Status, payload: &Value) -> TaskRecord {
    TaskRecord {
        id: TaskId::new("0a1f").unwrap(),
        shipment: ShipmentId::new("S1").unwrap(),
        tenant: Some(Tenant::new("acme").unwrap()),
        source: Source::new("urn:shop").unwrap(),
        event: EventId::new("order-1").unwrap(),
        stage,
        status,
        epoch: Epoch::new(6),
        writer: AttemptId::new("77aa").unwrap(),
        attempts: 2,
        resends: 1,
        payload: Payload::from_json(payload.to_string()),
        checkpoints: Checkpoints::from([("refused".to_owned(), "1".to_owned())]),
        intent: None,
        reason: Some(Reason::new(ReasonCode::Ambiguous, "tortoise did not answer")),
        trace: None,
        hops: 3,
        created_at: at(0),
        updated_at: at(4_000),
        ended_at: None,
    }
}

fn step(ms: u64, agent: Stage, fields: &Value) -> Step {
    Step::read(agent, EIGHT + ms, &json!({"level": "INFO", "fields": fields}).to_string()).unwrap()
}

fn decided() -> Value {
    json!({
        "event": {"order": {"at": "2026-11-27T07:59:00Z", "ids": ["booking:BKR-77"]}},
        "known": {
            "from": "NLRTM", "to": "DEBER", "g": 2450, "value": "99.80 EUR",
            "promised": "2026-11-30T17:00:00Z", "level": "standard",
            "as_of": "2026-11-27T08:00:00Z", "slot": {"gen": 0},
        },
        "decision": {
            "action": {"book": {"carrier": "tortoise", "service": "economy", "cost": 781}},
            "reason": "It is the cheapest that keeps the promise.",
            "policy": "default@1", "decided_on": 0,
        },
    })
}

#[test]
fn a_held_task_says_how_it_came_there_and_what_to_do() {
    let held = Status::Held { lease_until: Some(at(90_000)) };
    let mut record = record(Stage::Communication, held, &decided());
    record.intent = Some(Intent { effect: "book".to_owned(), until: at(9_000) });
    let claimed = json!({"message": "claimed", "task": "0a1f", "epoch": 4, "owner": "77aa"});
    let told = Told {
        steps: vec![
            step(100, Stage::Decision, &json!({"message": "decided", "action": "book"})),
            step(1_000, Stage::Communication, &claimed),
        ],
        problems: vec!["/flotilla/f/state: AccessDeniedException".to_owned()],
    };
    let concluded = carried(&record);
    let story = Story { record, told, concluded };
    let expected = "  task 0a1f of shipment S1
    event order-1 of urn:shop
    tenant acme
    Fri 27 Nov 08:00:00.000  created
    Fri 27 Nov 08:00:00.100  decision       decided: action book
    Fri 27 Nov 08:00:01.000  communication  claimed: epoch 4, owner 77aa
    logs that could not be read: /flotilla/f/state: AccessDeniedException
    Fri 27 Nov 08:00:04.000  held at communication: epoch 6, written by 77aa
        because: tortoise did not answer (ambiguous)
        failures at this stage: 2
        resends by recovery at this stage: 1
        lease of 77aa until Fri 27 Nov 08:01:30.000
        done: refused, with 1
        may have happened: book; under way until Fri 27 Nov 08:00:09.000 at most
        whether it did is for a person to say, from Fri 27 Nov 08:01:30.000 on
    about order at Fri 27 Nov 07:59 UTC
        decided: book tortoise economy for 7.81. It is the cheapest that keeps the promise.
        by the policy default@1
  `flotilla release 0a1f` lets it go on, `flotilla cancel 0a1f` stops it.
";
    assert_eq!(story.words(), expected);
    let document = story.document();
    assert_eq!(document["lease"]["owner"], "77aa");
    assert_eq!(document["answer_counts_from"], "2026-11-27T08:01:30Z");
    assert_eq!(document["concluded"]["decision"]["policy"], "default@1");
    assert_eq!(document["steps"][1]["more"]["owner"], "77aa");
    assert_eq!(document["reason"]["code"], "ambiguous");
}

#[test]
fn a_task_before_its_decision_carries_none_and_an_ended_one_has_no_lease() {
    let pending = record(Stage::Decision, Status::Pending, &decided());
    assert_eq!(carried(&pending), None);
    let failed = record(Stage::State, Status::Failed, &Value::Null);
    assert_eq!((carried(&failed), lease(&failed)), (None, None));
    let story = Story { record: failed, told: Told::default(), concluded: None };
    let words = story.words();
    assert!(words.contains("failed at state: epoch 6, written by 77aa"), "{words}");
    assert!(words.contains("`flotilla retry 0a1f`"), "{words}");
    assert_eq!(story.document()["answer_counts_from"], Value::Null);
}
