//! The DynamoDB expressions against the transition function: the same random
//! commands on the real store and on the pure one have the same outcomes.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what is wrong by panicking"
)]

use flotilla_task::memory::MemoryStore;
use flotilla_task::*;
use flotilla_tests::{Fleet, fresh, now};
use std::time::Duration;

const HISTORIES: usize = 12;
const STEPS: usize = 40;

fn new_task(shipment: &str) -> NewTask {
    NewTask {
        shipment: ShipmentId::new(shipment).unwrap(),
        tenant: Some(Tenant::new("acme").unwrap()),
        source: Source::new("urn:flotilla:test").unwrap(),
        event: EventId::new("e").unwrap(),
        payload: Payload::from_json("{\"n\":0}".into()),
        trace: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
    }
}

fn pick<T: Clone>(from: &[T]) -> T {
    from[fastrand::usize(..from.len())].clone()
}

/// A fence that is right, or wrong in one part.
fn fence(record: &TaskRecord) -> Fence {
    let right = Fence::of(record);
    match fastrand::u8(..8) {
        0 => Fence { epoch: Epoch::new(right.epoch.get().saturating_sub(1)), ..right },
        1 => Fence { stage: pick(&Stage::ALL), ..right },
        2 => Fence { status: pick(&StatusKind::ALL), ..right },
        _ => right,
    }
}

fn soon(at: Timestamp) -> Timestamp {
    at.plus(Duration::from_millis(fastrand::u64(..60)))
}

fn next(from: Stage) -> Next {
    let onward: Vec<_> = Stage::ALL.into_iter().filter(|next| from.hands_to(*next)).collect();
    if onward.is_empty() || fastrand::u8(..8) == 0 {
        return Next::Complete;
    }
    let payload = Payload::from_json(format!("{{\"n\":{}}}", fastrand::u8(..)));
    Next::Stage { stage: pick(&onward), payload }
}

fn action(record: Option<&TaskRecord>, at: Timestamp) -> Action {
    let Some(record) = record.filter(|_| fastrand::u8(..20) > 0) else {
        return Action::Create(new_task("S1"));
    };
    let fence = fence(record);
    let reason = Reason::new(pick(&[ReasonCode::Failed, ReasonCode::Operator]), "a \"reason\"\n");
    match fastrand::u8(..14) {
        0..=2 => {
            let stage = if fastrand::u8(..6) == 0 { pick(&Stage::ALL) } else { record.stage };
            Action::Claim { stage, lease_until: soon(at) }
        }
        3..=6 => Action::Commit { fence, next: next(record.stage) },
        7 => Action::Release { fence, reason },
        8 => Action::Yield { fence },
        9 => Action::Fail { fence, reason },
        10 => Action::Hold { fence, reason },
        11 => {
            let done = Answer::Done { result: "{\"r\":1}".into() };
            Action::Resume { fence, answer: pick(&[None, Some(Answer::NotDone), Some(done)]) }
        }
        12 => pick(&[Action::Resend { fence }, Action::Cancel { fence, reason }]),
        _ => {
            let done = Checkpoints::from([("book".to_owned(), "{\"ref\":\"R\"}".to_owned())]);
            let intent = Intent { effect: "book".into(), until: soon(at) };
            Action::Checkpoint {
                fence,
                checkpoints: pick(&[Checkpoints::new(), done]),
                intent: pick(&[None, Some(intent)]),
            }
        }
    }
}

fn command(task: &TaskId, by: &str, at: Timestamp, action: Action) -> Command {
    Command { task: task.clone(), by: AttemptId::new(by).unwrap(), now: at, action }
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn random_histories_have_the_same_outcomes_on_dynamodb_and_on_the_pure_function() {
    let fleet = Fleet::connect().await;
    let seed = fastrand::get_seed();
    let (mut applied, mut refused) = (0, 0);
    for _ in 0..HISTORIES {
        let task = TaskId::new(fresh("history")).unwrap();
        let model = MemoryStore::default();
        let mut at = now();
        let mut last: Option<Command> = None;
        for step in 0..STEPS {
            at = at.plus(Duration::from_millis(fastrand::u64(..40)));
            let record = model.get(&task).await.unwrap();
            // Now and then the very same command again, as after a lost answer.
            let again = last.take().filter(|_| fastrand::u8(..6) == 0);
            let command = again.unwrap_or_else(|| {
                command(&task, &format!("attempt-{step}"), at, action(record.as_ref(), at))
            });
            let expected = model.apply(&command).await.unwrap();
            let real = fleet.tasks.apply(&command).await.unwrap();
            assert_eq!(real, expected, "seed {seed}, step {step}: {command:?} on {record:?}");
            match expected {
                Outcome::Applied(_) => applied += 1,
                Outcome::Refused { .. } => refused += 1,
            }
            last = Some(command);
        }
        let left = model.get(&task).await.unwrap();
        assert_eq!(fleet.tasks.get(&task).await.unwrap(), left);
        fleet.cancel(&task).await;
    }
    assert!(applied > 50 && refused > 50, "{applied} applied, {refused} refused");
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn of_many_claimers_exactly_one_wins() {
    let fleet = Fleet::connect().await;
    let task = TaskId::new(fresh("race")).unwrap();
    let mut record =
        apply(&fleet, &command(&task, "c", now(), Action::Create(new_task("S2")))).await;
    for stage in [Stage::Decision, Stage::Communication] {
        let next = Next::Stage { stage, payload: Payload::from_json("1".into()) };
        let commit = Action::Commit { fence: Fence::of(&record), next };
        record = apply(&fleet, &command(&task, stage.as_str(), now(), commit)).await;
    }
    let lease_until = now().plus(Duration::from_secs(60));
    let claims: Vec<_> = (0..20)
        .map(|n| {
            let claim = Action::Claim { stage: Stage::Communication, lease_until };
            let command = command(&task, &format!("claimer-{n}"), now(), claim);
            let tasks = fleet.tasks.clone();
            tokio::spawn(async move { tasks.apply(&command).await.unwrap() })
        })
        .collect();
    let mut winners = Vec::new();
    for claim in claims {
        match claim.await.unwrap() {
            Outcome::Applied(record) => winners.push(record.writer),
            Outcome::Refused { refusal, record } => {
                assert_eq!(refusal, Refusal::Busy { until: lease_until });
                // The refusal brings the record: no second read.
                assert_eq!(record.unwrap().status, Status::Running { lease_until });
            }
        }
    }
    assert_eq!(winners.len(), 1, "{winners:?}");
    let after = fleet.tasks.get(&task).await.unwrap();
    assert_eq!(after.as_ref().map(|r| r.epoch), Some(record.epoch.next()));
    fleet.cancel(&task).await;
}

async fn apply(fleet: &Fleet, command: &Command) -> TaskRecord {
    match fleet.tasks.apply(command).await.unwrap() {
        Outcome::Applied(record) => record,
        Outcome::Refused { refusal, .. } => panic!("{refusal:?}"),
    }
}
