//! Traces: one for the way of an event through all five agents.
//!
//! ```text
//! event -> [ingestion] -> [processing] -> [decision] -> [communication] -> [state]
//!            PutItem        UpdateItem      GetItem       UpdateItem          ...
//!                                                         POST carrier
//! ```
//!
//! Each record's work is a span, whose parent is the work that led to its message;
//! each call to the table and to a partner is a span below it. A message names its
//! parent in `traceparent`. A record keeps the one of its creation; what a later message
//! names is derived from the task and from how often it was handed on
//! ([`SpanId::of_hand_on`]), so that a trace costs no write, and a stored message is
//! the same however often it is sent.
//!
//! ```text
//! settings, sampler   what OpenTelemetry's variables say
//! id, span            what a trace is made of
//! handler, work       the record at hand, and the calls made for it
//! calls               one line at each place that has something to tell
//! export, otlp        to a collector
//! xray                to Lambda's X-Ray daemon, and the header of messages
//! ```
//!
//! A trace may be incomplete, and never costs a record: the spans of an invocation
//! that dies are lost, and so are those that a collector does not take in time.

mod calls;
mod export;
mod handler;
mod id;
mod otlp;
mod sampler;
mod settings;
mod span;
mod work;
mod xray;

pub use calls::{onward, partner, store, wrote};
pub use handler::Traced;
pub use id::{Parent, SpanId, TraceId};
pub use sampler::Sampler;
pub use span::{Kind, Span, Tree, Value};

use crate::batch::{Call, Handled, Verdict};
use crate::settings::Environment;
use crate::telemetry::told_by;
use export::Exporter;
use flotilla_task::{Stage, Timestamp};
use std::io::ErrorKind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use work::{AtHand, Place, Work};
use xray::{Daemon, Segment};

/// What is told of work that its time limit or a panic ended.
const CUT_OFF: &str = "cut_off";
/// Spans of one invocation that are told of: some 0.5 MB, which a function of 128 MB,
/// with a fourteenth of a processor, writes within a collector's limit. A batch of a
/// hundred records has about five hundred; what is not sampled does not count.
const MAX_SPANS: usize = 1_000;
/// Time of an invocation that is not spent on traces: the answer must still reach
/// Lambda before the deadline, or the whole batch is delivered again.
const RESERVE: Duration = Duration::from_millis(500);

/// Is told of records and calls, and passes it on at the end of an invocation. One for
/// an environment; cheap to clone.
#[derive(Debug, Clone)]
pub struct Tracer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    stage: Stage,
    otlp: Option<Exporter>,
    xray: Option<Daemon>,
    now: Mutex<Invocation>,
}

#[derive(Debug, Default)]
struct Invocation {
    segment: Option<Segment>,
    trees: Vec<Tree>,
    spans: usize,
    left_out: usize,
}

impl Tracer {
    /// For a function of that stage: what its environment says, and the file of its
    /// layer. What is wrong there is logged, and its default counts.
    #[must_use]
    pub fn open(stage: Stage, env: &Environment) -> Self {
        let lines = std::fs::read_to_string(settings::FILE).unwrap_or_else(|error| {
            // Without a layer there is none.
            if error.kind() != ErrorKind::NotFound {
                tracing::warn!(file = settings::FILE, %error, "a setting of traces is left out");
            }
            String::new()
        });
        Self::with(stage, &env.or_lines(&lines, "OTEL_"))
    }

    /// For a function of that stage, as these variables say.
    #[must_use]
    pub fn with(stage: Stage, env: &Environment) -> Self {
        let (otlp, mut wrong) = settings::read(env);
        let xray = Daemon::read(env).unwrap_or_else(|error| {
            wrong.push(error);
            None
        });
        for error in wrong {
            tracing::warn!(%error, "a setting of traces is left out");
        }
        let otlp = otlp.map(Exporter::new);
        Self(Arc::new(Inner { stage, otlp, xray, now: Mutex::default() }))
    }

    /// Whether what follows from a record names that record's span as its parent:
    /// where spans go to a collector.
    #[must_use]
    pub fn leads(&self) -> bool {
        self.0.otlp.is_some()
    }

    /// Connects to the collector, beside the start of the environment and its first
    /// invocation: nothing waits for it. Must be called within a tokio runtime.
    pub fn warm_up(&self, now: Timestamp) {
        if self.0.otlp.is_some() {
            let inner = Arc::clone(&self.0);
            tokio::spawn(async move {
                if let Some(otlp) = &inner.otlp {
                    otlp.warm_up(now).await;
                }
            });
        }
    }

    /// Begins an invocation, with the trace header that Lambda gave it.
    pub fn invoked(&self, header: Option<&str>) {
        let segment = header.filter(|_| self.0.xray.is_some()).and_then(Segment::read);
        *self.now() = Invocation { segment, ..Invocation::default() };
    }

    /// X-Ray's header for messages that leave, where it keeps this invocation's trace.
    #[must_use]
    pub fn header(&self) -> Option<String> {
        self.now().segment.as_ref().map(Segment::header)
    }

    /// Sends what the invocation was told. Takes no longer than the exporter's limit
    /// for a collector and a twentieth of a second for X-Ray's daemon, and does nothing
    /// where so little is `left` until the deadline that the answer would be late.
    pub async fn flush(&self, now: Timestamp, left: Duration) {
        let Invocation { segment, trees, left_out, .. } = std::mem::take(&mut *self.now());
        let left = left.saturating_sub(RESERVE);
        if left_out > 0 {
            tracing::warn!(left_out, "spans of an invocation are more than are sent at once");
        }
        if let (Some(segment), Some(daemon)) = (&segment, &self.0.xray) {
            daemon.send(segment, &trees, left);
        }
        if let Some(otlp) = &self.0.otlp {
            otlp.send(trees, now, left).await;
        }
    }

    /// Opens a record's span, if somebody will be told of it.
    fn begin(&self, call: Call<'_>, now: Timestamp) -> (AtHand, Option<Opened>) {
        let said = call.envelope.trace_parent().map(str::to_owned);
        let kept = self.now().segment.is_some();
        if !kept && self.0.otlp.is_none() {
            return (AtHand::Passed(said), None);
        }
        let parent = said.as_deref().and_then(Parent::parse);
        let trace = parent.map_or_else(|| TraceId::of(call.envelope), |parent| parent.trace);
        let sampler = self.0.otlp.as_ref().map(|otlp| otlp.settings.sampler);
        let sampled = sampler.is_some_and(|sampler| sampler.keeps(trace, parent.as_ref()));
        let (leads, in_full) = (self.leads(), sampled || kept);
        let place = Place { trace, parent, said, sampled, leads, in_full };
        let work = Work::begin(place, self.0.stage.as_str(), now);
        work.record(|span| {
            span.say("flotilla.stage", self.0.stage.as_str());
            span.say("messaging.system", "aws_sqs");
            span.say("messaging.message.id", call.incoming.id.as_str());
            span.say("flotilla.receives", u64::from(call.incoming.receives));
            if let Some((task, shipment)) = told_by(call.envelope, Some(self.0.stage)) {
                span.say("flotilla.task", task.as_str());
                span.say("flotilla.shipment", shipment.as_str());
                if let Some(epoch) = call.envelope.epoch {
                    span.say("flotilla.epoch", epoch);
                }
            }
            // Until it has ended in another way.
            span.error = Some(CUT_OFF.to_owned());
        });
        (AtHand::Traced(Arc::clone(&work)), Some(Opened { tracer: self.clone(), work }))
    }

    /// Nothing panics while it is held, and each change leaves it whole.
    fn now(&self) -> MutexGuard<'_, Invocation> {
        self.0.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A record's open span. It ends when this is dropped, whatever ended the work.
struct Opened {
    tracer: Tracer,
    work: Arc<Work>,
}

impl Opened {
    /// What became of the record's message.
    fn end(self, handled: &Handled) {
        self.work.record(|span| {
            span.error = span.text("error.type").map(str::to_owned);
            match &handled.verdict {
                Verdict::Acknowledge => span.say("flotilla.message", "acknowledged"),
                Verdict::GiveBack { .. } => span.say("flotilla.message", "given_back"),
                Verdict::DeadLetter(reason) => {
                    span.say("flotilla.message", "dead_lettered");
                    span.say("error.type", reason.code.as_str());
                    span.error = Some(reason.code.as_str().to_owned());
                }
            }
        });
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        if !self.work.place.in_full {
            return;
        }
        let tree = self.work.end();
        let spans = 1 + tree.calls.len();
        let mut now = self.tracer.now();
        if now.spans < MAX_SPANS {
            now.spans += spans;
            now.trees.push(tree);
        } else {
            now.left_out += spans;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::Incoming;
    use flotilla_task::envelope::Envelope;

    const SAMPLED: &str =
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

    #[test]
    fn x_ray_alone_marks_what_leaves_and_changes_no_message() {
        let env = Environment::from([("AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:2000")]);
        let tracer = Tracer::with(Stage::State, &env);
        assert!(!tracer.leads());
        // Word for word, with what a later version of the standard may mean by it.
        let said = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03";
        let body = format!(
            r#"{{"specversion":"1.0","id":"1","source":"s","type":"t","traceparent":"{said}"}}"#
        );
        let (envelope, incoming) = (Envelope::parse(&body).unwrap(), Incoming::default());
        let call =
            Call { incoming: &incoming, envelope: &envelope, deadline: Timestamp::default() };
        for (header, leaves) in [(Some(SAMPLED), Some(SAMPLED)), (None, None)] {
            tracer.invoked(header);
            assert_eq!(tracer.header().as_deref(), leaves);
            let (at_hand, opened) = tracer.begin(call, Timestamp::default());
            assert_eq!(opened.is_some(), header.is_some());
            let onward = match at_hand {
                AtHand::Passed(said) => said,
                AtHand::Traced(work) => work.onward(),
            };
            assert_eq!(onward.as_deref(), Some(said));
        }
        tracer.invoked(Some(&SAMPLED.replace("Sampled=1", "Sampled=0")));
        assert_eq!(tracer.header(), None);
    }

    #[test]
    fn nothing_is_opened_where_nobody_is_told() {
        let tracer = Tracer::with(Stage::State, &Environment::default());
        tracer.invoked(Some(SAMPLED));
        assert_eq!((tracer.header(), tracer.leads()), (None, false));
    }

    /// A batch of thousands is traced where a few of its records are.
    #[test]
    fn what_nobody_is_told_of_takes_no_room() {
        let env = Environment::from([
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"),
            ("OTEL_TRACES_SAMPLER", "always_off"),
        ]);
        let tracer = Tracer::with(Stage::State, &env);
        let body = r#"{"specversion":"1.0","id":"1","source":"s","type":"t"}"#;
        let (envelope, incoming) = (Envelope::parse(body).unwrap(), Incoming::default());
        let call =
            Call { incoming: &incoming, envelope: &envelope, deadline: Timestamp::default() };
        for _ in 0..=MAX_SPANS {
            assert!(tracer.begin(call, Timestamp::default()).1.is_some());
        }
        let now = tracer.now();
        assert_eq!((now.trees.len(), now.spans, now.left_out), (0, 0, 0));
    }

    /// A record with one call, as the exporters' tests write it.
    pub(super) fn tree() -> Tree {
        let parent =
            Parent::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").unwrap();
        let id =
            |text: &str| Parent::parse(&format!("00-{}-{text}-01", parent.trace)).unwrap().span;
        let at = |millis: u64| (1_700_000_000_000 + millis) * 1_000_000;
        Tree {
            trace: parent.trace,
            sampled: true,
            parent: Some(parent.span),
            record: Span {
                id: id("00f067aa0ba902b7"),
                name: "state".to_owned(),
                kind: Kind::Consumer,
                began: at(0),
                ended: at(4),
                attributes: vec![("flotilla.task", "t-1".into()), ("flotilla.epoch", 7_u64.into())],
                error: None,
            },
            calls: vec![Span {
                id: id("00f067aa0ba902b8"),
                name: "UpdateItem fleet".to_owned(),
                kind: Kind::Client,
                began: at(1),
                ended: at(3),
                attributes: vec![
                    ("db.operation.name", "UpdateItem".into()),
                    ("flotilla.refused", true.into()),
                ],
                error: Some("timeout".to_owned()),
            }],
        }
    }
}
