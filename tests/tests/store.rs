//! The DynamoDB expressions against the transition function, on a strict
//! database inside this process and on the deployed fleet's: random histories
//! have the same outcomes, concurrent ones are linearizable, and of many
//! claimers one wins.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what is wrong by panicking"
)]

use fastrand::Rng;
use flotilla_task::memory::MemoryStore;
use flotilla_task::*;
use flotilla_tests::callers::{Calm, Trouble, history};
use flotilla_tests::commands::{TICK, action, command, new_task};
use flotilla_tests::history::{Operation, linearize};
use flotilla_tests::{Fleet, Strict, fresh, now};
use futures_util::future::join_all;
use serde_json::json;
use std::time::Duration;

/// Histories of one writer, and the writes of each.
const HISTORIES: usize = 40;
const STEPS: usize = 40;
/// Tasks that many callers work on at the same time.
const CONTENDED: u64 = 24;

#[tokio::test]
async fn random_histories_have_the_same_outcomes_on_a_strict_wire_and_on_the_pure_function() {
    same_outcomes(&Strict::start().tasks).await;
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn random_histories_have_the_same_outcomes_on_dynamodb_and_on_the_pure_function() {
    let fleet = Fleet::connect().await;
    for task in same_outcomes(&fleet.tasks).await {
        fleet.cancel(&task).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_claimers_exactly_one_wins_on_a_strict_wire() {
    one_winner(&Strict::start().tasks).await;
}

#[tokio::test]
#[ignore = "needs a deployed fleet: make test"]
async fn of_many_claimers_exactly_one_wins() {
    let fleet = Fleet::connect().await;
    let task = one_winner(&fleet.tasks).await;
    fleet.cancel(&task).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_histories_are_linearizable_on_a_strict_wire() {
    linearizable(&Strict::start().tasks, &Calm).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_histories_with_lost_answers_and_doubled_writes_are_linearizable() {
    let strict = Strict::start();
    let proxy = flotilla_wire::start(&strict.url).await.unwrap();
    let tasks = strict.tasks_through(&proxy.url);
    linearizable(&tasks, &Rough::new(&proxy.url)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a deployed fleet: make test"]
async fn concurrent_histories_are_linearizable_on_dynamodb() {
    let fleet = Fleet::connect().await;
    for task in linearizable(&fleet.tasks, &Calm).await {
        fleet.cancel(&task).await;
    }
}

/// Runs random commands on the store and on the pure one.
async fn same_outcomes(store: &impl TaskStore) -> Vec<TaskId> {
    let seed = fastrand::u64(..);
    let mut rng = Rng::with_seed(seed);
    let (mut applied, mut refused, mut tasks) = (0, 0, Vec::new());
    for _ in 0..HISTORIES {
        let task = TaskId::new(fresh("history")).unwrap();
        let model = MemoryStore::default();
        let mut at = now();
        let mut last: Option<Command> = None;
        for step in 0..STEPS {
            at = at.plus(TICK * rng.u32(..4));
            let record = model.get(&task).await.unwrap();
            // Now and then the very same command again, as after a lost answer.
            let again = last.take().filter(|_| rng.u8(..6) == 0);
            let command = again.unwrap_or_else(|| {
                let action = action(&mut rng, record.as_ref(), at);
                command(&task, &format!("attempt-{step}"), at, action)
            });
            let expected = model.apply(&command).await.unwrap();
            let real = store.apply(&command).await.unwrap();
            assert_eq!(real, expected, "seed {seed}, step {step}: {command:?} on {record:?}");
            match expected {
                Outcome::Applied(_) => applied += 1,
                Outcome::Refused { .. } => refused += 1,
            }
            last = Some(command);
        }
        let left = model.get(&task).await.unwrap();
        assert_eq!(store.get(&task).await.unwrap(), left);
        tasks.push(task);
    }
    assert!(applied > 50 && refused > 50, "{applied} applied, {refused} refused");
    tasks
}

async fn one_winner(store: &impl TaskStore) -> TaskId {
    let task = TaskId::new(fresh("race")).unwrap();
    let create = Action::Create(new_task("S2"));
    let mut record = applied(store, &command(&task, "c", now(), create)).await;
    for stage in [Stage::Decision, Stage::Communication] {
        let next = Next::Stage { stage, payload: Payload::from_json("1".into()) };
        let commit = Action::Commit { fence: Fence::of(&record), next };
        record = applied(store, &command(&task, stage.as_str(), now(), commit)).await;
    }
    let lease_until = now().plus(Duration::from_secs(60));
    let claims = (0..20).map(|n| {
        let claim = Action::Claim { stage: Stage::Communication, lease_until };
        let command = command(&task, &format!("claimer-{n}"), now(), claim);
        async move { store.apply(&command).await.unwrap() }
    });
    let mut winners = Vec::new();
    for claim in join_all(claims).await {
        match claim {
            Outcome::Applied(record) => winners.push(record.writer),
            Outcome::Refused { refusal, record } => {
                assert_eq!(refusal, Refusal::Busy { until: lease_until });
                // The refusal brings the record: no second read.
                assert_eq!(record.unwrap().status, Status::Running { lease_until });
            }
        }
    }
    assert_eq!(winners.len(), 1, "{winners:?}");
    let after = store.get(&task).await.unwrap();
    assert_eq!(after.as_ref().map(|r| r.epoch), Some(record.epoch.next()));
    task
}

async fn applied(store: &impl TaskStore, command: &Command) -> TaskRecord {
    match store.apply(command).await.unwrap() {
        Outcome::Applied(record) => record,
        Outcome::Refused { refusal, .. } => panic!("{refusal:?}"),
    }
}

/// Records concurrent histories and checks each against the pure function.
async fn linearizable(store: &impl TaskStore, trouble: &impl Trouble) -> Vec<TaskId> {
    let seed = fastrand::u64(..);
    let tasks: Vec<_> = (0..CONTENDED).map(|_| TaskId::new(fresh("contended")).unwrap()).collect();
    let histories =
        tasks.iter().zip(seed..).map(|(task, seed)| history(store, trouble, task, seed));
    let (mut applied, mut refused, mut overlaps) = (0, 0, 0);
    for history in join_all(histories).await {
        if let Err(unexplained) = linearize(&history) {
            panic!("seed {seed}: {unexplained}");
        }
        let writes = history.iter().filter(|operation| operation.is_applied()).count();
        (applied, refused) = (applied + writes, refused + history.len() - writes);
        overlaps += history.iter().filter(|one| is_overtaken(one, &history)).count();
    }
    assert!(applied > 100 && refused > 100, "{applied} applied, {refused} not");
    assert!(overlaps > 100, "only {overlaps} operations met another's write");
    tasks
}

/// Whether another caller's write stood while this one was under way.
fn is_overtaken(one: &Operation, history: &[Operation]) -> bool {
    let meets = |other: &Operation| other.invoked < one.returned && one.invoked < other.returned;
    let mut others = history.iter().filter(|other| other.invoked != one.invoked);
    others.any(|other| other.is_applied() && meets(other))
}

/// Lets the proxy lose answers and double requests of every eighth attempt or so.
struct Rough {
    faults: String,
    http: reqwest::Client,
}

impl Rough {
    fn new(proxy: &str) -> Self {
        Self { faults: format!("{proxy}/_wire/faults"), http: reqwest::Client::new() }
    }
}

impl Trouble for Rough {
    async fn for_attempt(&self, attempt: &AttemptId, rng: &mut Rng) -> usize {
        if rng.u8(..8) > 0 {
            return 0;
        }
        let kind = ["lose_answer", "duplicate"][rng.usize(..2)];
        let times = rng.usize(1..=3);
        let rule = json!({"do": kind, "contains": attempt.as_str(), "times": times, "ms": 0});
        let answer = self.http.post(&self.faults).json(&rule).send().await.unwrap();
        assert!(answer.status().is_success());
        times
    }
}
