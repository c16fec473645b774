//! One task, one stage, one message after the other.

use super::*;
use flotilla_runtime::batch::BatchLoop;
use flotilla_runtime::stage::{Claiming, Straight};

/// Fails as told, else hands on.
#[derive(Clone, Default)]
pub(crate) struct Worker(Arc<Mutex<Vec<Failure>>>);

impl Worker {
    pub(crate) async fn next(&self, stage: Stage) -> Result<Next, Failure> {
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

pub(crate) struct Caller(Worker);

impl ClaimingAgent for Caller {
    const STAGE: Stage = Stage::Communication;
    async fn work<S: TaskStore, C: Clock>(
        &self,
        _task: &mut Claimed<'_, S, C>,
    ) -> Result<Next, Failure> {
        tracing::trace!(target: "flotilla_runtime", "at work");
        self.0.next(Stage::State).await
    }
}

pub(crate) struct Bench {
    pub(crate) store: FlakyStore,
    pub(crate) clock: SharedClock,
    pub(crate) queues: FakeQueues,
    pub(crate) worker: Worker,
    pub(crate) receives: u32,
    pub(crate) queue: &'static str,
    pub(crate) time: Duration,
    pub(crate) meter: Arc<Meter>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self {
            store: FlakyStore::default(),
            clock: SharedClock::new(),
            queues: FakeQueues::default(),
            worker: Worker::default(),
            receives: 1,
            queue: "own",
            time: Duration::from_secs(30),
            meter: Arc::default(),
        }
    }

    pub(crate) fn fail_with(&self, failure: Failure) {
        self.worker.0.lock().unwrap().push(failure);
    }

    pub(crate) async fn write(&self, by: &str, action: Action) -> TaskRecord {
        let (task, by) = (TaskId::new("t").unwrap(), AttemptId::new(by).unwrap());
        let command = Command { task, by, now: self.clock.now(), action };
        match self.store.inner.apply(&command).await.unwrap() {
            Outcome::Applied(record) => record,
            Outcome::Refused { refusal, .. } => panic!("{refusal:?}"),
        }
    }

    pub(crate) async fn created(&self) -> TaskRecord {
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

    pub(crate) async fn commit(&self, record: &TaskRecord, stage: Stage) -> TaskRecord {
        let payload = Payload::from_json("\"stored\"".into());
        let next = Next::Stage { stage, payload };
        self.write("committer", Action::Commit { fence: Fence::of(record), next }).await
    }

    pub(crate) async fn at_communication(&self) -> TaskRecord {
        let decision = self.commit(&self.created().await, Stage::Decision).await;
        self.commit(&decision, Stage::Communication).await
    }

    pub(crate) async fn now(&self) -> TaskRecord {
        self.store.get(&TaskId::new("t").unwrap()).await.unwrap().unwrap()
    }

    /// Delivers the message to its stage; true when it was acknowledged.
    pub(crate) async fn deliver(&self, message: &StageMessage) -> bool {
        self.deliver_as("m", message).await
    }

    /// The same under a message id that SQS gave it.
    pub(crate) async fn deliver_as(&self, id: &str, message: &StageMessage) -> bool {
        let body = message.to_json().unwrap();
        let event = event(vec![received(id, &body, self.receives, None)]);
        let deadline = self.clock.now().plus(self.time);
        let settings = settings(self.queue);
        let meter = Arc::clone(&self.meter);
        let mut protocol = protocol(message.stage, &self.store, &self.clock);
        protocol.meter = Arc::clone(&meter);
        protocol.router = Router::new(message.stage, self.queue.into(), settings.next.clone());
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

pub(crate) fn permanent(text: &str) -> Failure {
    Failure::Permanent(Reason::new(ReasonCode::Failed, text))
}
