//! The function that is measured: everything of a real one but an agent, a table and
//! queues.

use super::tasks;
use flotilla_runtime::Service;
use flotilla_runtime::batch::BatchLoop;
use flotilla_runtime::meter::Meter;
use flotilla_runtime::metrics::Recorder;
use flotilla_runtime::queue::{NotSent, Outgoing, Queues, Router};
use flotilla_runtime::settings::{Environment, Settings};
use flotilla_runtime::stage::{Protocol, Straight};
use flotilla_runtime::telemetry;
use flotilla_runtime::trace::{Traced, Tracer};
use flotilla_task::memory::MemoryStore;
use flotilla_task::{Agent, Clock, Failure, Next, Stage, StageMessage, SystemClock, TaskStore};
use std::sync::Arc;
use std::time::Duration;

/// Says how many tasks the store begins with.
pub const TASKS: &str = "BENCH_TASKS";

/// Moves a task on as processing does, and does nothing else.
#[derive(Debug, Clone, Copy)]
pub struct Noop;

impl Agent for Noop {
    const STAGE: Stage = Stage::Processing;

    async fn work(&self, message: &StageMessage) -> Result<Next, Failure> {
        Ok(Next::Stage { stage: Stage::Decision, payload: message.payload.clone() })
    }
}

/// Takes everything, and forgets it: what the loop does ends with handing it over.
#[derive(Debug, Clone, Copy)]
pub struct Taken;

impl Queues for Taken {
    async fn send(&self, _url: &str, messages: &[Outgoing]) -> Vec<Result<(), NotSent>> {
        messages.iter().map(|_| Ok(())).collect()
    }

    async fn give_back(&self, _url: &str, _messages: &[(String, Duration)]) {}
}

/// The function, wired as `flotilla_runtime::Function` wires the real ones.
pub type Measured = Service<Straight<Noop, MemoryStore, SystemClock>, Taken, SystemClock>;

/// Makes it from the environment, with the tasks of the first numbers on record.
///
/// # Errors
/// When a setting is wrong.
pub async fn start() -> Result<Measured, lambda_runtime::Error> {
    let env = Environment::of_process();
    telemetry::start(&env)?;
    let settings = Settings::read(&env)?;
    let store = MemoryStore::default();
    for number in 0..env.parse_or(TASKS, 0, "a whole number")? {
        store.apply(&tasks::creation(number)?).await?;
    }
    let (stage, clock, meter) = (Noop::STAGE, SystemClock, Arc::new(Meter::default()));
    let tracer = Tracer::open(stage, &env);
    tracer.warm_up(clock.now());
    let router = Router::new(stage, settings.queue_url.clone(), settings.next.clone());
    let protocol = Protocol {
        store,
        clock,
        router: router.traced(tracer.leads()),
        settings: settings.clone(),
        meter: Arc::clone(&meter),
    };
    let handler = Straight { agent: Noop, protocol };
    let recorder = Recorder::new(&env, stage, clock, Arc::clone(&meter), Duration::ZERO)?;
    let handler = Traced { handler, tracer, clock };
    let batch = BatchLoop { handler, queues: Taken, clock, settings, meter };
    Ok(Service { stage, batch, recorder })
}
