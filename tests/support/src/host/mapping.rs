//! A queue that calls a function: an event source mapping with one environment.
//!
//! Messages that were handed to a process which died, failed or was ended are
//! shown again at once. Lambda leaves them to the visibility timeout; here the
//! test need not wait for it.

use super::answer::acknowledged;
use super::environment::{Environment, Outcome};
use super::event::sqs_event;
use super::launch::Launch;
use super::queue::{Queue, QueueError};
use aws_sdk_sqs::types::{Message, QueueAttributeName};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::task::JoinHandle;

/// How long one call waits for a message.
const POLL: Duration = Duration::from_secs(1);

/// How messages are delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// The most messages in one event.
    pub batch: usize,
    /// Everything that is done is delivered once more, as SQS may.
    pub twice: bool,
}

/// What has happened so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Processes that were started.
    pub started: u32,
    /// Processes that died at work.
    pub died: u32,
    /// Messages that had been handed out before.
    pub redelivered: u32,
    /// Answers that came after the time limit.
    pub late: u32,
    /// Invocations that the function itself reported as failed, or that ran out of time.
    pub failed: u32,
}

/// A queue with a function behind it, until it is dropped.
#[derive(Debug)]
pub struct Mapping {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    queue: Queue,
    delivery: Delivery,
    now: Mutex<Now>,
}

#[derive(Debug, Default)]
struct Now {
    environments: Vec<Arc<Environment>>,
    /// What the process at work was handed.
    hand: Vec<Message>,
    delivered: BTreeSet<String>,
    tally: Tally,
    /// Messages that it acknowledged when others had received them.
    stale: Vec<String>,
    trouble: Option<String>,
    retired: bool,
}

impl Mapping {
    /// Begins to receive. The first process is started by `first`, those that
    /// follow one that is gone by `next`.
    #[must_use]
    pub fn start(queue: Queue, delivery: Delivery, first: Launch, next: Launch) -> Self {
        let shared = Arc::new(Shared { queue, delivery, now: Mutex::default() });
        let task = tokio::spawn(Arc::clone(&shared).run(first, next));
        Self { shared, task }
    }

    /// The process that is at work, or was last.
    #[must_use]
    pub fn environment(&self) -> Option<Arc<Environment>> {
        self.shared.now().environments.last().cloned()
    }

    /// Every process so far.
    #[must_use]
    pub fn environments(&self) -> Vec<Arc<Environment>> {
        self.shared.now().environments.clone()
    }

    /// What has happened so far.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.shared.now().tally
    }

    /// Whether a process has a batch in hand.
    #[must_use]
    pub fn is_at_work(&self) -> bool {
        !self.shared.now().hand.is_empty()
    }

    /// Why it has given up, if it has.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.shared.now().trouble.clone()
    }

    /// The ids of messages that it acknowledged when others had received them. SQS
    /// may or may not heed such an acknowledgement.
    #[must_use]
    pub fn stale(&self) -> Vec<String> {
        self.shared.now().stale.clone()
    }

    /// Deletes those of its messages in hand that somebody else has acknowledged.
    ///
    /// # Errors
    /// When the queue does not answer.
    pub async fn heed(&self, acknowledged: &[String]) -> Result<(), QueueError> {
        let hand = self.shared.now().hand.clone();
        for message in hand {
            if acknowledged.iter().any(|id| Some(id.as_str()) == message.message_id()) {
                self.shared.queue.delete(&message).await?;
            }
        }
        Ok(())
    }

    /// Ends between two batches. A call for messages that is under way is waited
    /// for: what it brings would be invisible to everybody.
    pub async fn retire(mut self) {
        self.shared.now().retired = true;
        if let Err(error) = (&mut self.task).await {
            tracing::error!(%error, "a mapping broke off");
        }
    }

    /// The visibility timeout of what is in hand is over: others receive it.
    ///
    /// # Errors
    /// When the queue does not answer.
    pub async fn lapse(&self) -> Result<(), QueueError> {
        let hand = self.shared.now().hand.clone();
        self.shared.queue.show(&hand).await
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    /// Nothing panics while it is held, and each change leaves it whole.
    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run(self: Arc<Self>, first: Launch, next: Launch) {
        if let Err(trouble) = self.receive(first, &next).await {
            tracing::error!(%trouble, queue = self.queue.url, "a mapping gives up");
            self.now().trouble = Some(trouble);
        }
    }

    async fn receive(&self, first: Launch, next: &Launch) -> Result<(), String> {
        let arn = self.queue.attribute(QueueAttributeName::QueueArn).await;
        let arn = arn.map_err(|error| error.to_string())?;
        let (mut launch, mut environment) = (first, None);
        loop {
            let batch = self.queue.receive(self.delivery.batch, POLL).await;
            let batch = batch.map_err(|error| error.to_string())?;
            if self.now().retired {
                let shown = self.queue.show(&batch).await;
                return shown.map_err(|error| error.to_string());
            }
            if batch.is_empty() {
                continue;
            }
            self.takes(&batch);
            let process = match environment.take() {
                Some(process) => process,
                None => {
                    let started = Environment::start(std::mem::replace(&mut launch, next.clone()));
                    let started = Arc::new(started.await.map_err(|error| error.to_string())?);
                    let mut now = self.now();
                    now.environments.push(Arc::clone(&started));
                    now.tally.started += 1;
                    started
                }
            };
            let event = sqs_event(&arn, &batch).to_string();
            let outcome = process.invoke(event.into_bytes()).await;
            if !matches!(outcome, Outcome::Died(_) | Outcome::TimedOut) {
                environment = Some(process);
            }
            self.ends(&batch, &outcome).await.map_err(|error| error.to_string())?;
            self.now().hand.clear();
        }
    }

    fn takes(&self, batch: &[Message]) {
        let mut now = self.now();
        now.hand = batch.to_vec();
        let again = batch.iter().filter(|message| receives(message) > 1).count();
        now.tally.redelivered += u32::try_from(again).unwrap_or(u32::MAX);
    }

    /// What becomes of the messages.
    async fn ends(&self, batch: &[Message], outcome: &Outcome) -> Result<(), QueueError> {
        let count = |count: fn(&mut Tally)| count(&mut self.now().tally);
        let answer = match outcome {
            Outcome::Answered(answer) => answer,
            // They were handed to others long ago.
            Outcome::Late(_) => {
                count(|tally| tally.late += 1);
                return Ok(());
            }
            Outcome::Died(_) => {
                count(|tally| tally.died += 1);
                return self.queue.show(batch).await;
            }
            Outcome::Failed(_) | Outcome::TimedOut => {
                count(|tally| tally.failed += 1);
                return self.queue.show(batch).await;
            }
        };
        for message in acknowledged(batch, answer) {
            if self.delivery.twice && self.is_new(message) {
                self.queue.show(std::slice::from_ref(message)).await?;
            } else if let Err(error) = self.queue.delete(message).await {
                // Handed out again meanwhile: it is somebody else's to delete.
                tracing::debug!(%error, "not deleted");
                self.now().stale.push(message.message_id().unwrap_or_default().to_owned());
            }
        }
        Ok(())
    }

    /// Whether a message has not been delivered to its end before.
    fn is_new(&self, message: &Message) -> bool {
        self.now().delivered.insert(message.message_id().unwrap_or_default().to_owned())
    }
}

fn receives(message: &Message) -> u32 {
    use aws_sdk_sqs::types::MessageSystemAttributeName::ApproximateReceiveCount;
    let count = message.attributes().and_then(|all| all.get(&ApproximateReceiveCount));
    count.and_then(|count| count.parse().ok()).unwrap_or(1)
}
