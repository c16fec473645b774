use super::*;
use crate::steer::samples;
use crate::steer::word::Word;
use flotilla_runtime::queue::{NotSent, Outgoing};
use flotilla_runtime::settings::NextQueues;
use flotilla_task::clock::ManualClock;
use flotilla_task::envelope::Envelope;
use flotilla_task::memory::MemoryStore;
use flotilla_task::{
    Action, AttemptId, Command, Fence, NewTask, Next, Payload, Reason, ReasonCode, Stage, TaskId,
};
use std::sync::Mutex;

const T0: Timestamp = Timestamp::from_millis(1_795_000_000_000);

/// Remembers what left, unless it is to refuse.
#[derive(Debug, Default)]
struct Outbox {
    sent: Mutex<Vec<Outgoing>>,
    refuses: bool,
}

impl Queues for Outbox {
    async fn send(&self, _url: &str, messages: &[Outgoing]) -> Vec<Result<(), NotSent>> {
        if self.refuses {
            return vec![Err(NotSent("AccessDenied".to_owned())); messages.len()];
        }
        self.sent.lock().unwrap().extend_from_slice(messages);
        vec![Ok(()); messages.len()]
    }

    async fn give_back(&self, _url: &str, _messages: &[(String, Duration)]) {}
}

type Bench = Grants<MemoryStore, Outbox, ManualClock>;

fn bench(suffix: &str) -> Bench {
    let url = |name: &str| Some(format!("http://sqs/{name}{suffix}"));
    let next = NextQueues {
        processing: url("processing"),
        decision: url("decision"),
        communication: url("communication"),
        state: url("state"),
    };
    Grants {
        tasks: MemoryStore::default(),
        queues: Outbox::default(),
        router: Router::new(Stage::Ingestion, "http://sqs/ingestion".to_owned(), next),
        clock: ManualClock::at(T0),
        recovery: Recovery {
            after: Duration::from_secs(21_600),
            schedule: "rate(1 day)".to_owned(),
        },
    }
}

impl Bench {
    async fn write(&self, action: Action) -> TaskRecord {
        let by = AttemptId::from_bits(fastrand::u64(..));
        let now = self.clock.now();
        let command = Command { task: TaskId::new("t").unwrap(), by, now, action };
        match self.tasks.apply(&command).await.unwrap() {
            Outcome::Applied(record) => record,
            refused @ Outcome::Refused { .. } => panic!("{refused:?}"),
        }
    }

    /// A task that waits for processing.
    async fn pending(&self) -> TaskRecord {
        let of = samples::pending();
        let (shipment, source, event) = (of.shipment, of.source, of.event);
        let payload = Payload::from_json("{\"a\":1}".to_owned());
        let new = NewTask { shipment, tenant: None, source, event, payload, trace: None };
        self.write(Action::Create(new)).await
    }

    async fn failed(&self) -> TaskRecord {
        let fence = Fence::of(&self.pending().await);
        self.write(Action::Fail { fence, reason: reason() }).await
    }

    async fn stands(&self) -> TaskRecord {
        self.tasks.get(&TaskId::new("t").unwrap()).await.unwrap().unwrap()
    }

    async fn wished(&self, wish: &Wish, record: TaskRecord) -> Told {
        self.grant(wish, record, &Author::default(), false).await.unwrap()
    }

    fn sent(&self) -> Vec<Outgoing> {
        self.queues.sent.lock().unwrap().clone()
    }
}

fn reason() -> Reason {
    Reason::new(ReasonCode::Failed, "it broke")
}

fn release() -> Wish {
    Wish::Release(Word::default())
}

#[tokio::test]
async fn what_goes_on_is_written_first_and_sent_then_with_its_new_epoch() {
    for (suffix, group) in [("", None), (".fifo", Some("SHP-1"))] {
        let bench = bench(suffix);
        let failed = bench.failed().await;
        let told = bench.wished(&Wish::Retry, failed.clone()).await;
        assert_eq!((told.came, told.status), (Came::Done, "pending"), "{told:?}");
        let record = bench.stands().await;
        assert_eq!(record.epoch, failed.epoch.next());
        let [sent] = bench.sent().try_into().unwrap();
        assert_eq!(
            (sent.url, sent.group.as_deref()),
            (format!("http://sqs/processing{suffix}"), group)
        );
        let message = StageMessage::from_envelope(&Envelope::parse(&sent.body).unwrap()).unwrap();
        assert_eq!(message, StageMessage::stored_in(&record), "the stored message, no other");
        assert_eq!(sent.deduplication.is_some(), group.is_some(), "of an epoch that is new");
    }
}

#[tokio::test]
async fn a_message_that_does_not_leave_is_told_and_left_to_recovery() {
    let mut bench = bench("");
    bench.queues.refuses = true;
    let failed = bench.failed().await;
    let told = bench.wished(&Wish::Retry, failed).await;
    assert_eq!(told.came, Came::Unsent);
    assert!(told.text.contains("AccessDenied") && told.text.contains("rate(1 day)"), "{told:?}");
    assert!(!told.came.is_well(), "somebody has to know");
    let written = bench.stands().await;
    assert_eq!(written.status.kind(), StatusKind::Pending);
    // Asking again sends it, and writes nothing.
    bench.queues.refuses = false;
    let told = bench.wished(&Wish::Retry, written.clone()).await;
    assert_eq!(told.came, Came::Done, "{told:?}");
    assert_eq!((bench.stands().await, bench.sent().len()), (written.clone(), 1));
    // Once an agent has come to it, it goes on by itself.
    let fence = Fence::of(&written);
    let agents = bench.write(Action::Release { fence, reason: reason() }).await;
    let told = bench.wished(&Wish::Retry, agents).await;
    assert_eq!((told.came, bench.sent().len()), (Came::Refused, 1), "{told:?}");
}

#[tokio::test]
async fn holding_and_cancelling_send_nothing() {
    let bench = bench("");
    let record = bench.pending().await;
    let wish = Wish::Hold(Author::default().reason(None));
    let told = bench.wished(&wish, record).await;
    assert_eq!((told.came, told.text.as_str()), (Came::Done, "it was pending at processing"));
    let again = bench.wished(&wish, bench.stands().await).await;
    assert_eq!((again.came, again.text.as_str()), (Came::Already, "it was held before"));
    let cancel = Wish::Cancel(Author::default().reason(None));
    let told = bench.wished(&cancel, bench.stands().await).await;
    assert_eq!((told.came, told.status), (Came::Done, "cancelled"));
    assert!(bench.sent().is_empty());
}

/// Two operators look at the same failed task.
#[tokio::test]
async fn who_loses_a_race_is_told_and_changes_nothing() {
    let bench = bench("");
    let seen = bench.failed().await;
    bench.wished(&Wish::Retry, seen.clone()).await;
    let stands = bench.stands().await;
    let told = bench.wished(&Wish::Retry, seen.clone()).await;
    assert_eq!(told.came, Came::Refused);
    assert!(told.text.starts_with("somebody was faster: it is pending at processing"), "{told:?}");
    assert_eq!((bench.stands().await, bench.sent().len()), (stands, 1), "sent once");
}

/// Whoever stops a task means the task, not the try that was under way.
#[tokio::test]
async fn a_task_that_is_tried_meanwhile_is_stopped_all_the_same() {
    let bench = bench("");
    let seen = bench.pending().await;
    let fence = Fence::of(&seen);
    bench.write(Action::Release { fence, reason: reason() }).await;
    let wish = Wish::Hold(Author::default().reason(None));
    assert_eq!(bench.wished(&wish, seen.clone()).await.came, Came::Done);
    // One that has gone on to another stage is not the one that was looked at.
    let (second, cancel) = (self::bench(""), Wish::Cancel(Author::default().reason(None)));
    let seen = second.pending().await;
    let payload = Payload::from_json("2".to_owned());
    let next = Next::Stage { stage: Stage::Decision, payload };
    second.write(Action::Commit { fence: Fence::of(&seen), next }).await;
    let told = second.wished(&cancel, seen).await;
    assert_eq!((told.came, told.stage), (Came::Refused, "decision"), "{told:?}");
    assert_eq!(second.stands().await.status.kind(), StatusKind::Pending);
}

#[tokio::test]
async fn a_task_that_expired_meanwhile_is_told_of() {
    let (there, empty) = (bench(""), bench(""));
    let told = empty.wished(&Wish::Retry, there.failed().await).await;
    assert!(told.text.contains("ended and expired"), "{told:?}");
}

/// Held while an attempt had it: its call may be under way until the lease ends.
#[tokio::test]
async fn an_answer_waits_until_the_lease_has_passed() {
    let bench = bench("");
    let pending = bench.pending().await;
    let payload = || Payload::from_json("2".to_owned());
    let next = Next::Stage { stage: Stage::Decision, payload: payload() };
    let decided = bench.write(Action::Commit { fence: Fence::of(&pending), next }).await;
    let next = Next::Stage { stage: Stage::Communication, payload: payload() };
    bench.write(Action::Commit { fence: Fence::of(&decided), next }).await;
    let lease_until = T0.plus(Duration::from_secs(30));
    let running = bench.write(Action::Claim { stage: Stage::Communication, lease_until }).await;
    let hold = Wish::Hold(Author::default().reason(None));
    let told = bench.wished(&hold, running).await;
    assert!(told.text.contains("may still happen until Wed 18 Nov 11:07:10 UTC"), "{told:?}");
    let early = bench.wished(&release(), bench.stands().await).await;
    assert_eq!(early.came, Came::Refused);
    assert!(early.text.contains("Wed 18 Nov 11:07:10 UTC on, in 30 s; --wait waits"), "{early:?}");
    bench.clock.advance(Duration::from_millis(29_990));
    let (held, author, wish) = (bench.stands().await, Author::default(), release());
    let passes = async { bench.clock.advance(Duration::from_millis(10)) };
    let (told, ()) = tokio::join!(bench.grant(&wish, held, &author, true), passes);
    assert_eq!((told.unwrap().came, bench.sent().len()), (Came::Done, 1));
}
