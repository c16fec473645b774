//! The record that is worked on, as far as a trace tells of it.
//!
//! It goes along with the work as a task-local value, so that a call to the table or
//! to a partner finds it without being handed it through every layer in between.

use super::{Kind, Parent, Span, SpanId, TraceId, Tree};
use flotilla_task::Timestamp;
use std::future::Future;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// Calls of one record that are told of. A message that fans out makes more; a trace
/// of thousands of spans is read by nobody.
const MAX_CALLS: usize = 128;

tokio::task_local! {
    static AT_HAND: AtHand;
}

/// What is at hand.
#[derive(Debug, Clone)]
pub(super) enum AtHand {
    /// Nobody is told; what the message said about its trace is passed on as it is.
    Passed(Option<String>),
    /// A record's span is open.
    Traced(Arc<Work>),
}

/// Where an open span belongs, and who will be told of it.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) trace: TraceId,
    /// What the message named, and whether it named anything.
    pub(super) parent: Option<Parent>,
    /// The same, word for word.
    pub(super) said: Option<String>,
    pub(super) sampled: bool,
    /// What follows names this work as its parent.
    pub(super) leads: bool,
    /// Its calls are told of too.
    pub(super) in_full: bool,
}

/// The work on one record.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) place: Place,
    /// The clock's time at `since`; from there a steady clock counts, in nanoseconds.
    began: u64,
    since: Instant,
    told: Mutex<Told>,
}

#[derive(Debug)]
struct Told {
    record: Span,
    calls: Vec<Span>,
    left_out: u64,
}

impl Work {
    pub(super) fn begin(place: Place, name: &str, now: Timestamp) -> Arc<Self> {
        let began = now.as_millis().saturating_mul(1_000_000);
        let record = Span {
            id: SpanId::random(),
            name: name.to_owned(),
            kind: Kind::Consumer,
            began,
            ended: began,
            attributes: Vec::new(),
            error: None,
        };
        let told = Mutex::new(Told { record, calls: Vec::new(), left_out: 0 });
        Arc::new(Self { place, began, since: Instant::now(), told })
    }

    /// Nothing panics while it is held, and each change leaves it whole.
    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> u64 {
        let elapsed = u64::try_from(self.since.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.began.saturating_add(elapsed)
    }

    /// Looks at the record's span, or says something about it.
    pub(super) fn record<T>(&self, look: impl FnOnce(&mut Span) -> T) -> T {
        look(&mut self.told().record)
    }

    /// What follows from this work names as its parent.
    pub(super) fn parent_of(&self, span: SpanId) -> String {
        let Place { trace, sampled, .. } = self.place;
        Parent { trace, span, sampled }.to_string()
    }

    /// What a message says that this work gives rise to.
    pub(super) fn onward(&self) -> Option<String> {
        if self.place.leads {
            return Some(self.parent_of(self.record(|record| record.id)));
        }
        self.place.said.clone()
    }

    /// Ends it. What is left out is told as a number.
    pub(super) fn end(&self) -> Tree {
        let ended = self.now();
        let mut told = self.told();
        told.record.ended = ended;
        if told.left_out > 0 {
            let left_out = told.left_out;
            told.record.say("flotilla.calls_left_out", left_out);
        }
        Tree {
            trace: self.place.trace,
            sampled: self.place.sampled,
            parent: self.place.parent.map(|parent| parent.span),
            record: told.record.clone(),
            calls: mem::take(&mut told.calls),
        }
    }

    fn called(&self, span: Span) {
        let mut told = self.told();
        if told.calls.len() < MAX_CALLS {
            told.calls.push(span);
        } else {
            told.left_out += 1;
        }
    }
}

/// Does the work with that at hand.
pub(super) async fn with<F: Future>(at_hand: AtHand, work: F) -> F::Output {
    AT_HAND.scope(at_hand, work).await
}

/// What is at hand, where something is.
pub(super) fn at_hand<T>(look: impl FnOnce(&AtHand) -> Option<T>) -> Option<T> {
    AT_HAND.try_with(look).ok().flatten()
}

/// The open span, where there is one.
pub(super) fn open() -> Option<Arc<Work>> {
    at_hand(|at_hand| match at_hand {
        AtHand::Traced(work) => Some(Arc::clone(work)),
        AtHand::Passed(_) => None,
    })
}

/// A call under way. One that is cut off, because the time of its record is over, is
/// told of as that.
#[derive(Debug)]
pub(super) struct Calling {
    work: Arc<Work>,
    span: Option<Span>,
}

impl Calling {
    /// Begins a call, where somebody will be told of it.
    pub(super) fn begin(name: impl FnOnce() -> String) -> Option<Self> {
        let work = open().filter(|work| work.place.in_full)?;
        let began = work.now();
        let span = Span {
            id: SpanId::random(),
            name: name(),
            kind: Kind::Client,
            began,
            ended: began,
            attributes: Vec::new(),
            error: None,
        };
        Some(Self { work, span: Some(span) })
    }

    /// What the called one may name as its parent; none where this span is not part
    /// of the trace that the message named.
    pub(super) fn parent(&self) -> Option<String> {
        let leads = self.work.place.leads;
        self.span.as_ref().filter(|_| leads).map(|span| self.work.parent_of(span.id))
    }

    /// Ends it with what came of it.
    pub(super) fn end(mut self, tell: impl FnOnce(&mut Span)) {
        if let Some(mut span) = self.span.take() {
            span.ended = self.work.now();
            tell(&mut span);
            self.work.called(span);
        }
    }
}

impl Drop for Calling {
    fn drop(&mut self) {
        if let Some(mut span) = self.span.take() {
            span.ended = self.work.now();
            span.error = Some(super::CUT_OFF.to_owned());
            self.work.called(span);
        }
    }
}
