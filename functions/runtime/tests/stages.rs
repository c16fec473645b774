//! The protocol around an agent's work, over the in-memory store: hand-off,
//! replays, zombies, lost answers, failures.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what is wrong by panicking"
)]

mod support;

use flotilla_runtime::batch::BatchLoop;
use flotilla_runtime::meter::Meter;
use flotilla_runtime::stage::{Claiming, Straight};
use flotilla_task::*;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::*;

/// Fails as told, else hands on.
#[derive(Clone, Default)]
struct Worker(Arc<Mutex<Vec<Failure>>>);

impl Worker {
    async fn next(&self, stage: Stage) -> Result<Next, Failure> {
        let told = self.0.lock().unwrap().pop();
        match told {
            Some(Failure::Permanent(reason)) if reason.text == "panic" => panic!("as told"),
            Some(Failure::Permanent(reason)) if reason.text == "hang" => {
                std::future::pending().await
            }
            Some(failure) => Err(failure),
            None => Ok(Next::Stage { stage, payload: Payload::from_json("\"done\"".into()) }),
        }
    }
}

impl Agent for Worker {
    const STAGE: Stage = Stage::Processing;
    async fn work(&self, _message: &StageMessage) -> Result<Next, Failure> {
        self.next(Stage::Decision).await
    }
}

struct Caller(Worker);

impl ClaimingAgent for Caller {
    const STAGE: Stage = Stage::Communication;
    async fn work<S: TaskStore, C: Clock>(
        &self,
        _task: &mut Claimed<'_, S, C>,
    ) -> Result<Next, Failure> {
        self.0.next(Stage::State).await
    }
}

struct Bench {
    store: FlakyStore,
    clock: SharedClock,
    queues: FakeQueues,
    worker: Worker,
    receives: u32,
    queue: &'static str,
    time: Duration,
}

impl Bench {
    fn new() -> Self {
        Self {
            store: FlakyStore::default(),
            clock: SharedClock::new(),
            queues: FakeQueues::default(),
            worker: Worker::default(),
            receives: 1,
            queue: "own",
            time: Duration::from_secs(30),
        }
    }

    fn fail_with(&self, failure: Failure) {
        self.worker.0.lock().unwrap().push(failure);
    }

    async fn write(&self, by: &str, action: Action) -> TaskRecord {
        let (task, by) = (TaskId::new("t").unwrap(), AttemptId::new(by).unwrap());
        let command = Command { task, by, now: self.clock.now(), action };
        match self.store.inner.apply(&command).await.unwrap() {
            Outcome::Applied(record) => record,
            Outcome::Refused { refusal, .. } => panic!("{refusal:?}"),
        }
    }

    async fn created(&self) -> TaskRecord {
        let new = NewTask {
            shipment: ShipmentId::new("S1").unwrap(),
            tenant: None,
            source: Source::new("s").unwrap(),
            event: EventId::new("e").unwrap(),
            payload: Payload::from_json("\"new\"".into()),
            trace: None,
        };
        self.write("creator", Action::Create(new)).await
    }

    async fn commit(&self, record: &TaskRecord, stage: Stage) -> TaskRecord {
        let payload = Payload::from_json("\"stored\"".into());
        let next = Next::Stage { stage, payload };
        self.write("committer", Action::Commit { fence: Fence::of(record), next }).await
    }

    async fn at_communication(&self) -> TaskRecord {
        let decision = self.commit(&self.created().await, Stage::Decision).await;
        self.commit(&decision, Stage::Communication).await
    }

    async fn now(&self) -> TaskRecord {
        self.store.get(&TaskId::new("t").unwrap()).await.unwrap().unwrap()
    }

    /// Delivers the message to its stage; true when it was acknowledged.
    async fn deliver(&self, message: &StageMessage) -> bool {
        let body = message.to_json().unwrap();
        let event = event(vec![received("m", &body, self.receives, None)]);
        let deadline = self.clock.now().plus(self.time);
        let settings = settings(self.queue);
        let meter = Arc::new(Meter::default());
        let mut protocol = protocol(message.stage, &self.store, &self.clock);
        protocol.settings = settings.clone();
        let (queues, clock) = (self.queues.clone(), self.clock.clone());
        let response = if message.stage == Stage::Communication {
            let handler = Claiming { agent: Caller(self.worker.clone()), protocol };
            BatchLoop { handler, queues, clock, settings, meter }.run(event, deadline).await
        } else {
            let handler = Straight { agent: self.worker.clone(), protocol };
            BatchLoop { handler, queues, clock, settings, meter }.run(event, deadline).await
        };
        response.unwrap().batch_item_failures.is_empty()
    }
}

fn permanent(text: &str) -> Failure {
    Failure::Permanent(Reason::new(ReasonCode::Failed, text))
}

#[tokio::test]
async fn a_stage_commits_then_sends_the_stored_message_then_acknowledges() {
    let bench = Bench::new();
    let record = bench.created().await;
    assert!(bench.deliver(&StageMessage::stored_in(&record)).await);
    let after = bench.now().await;
    assert_eq!((after.stage, after.payload.as_json()), (Stage::Decision, "\"done\""));
    let sent = bench.queues.sent_to("decision");
    assert_eq!(sent[0].body, StageMessage::stored_in(&after).to_json().unwrap());
}

#[tokio::test]
async fn a_crash_between_commit_and_send_is_closed_by_the_redelivery() {
    let bench = Bench::new();
    let record = bench.created().await;
    // Committed by a worker that died before it sent.
    bench.commit(&record, Stage::Decision).await;
    assert!(bench.deliver(&StageMessage::stored_in(&record)).await);
    let sent = bench.queues.sent_to("decision");
    assert_eq!(sent.len(), 1);
    assert!(sent[0].body.contains("\"stored\""), "its own recomputed result was sent");
}

#[tokio::test]
async fn a_failed_send_keeps_the_message_and_its_redelivery_sends() {
    let bench = Bench::new();
    let message = StageMessage::stored_in(&bench.created().await);
    *bench.queues.refuse.lock().unwrap() = Some("done".to_owned());
    assert!(!bench.deliver(&message).await);
    *bench.queues.refuse.lock().unwrap() = None;
    assert!(bench.deliver(&message).await);
    assert_eq!(bench.queues.sent_to("decision").len(), 1);
}

#[tokio::test]
async fn a_duplicate_of_work_long_done_is_acknowledged_and_sends_nothing() {
    let bench = Bench::new();
    let record = bench.created().await;
    let decision = bench.commit(&record, Stage::Decision).await;
    bench.commit(&decision, Stage::Communication).await;
    assert!(bench.deliver(&StageMessage::stored_in(&record)).await);
    assert!(bench.queues.sent.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_lost_answer_is_repeated_and_adopted_once() {
    let bench = Bench::new();
    let message = StageMessage::stored_in(&bench.created().await);
    bench.store.lose_after.store(1, Ordering::SeqCst);
    assert!(bench.deliver(&message).await);
    assert_eq!(bench.now().await.epoch, message.epoch.next());
    assert_eq!(bench.queues.sent_to("decision").len(), 1);
}

#[tokio::test]
async fn two_lost_answers_give_the_message_back_and_its_redelivery_sends_the_stored_one() {
    let bench = Bench::new();
    let message = StageMessage::stored_in(&bench.created().await);
    bench.store.lose_after.store(2, Ordering::SeqCst);
    assert!(!bench.deliver(&message).await);
    assert!(bench.queues.sent.lock().unwrap().is_empty());
    assert!(bench.deliver(&message).await);
    assert_eq!(bench.queues.sent_to("decision").len(), 1);
}

#[tokio::test]
async fn a_busy_task_goes_back_until_its_lease_lapses_and_is_then_taken_over() {
    let bench = Bench::new();
    let record = bench.at_communication().await;
    let lease_until = bench.clock.now().plus(Duration::from_secs(10));
    bench.write("crashed", Action::Claim { stage: Stage::Communication, lease_until }).await;
    let message = StageMessage::stored_in(&record);
    assert!(!bench.deliver(&message).await);
    let back = bench.queues.given_back.lock().unwrap().clone();
    assert_eq!(back, [("receipt-m".to_owned(), Duration::from_secs(10))]);
    bench.clock.0.advance(Duration::from_secs(10));
    assert!(bench.deliver(&message).await);
    assert_eq!(bench.now().await.stage, Stage::State);
}

#[tokio::test]
async fn a_claim_does_not_compare_the_messages_epoch() {
    let bench = Bench::new();
    let record = bench.at_communication().await;
    let message = StageMessage::stored_in(&record);
    bench.write("recovery", Action::Resend { fence: Fence::of(&record) }).await;
    assert!(bench.deliver(&message).await);
    assert_eq!(bench.now().await.stage, Stage::State);
}

#[tokio::test]
async fn a_permanent_failure_is_committed_first_and_dead_lettered_then() {
    for claims in [false, true] {
        let bench = Bench::new();
        let record = if claims { bench.at_communication().await } else { bench.created().await };
        let message = StageMessage::stored_in(&record);
        bench.fail_with(permanent("weight: wrong"));
        *bench.queues.refuse.lock().unwrap() = Some(message.id());
        assert!(!bench.deliver(&message).await, "acknowledged though the letter did not leave");
        assert_eq!(bench.now().await.status, Status::Failed);
        // The replay finds failed and dead-letters again.
        *bench.queues.refuse.lock().unwrap() = None;
        assert!(bench.deliver(&message).await);
        let letters = bench.queues.sent_to("own-dead");
        assert_eq!(letters[0].attributes[0].1, "weight: wrong");
        assert!(letters[0].attributes.contains(&("task", "t".to_owned())));
    }
}

#[tokio::test]
async fn retryable_failures_are_counted_in_the_record_until_the_budget_is_spent() {
    for claims in [false, true] {
        let bench = Bench::new();
        if claims {
            bench.at_communication().await
        } else {
            bench.created().await
        };
        for failures in 1..3 {
            bench.fail_with(Failure::retry("no answer"));
            let message = StageMessage::stored_in(&bench.now().await);
            let acknowledged = bench.deliver(&message).await;
            // An unclaimed stage's message is bound to its epoch: the stored one
            // leaves with a delay, at the new epoch.
            assert_eq!(acknowledged, !claims);
            if !claims {
                let sent = bench.queues.sent_to("own").pop().unwrap();
                assert!(!sent.delay.is_zero());
                let stored = StageMessage::stored_in(&bench.now().await);
                assert_eq!(sent.body, stored.to_json().unwrap());
            }
            let record = bench.now().await;
            assert_eq!((record.attempts, record.status), (failures, Status::Pending));
        }
        bench.fail_with(Failure::retry("no answer"));
        let message = StageMessage::stored_in(&bench.now().await);
        assert!(bench.deliver(&message).await);
        let record = bench.now().await;
        assert_eq!(record.status, Status::Failed);
        let reason = record.reason.unwrap();
        assert_eq!(reason.code, ReasonCode::RetriesExhausted);
        assert_eq!(reason.text, "gave up after 3 failures: no answer");
        assert_eq!(bench.queues.sent_to("own-dead").len(), 1);
    }
}

#[tokio::test]
async fn a_failure_on_the_last_receive_commits_failed() {
    let mut bench = Bench::new();
    let record = bench.created().await;
    bench.receives = 30;
    bench.fail_with(Failure::retry("no answer"));
    assert!(bench.deliver(&StageMessage::stored_in(&record)).await);
    assert_eq!(bench.now().await.status, Status::Failed);
}

#[tokio::test]
async fn a_panic_counts_as_a_failure_of_its_own_task() {
    for claims in [false, true] {
        let bench = Bench::new();
        let record = if claims { bench.at_communication().await } else { bench.created().await };
        bench.fail_with(permanent("panic"));
        bench.deliver(&StageMessage::stored_in(&record)).await;
        let record = bench.now().await;
        assert_eq!((record.attempts, &record.status), (1, &Status::Pending));
        assert_eq!(record.reason.unwrap().code, ReasonCode::Panic);
    }
}

#[tokio::test]
async fn waiting_counts_no_failure_and_leaves_the_queue_when_receives_run_out() {
    let mut bench = Bench::new();
    let record = bench.at_communication().await;
    let message = StageMessage::stored_in(&record);
    let reason = Reason::new(ReasonCode::Failed, "not yet");
    let wait = Failure::Wait { reason, delay: Duration::from_secs(5) };
    bench.fail_with(wait.clone());
    assert!(!bench.deliver(&message).await);
    let waiting = bench.now().await;
    assert_eq!((waiting.attempts, &waiting.status), (0, &Status::Pending));
    bench.receives = 16;
    bench.fail_with(wait);
    assert!(bench.deliver(&message).await, "half the receives are used: a copy goes instead");
    let copy = bench.queues.sent_to("own").pop().unwrap();
    assert_eq!(copy.delay, Duration::from_secs(50), "the longer it waits, the longer it waits");
}

#[tokio::test]
async fn running_out_of_time_is_a_counted_failure_and_gives_the_claim_up() {
    let mut bench = Bench::new();
    let record = bench.at_communication().await;
    bench.time = Duration::from_millis(2_350);
    bench.fail_with(permanent("hang"));
    assert!(!bench.deliver(&StageMessage::stored_in(&record)).await);
    let after = bench.now().await;
    assert_eq!((after.attempts, &after.status), (1, &Status::Pending));
}

#[tokio::test]
async fn on_a_fifo_queue_a_retry_keeps_its_place_in_the_order() {
    let mut bench = Bench::new();
    bench.queue = "own.fifo";
    let message = StageMessage::stored_in(&bench.created().await);
    bench.fail_with(Failure::retry("no answer"));
    assert!(!bench.deliver(&message).await, "a copy would come after the group's next event");
    assert!(bench.queues.sent.lock().unwrap().is_empty());
    bench.receives = 3;
    bench.fail_with(Failure::retry("no answer"));
    assert!(bench.deliver(&message).await);
    assert_eq!(bench.now().await.status, Status::Failed);
}

#[tokio::test]
async fn a_hold_acknowledges_and_waits_for_a_person() {
    let bench = Bench::new();
    let record = bench.at_communication().await;
    bench.fail_with(Failure::Hold(Reason::new(ReasonCode::Ambiguous, "unknown")));
    assert!(bench.deliver(&StageMessage::stored_in(&record)).await);
    assert_eq!(bench.now().await.status.kind(), StatusKind::Held);
    assert!(bench.queues.sent.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_message_without_a_record_is_dead_lettered_with_that_reason() {
    let bench = Bench::new();
    let message = StageMessage::stored_in(&Bench::new().created().await);
    assert!(bench.deliver(&message).await);
    assert_eq!(bench.queues.sent_to("own-dead")[0].attributes[1].1, "no_record");
}

#[tokio::test]
async fn a_message_of_a_newer_version_waits_for_the_rollout_with_a_limit() {
    let mut bench = Bench::new();
    let record = bench.created().await;
    let body = StageMessage::stored_in(&record).to_json().unwrap();
    let body = body.replace("flotilla.task.v1", "flotilla.task.v2");
    let deadline = bench.clock.now().plus(Duration::from_secs(30));
    for (receives, acknowledged) in [(1, false), (2, false), (3, true)] {
        bench.receives = receives;
        let batch = BatchLoop {
            handler: Straight {
                agent: bench.worker.clone(),
                protocol: protocol(Stage::Processing, &bench.store, &bench.clock),
            },
            queues: bench.queues.clone(),
            clock: bench.clock.clone(),
            settings: settings("own"),
            meter: Arc::new(Meter::default()),
        };
        let event = event(vec![received("m", &body, receives, None)]);
        let response = batch.run(event, deadline).await.unwrap();
        assert_eq!(response.batch_item_failures.is_empty(), acknowledged);
    }
    assert_eq!(bench.queues.sent_to("own-dead")[0].attributes[1].1, "newer_version");
    assert_eq!(bench.now().await, record);
}
