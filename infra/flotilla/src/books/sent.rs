//! The first book: what was sent, and what must become of it.

use serde::{Deserialize, Serialize};

/// What has to become of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fate", rename_all = "snake_case")]
pub enum Fate {
    /// It becomes exactly one task, which goes all its way or is held for a person.
    Task,
    /// It is refused, with one of these reason codes.
    Rejected {
        /// Codes that would be right.
        codes: Vec<String>,
    },
    /// It waits for its order for ever.
    Parked,
}

impl Fate {
    /// Refused with one of `codes`.
    #[must_use]
    pub fn rejected(codes: &[&str]) -> Self {
        Self::Rejected { codes: codes.iter().map(|code| (*code).to_owned()).collect() }
    }
}

/// One event and what was done with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place in the list.
    pub number: usize,
    /// What it is, in a word: `order`, `delayed`, `negative weight`...
    pub what: String,
    /// Where it says it comes from, if it says so at all.
    pub source: Option<String>,
    /// Its id there.
    pub event: Option<String>,
    /// The shipment it is about, whether or not the message names it.
    pub shipment: Option<String>,
    /// How its body is recognised in a dead-letter queue.
    pub body_hash: String,
    /// How long its body is.
    pub bytes: usize,
    /// What must become of it.
    pub expected: Fate,
    /// How many copies SQS took.
    pub sent: u32,
    /// When the first copy was sent, in milliseconds since 1970.
    pub sent_at_ms: Option<u64>,
}

impl Entry {
    /// How people find it: number, kind and id.
    #[must_use]
    pub fn label(&self) -> String {
        let id = self.event.as_deref().unwrap_or("without an id");
        format!("#{} {} ({id})", self.number, self.what)
    }
}

/// Everything that was sent in one run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SentBook {
    /// The run's name, part of every id.
    pub run: String,
    /// Where the dice had started.
    pub seed: u64,
    /// Every different event.
    pub entries: Vec<Entry>,
}
