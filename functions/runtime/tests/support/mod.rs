//! Fakes behind the real ports: queues that remember and may refuse, a store
//! that may not answer.
#![allow(dead_code, reason = "each test file uses its part")]

pub(crate) mod bench;

use flotilla_runtime::batch::{Incoming, SqsEvent};
use flotilla_runtime::meter::Meter;
use flotilla_runtime::queue::{NotSent, Outgoing, Queues, Router};
use flotilla_runtime::settings::{NextQueues, Settings};
use flotilla_runtime::stage::Protocol;
use flotilla_task::memory::MemoryStore;
use flotilla_task::*;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Queues that keep what is sent, and refuse bodies that contain a word.
#[derive(Debug, Clone, Default)]
pub(crate) struct FakeQueues {
    pub(crate) sent: Arc<Mutex<Vec<Outgoing>>>,
    pub(crate) given_back: Arc<Mutex<Vec<(String, Duration)>>>,
    pub(crate) refuse: Arc<Mutex<Option<String>>>,
}

impl FakeQueues {
    pub(crate) fn sent_to(&self, url: &str) -> Vec<Outgoing> {
        self.sent.lock().unwrap().iter().filter(|m| m.url == url).cloned().collect()
    }
}

impl Queues for FakeQueues {
    async fn send(&self, _url: &str, messages: &[Outgoing]) -> Vec<Result<(), NotSent>> {
        let refuse = self.refuse.lock().unwrap().clone();
        messages
            .iter()
            .map(|message| match &refuse {
                Some(word) if message.body.contains(word) => Err(NotSent("refused".into())),
                _ => {
                    self.sent.lock().unwrap().push(message.clone());
                    Ok(())
                }
            })
            .collect()
    }

    async fn give_back(&self, _url: &str, messages: &[(String, Duration)]) {
        self.given_back.lock().unwrap().extend(messages.iter().cloned());
    }
}

/// The in-memory store, whose next answers may get lost: after the write was
/// applied, or before.
#[derive(Debug, Default, Clone)]
pub(crate) struct FlakyStore {
    pub(crate) inner: Arc<MemoryStore>,
    pub(crate) lose_after: Arc<AtomicU32>,
    pub(crate) lose_before: Arc<AtomicU32>,
}

fn take(counter: &AtomicU32) -> bool {
    counter.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok()
}

impl TaskStore for FlakyStore {
    async fn apply(&self, command: &Command) -> Result<Outcome, StoreError> {
        let lost = || Err(StoreError::Unavailable("lost".into()));
        if take(&self.lose_before) {
            return lost();
        }
        let answer = self.inner.apply(command).await;
        if take(&self.lose_after) { lost() } else { answer }
    }

    async fn get(&self, task: &TaskId) -> Result<Option<TaskRecord>, StoreError> {
        self.inner.get(task).await
    }
}

/// A clock that several hold.
#[derive(Debug, Clone)]
pub(crate) struct SharedClock(pub(crate) Arc<clock::ManualClock>);

impl SharedClock {
    pub(crate) fn new() -> Self {
        Self(Arc::new(clock::ManualClock::at(Timestamp::from_millis(1_000_000))))
    }
}

impl Clock for SharedClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

pub(crate) fn settings(queue_url: &str) -> Settings {
    Settings {
        table: "t".into(),
        queue_url: queue_url.into(),
        dead_letter_url: queue_url.replace("own", "own-dead"),
        next: NextQueues {
            processing: Some("processing".into()),
            decision: Some("decision".into()),
            communication: Some("communication".into()),
            state: Some("state".into()),
        },
        max_receives: 30,
        retry_budget: 3,
        concurrency: 4,
        margin: Duration::from_secs(2),
        horizon: Duration::from_secs(3600),
    }
}

pub(crate) fn protocol(
    stage: Stage,
    store: &FlakyStore,
    clock: &SharedClock,
) -> Protocol<FlakyStore, SharedClock> {
    let settings = settings("own");
    Protocol {
        store: store.clone(),
        clock: clock.clone(),
        router: Router::new(stage, "own".into(), settings.next.clone()),
        settings,
        meter: Arc::new(Meter::default()),
    }
}

pub(crate) fn record(id: &str, body: &str) -> Incoming {
    received(id, body, 1, None)
}

pub(crate) fn received(id: &str, body: &str, receives: u32, group: Option<&str>) -> Incoming {
    Incoming {
        id: id.into(),
        receipt: format!("receipt-{id}"),
        body: body.into(),
        receives,
        group: group.map(str::to_owned),
        sent_at: None,
    }
}

pub(crate) const fn event(records: Vec<Incoming>) -> SqsEvent {
    SqsEvent { records }
}

/// A CloudEvent about a shipment.
pub(crate) fn body(id: &str, subject: &str) -> String {
    format!(
        "{{\"specversion\":\"1.0\",\"id\":\"{id}\",\"source\":\"s\",\"type\":\"t\",\
         \"subject\":\"{subject}\",\"data\":{{}}}}"
    )
}
