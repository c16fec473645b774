//! A span: a piece of work with its beginning, its end and what became of it.
//!
//! Nothing from a message's data, no address and no error's words stand in one:
//! names, ids, numbers and codes only. Spans leave the account.

use super::{SpanId, TraceId};

/// What kind of work it is, by the number that OTLP has for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A call to another service.
    Client = 3,
    /// Work on a message.
    Consumer = 5,
}

/// What an attribute says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A name, an id or a code.
    Text(String),
    /// A count or a number.
    Number(u64),
    /// Yes or no.
    Flag(bool),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

/// A piece of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Its id.
    pub id: SpanId,
    /// What was done.
    pub name: String,
    /// What kind of work that is.
    pub kind: Kind,
    /// Nanoseconds since 1970.
    pub began: u64,
    /// Nanoseconds since 1970.
    pub ended: u64,
    /// What is known about it.
    pub attributes: Vec<(&'static str, Value)>,
    /// The code of what went wrong, if something did.
    pub error: Option<String>,
}

impl Span {
    /// Says something about it; what was said before under this name is replaced.
    pub fn say(&mut self, name: &'static str, value: impl Into<Value>) {
        let value = value.into();
        match self.attributes.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.attributes.push((name, value)),
        }
    }

    /// What was said under that name, if it is text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find_map(|(known, value)| match value {
            Value::Text(text) if *known == name => Some(text.as_str()),
            Value::Text(_) | Value::Number(_) | Value::Flag(_) => None,
        })
    }
}

/// The work on one record, with the calls that were made for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// The trace that it belongs to.
    pub trace: TraceId,
    /// Whether the spans of that trace are kept.
    pub sampled: bool,
    /// What the record's message named as its parent.
    pub parent: Option<SpanId>,
    /// The work on the record.
    pub record: Span,
    /// The calls, whose parent is the record's span.
    pub calls: Vec<Span>,
}
