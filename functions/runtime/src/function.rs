//! A function from its settings to its first event: what every `main` calls.

use crate::aws;
use crate::batch::{BatchLoop, Handler};
use crate::meter::Meter;
use crate::metrics::Recorder;
use crate::queue::{Router, SqsQueues};
use crate::records::Records;
use crate::service::Service;
use crate::settings::{Environment, Settings};
use crate::signed::{self, Signed};
use crate::stage::Protocol;
use crate::store::DynamoTasks;
use crate::table::Table;
use crate::telemetry;
use crate::trace::{Traced, Tracer};
use aws_config::SdkConfig;
use flotilla_task::{Clock, Stage, SystemClock};
use lambda_runtime::Error;
use std::sync::Arc;
use std::time::Instant;

/// Everything a function is wired from.
#[derive(Debug)]
pub struct Function {
    /// Its stage.
    pub stage: Stage,
    /// Its environment, for settings of its own.
    pub env: Environment,
    /// Its common settings.
    pub settings: Settings,
    /// The table.
    pub table: Table,
    /// Counts.
    pub meter: Arc<Meter>,
    tracer: Tracer,
    sqs: aws_sdk_sqs::Client,
    config: SdkConfig,
    started: Instant,
}

impl Function {
    /// Starts logging, reads the settings, makes the clients and warms them up.
    ///
    /// # Errors
    /// When a setting is missing or wrong; the environment does not start then.
    pub async fn start(stage: Stage) -> Result<Self, Error> {
        let started = Instant::now();
        let env = Environment::of_process();
        telemetry::start(&env)?;
        let settings = Settings::read(&env)?;
        let config = aws::configuration(&env)?;
        let meter = Arc::new(Meter::default());
        let table = aws::table(&config, &settings.table, &meter);
        let sqs = aws_sdk_sqs::Client::new(&config);
        let tracer = Tracer::open(stage, &env);
        tracer.warm_up(SystemClock.now());
        aws::warm_up(&table, &sqs, &settings.queue_url).await;
        Ok(Self { stage, env, settings, table, meter, tracer, sqs, config, started })
    }

    /// Warms up for an agent that reads the table so many times side by side for one
    /// record. One connection is there already.
    pub async fn reads_side_by_side(&self, reads: u32) {
        aws::warm_up_reads(&self.table, reads).await;
    }

    /// The protocol for this function's stage.
    #[must_use]
    pub fn protocol(&self) -> Protocol<DynamoTasks, SystemClock> {
        let own = self.settings.queue_url.clone();
        Protocol {
            store: DynamoTasks::new(self.table.clone(), self.settings.horizon),
            clock: SystemClock,
            router: Router::new(self.stage, own, self.settings.next.clone())
                .traced(self.tracer.leads()),
            settings: self.settings.clone(),
            meter: Arc::clone(&self.meter),
        }
    }

    /// The records of shipments and lanes.
    #[must_use]
    pub fn records(&self) -> Records {
        Records::new(self.table.clone(), self.settings.horizon)
    }

    /// The queues, for what must leave before an invocation's flush.
    #[must_use]
    pub fn queues(&self) -> SqsQueues {
        SqsQueues::new(self.sqs.clone()).traced(self.tracer.clone())
    }

    /// The calls to AWS that are signed by hand: for secrets and documents.
    ///
    /// # Errors
    /// When the environment lacks a region or credentials.
    pub fn signed(&self) -> Result<Signed, signed::Error> {
        Signed::new(&self.config)
    }

    /// Runs the batch loop around a handler until the environment ends.
    ///
    /// # Errors
    /// When the Lambda runtime API fails.
    pub async fn run<H: Handler>(self, handler: H) -> Result<(), Error> {
        let (meter, ready_after) = (Arc::clone(&self.meter), self.started.elapsed());
        let recorder = Recorder::new(&self.env, self.stage, SystemClock, meter, ready_after)?;
        let batch = BatchLoop {
            queues: self.queues(),
            handler: Traced { handler, tracer: self.tracer, clock: SystemClock },
            clock: SystemClock,
            settings: self.settings,
            meter: self.meter,
        };
        Service { stage: self.stage, batch, recorder }.run().await
    }
}
