//! What Lambda calls: the batch loop, and around it what each invocation tells.

use crate::batch::{BatchLoop, Handler, SqsEvent};
use crate::metrics::Recorder;
use crate::queue::Queues;
use crate::telemetry::About;
use crate::trace::Traced;
use aws_lambda_events::event::sqs::SqsBatchResponse;
use flotilla_crashpoint::{Point, reach};
use flotilla_task::{Clock, Stage, Timestamp};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use std::pin::pin;

/// A function that is ready for events. The real one and the one that is measured
/// (`tests/bench`) differ in what it is made of, and in nothing here.
#[derive(Debug)]
pub struct Service<H, Q, C> {
    /// Its stage.
    pub stage: Stage,
    /// Works on the records.
    pub batch: BatchLoop<Traced<H, C>, Q, C>,
    /// Writes a record of metrics for each invocation.
    pub recorder: Recorder<C>,
}

impl<H: Handler, Q: Queues, C: Clock> Service<H, Q, C> {
    /// One invocation.
    ///
    /// # Errors
    /// When the event cannot be answered record by record.
    pub async fn invoke(&self, event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Error> {
        let request = event.context.request_id.as_str();
        let invocation = self.recorder.begin(request, event.payload.records.len());
        let deadline = Timestamp::from_millis(event.context.deadline);
        let tracer = &self.batch.handler.tracer;
        tracer.invoked(event.context.xray_trace_id.as_deref());
        let work = pin!(self.batch.run(event.payload, deadline));
        let response = About::invocation(self.stage, request).scope(work).await?;
        reach(Point::Flushed);
        invocation.done();
        let now = self.batch.clock.now();
        tracer.flush(now, now.until(deadline)).await;
        Ok(response)
    }

    /// Answers invocations until the environment ends.
    ///
    /// # Errors
    /// When the Lambda runtime API fails.
    pub async fn run(self) -> Result<(), Error> {
        let service = &self;
        lambda_runtime::run(service_fn(move |event| service.invoke(event))).await
    }
}
