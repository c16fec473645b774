//! What a line is about: put down once for each record, in every line after that.

use flotilla_task::Stage;
use flotilla_task::envelope::Envelope;
use serde_json::{Map, Value};
use std::future::Future;
use std::sync::Arc;

tokio::task_local! {
    /// Of whatever is worked on here. Records side by side have one each.
    static ABOUT: About;
}

/// What is worked on: an invocation, a record of it, a task.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct About {
    stage: Option<Stage>,
    request: Option<Arc<str>>,
    task: Option<String>,
    shipment: Option<String>,
    epoch: Option<u64>,
    trace: Option<String>,
}

impl About {
    /// An invocation of an agent, by Lambda's id of the request.
    #[must_use]
    pub fn invocation(stage: Stage, request: &str) -> Self {
        Self { stage: Some(stage), request: Some(request.into()), ..Self::default() }
    }

    /// One record of the invocation that is under way: what its message says about
    /// itself. What comes from outside has no task yet.
    #[must_use]
    pub fn record(envelope: &Envelope<'_>) -> Self {
        let task = envelope.task.as_deref().map(str::to_owned);
        Self {
            // On what comes from outside, the subject may be anything.
            shipment: envelope.subject.as_deref().filter(|_| task.is_some()).map(str::to_owned),
            task,
            epoch: envelope.epoch,
            trace: envelope.trace_parent().as_deref().and_then(trace_id).map(str::to_owned),
            ..Self::here()
        }
    }

    /// A task of the record that is worked on.
    #[must_use]
    pub fn task(task: &str, shipment: &str) -> Self {
        Self { task: Some(task.to_owned()), shipment: Some(shipment.to_owned()), ..Self::here() }
    }

    /// Works on it.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        ABOUT.scope(self, work).await
    }

    /// The same for what does not wait.
    pub fn enter<T>(self, work: impl FnOnce() -> T) -> T {
        ABOUT.sync_scope(self, work)
    }

    /// Looks at what is worked on here, if anything is.
    pub(super) fn look<T>(look: impl FnOnce(&Self) -> T) -> Option<T> {
        ABOUT.try_with(look).ok()
    }

    /// What is worked on here, if anything is.
    pub(crate) fn here() -> Self {
        Self::look(Self::clone).unwrap_or_default()
    }

    /// The task, which decides whether its details are logged.
    pub(super) fn the_task(&self) -> Option<&str> {
        self.task.as_deref()
    }

    /// Adds what is known to a line.
    pub(super) fn put(&self, line: &mut Map<String, Value>) {
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                line.insert(name.to_owned(), value);
            }
        };
        put("stage", self.stage.map(|stage| stage.as_str().into()));
        put("request_id", self.request.as_deref().map(Into::into));
        put("task", self.task.as_deref().map(Into::into));
        put("shipment", self.shipment.as_deref().map(Into::into));
        put("epoch", self.epoch.map(Into::into));
        put("trace_id", self.trace.as_deref().map(Into::into));
    }
}

/// The trace in a W3C trace parent: `00-TRACE-PARENT-FLAGS`.
fn trace_id(parent: &str) -> Option<&str> {
    parent.split('-').nth(1)
}
