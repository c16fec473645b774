//! What a line is about: put down once for each record, in every line after that.

use crate::trace::{Parent, TraceId};
use flotilla_task::envelope::Envelope;
use flotilla_task::{ShipmentId, Stage, TaskId, TaskRecord};
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
    trace: Option<TraceId>,
}

impl About {
    /// An invocation of an agent, by Lambda's id of the request.
    #[must_use]
    pub fn invocation(stage: Stage, request: &str) -> Self {
        Self { stage: Some(stage), request: Some(request.into()), ..Self::default() }
    }

    /// One record of the invocation that is under way: what its message says about
    /// itself, as far as it may be believed ([`told_by`]).
    #[must_use]
    pub fn record(envelope: &Envelope<'_>) -> Self {
        let here = Self::here();
        let told = told_by(envelope, here.stage);
        let epoch = envelope.epoch.filter(|_| told.is_some());
        let (task, shipment) = told.unzip();
        let parent = envelope.trace_parent().and_then(Parent::parse);
        Self {
            epoch,
            task: task.map(String::from),
            shipment: shipment.map(String::from),
            trace: parent.map(|parent| parent.trace),
            ..here
        }
    }

    /// A task as this attempt has it: its epoch is the record's, not the message's.
    #[must_use]
    pub fn held(record: &TaskRecord) -> Self {
        let about = Self::task(record.id.as_str(), record.shipment.as_str());
        Self { epoch: Some(record.epoch.get()), ..about }
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
        put("trace_id", self.trace.map(|trace| trace.to_string().into()));
    }
}

/// The task and the shipment that a message at that stage names. None at ingestion:
/// what comes from outside has no task yet, and may say anything, also somebody's
/// address. Elsewhere a message may be forged by whoever may write to the queue, so
/// only what has the form of an id is told.
pub(crate) fn told_by(envelope: &Envelope<'_>, at: Option<Stage>) -> Option<(TaskId, ShipmentId)> {
    if at == Some(Stage::Ingestion) {
        return None;
    }
    let task = TaskId::new(envelope.task.as_deref()?).ok()?;
    Some((task, ShipmentId::new(envelope.subject.as_deref()?).ok()?))
}
