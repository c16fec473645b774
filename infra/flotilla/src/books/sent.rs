//! The first book: what was sent, and what must become of it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What has to become of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fate", rename_all = "snake_case")]
pub enum Fate {
    /// It is taken. With neither shipments nor loads it concerns nobody, and
    /// leaves nothing behind.
    Taken {
        /// It becomes exactly one task for each of these, which goes all its way
        /// or is held for a person.
        shipments: BTreeSet<String>,
        /// It waits for ever under each of these loads, as `sscc:...`: nobody
        /// says whose they are.
        waits: BTreeSet<String>,
    },
    /// It is refused, with one of these reason codes.
    Rejected {
        /// Codes that would be right.
        codes: Vec<String>,
    },
}

impl Fate {
    /// A task for one shipment.
    #[must_use]
    pub fn task(shipment: &str) -> Self {
        Self::tasks([shipment])
    }

    /// A task for each shipment.
    #[must_use]
    pub fn tasks<'a>(shipments: impl IntoIterator<Item = &'a str>) -> Self {
        let shipments = shipments.into_iter().map(str::to_owned).collect();
        Self::Taken { shipments, waits: BTreeSet::new() }
    }

    /// Nothing: it concerns nobody.
    #[must_use]
    pub fn nobody() -> Self {
        Self::tasks([])
    }

    /// It also waits under a load.
    #[must_use]
    pub fn and_waits(mut self, load: &str) -> Self {
        if let Self::Taken { waits, .. } = &mut self {
            waits.insert(load.to_owned());
        }
        self
    }

    /// Refused with one of `codes`.
    #[must_use]
    pub fn rejected(codes: &[&str]) -> Self {
        Self::Rejected { codes: codes.iter().map(|code| (*code).to_owned()).collect() }
    }

    /// The shipments that it has to become tasks of.
    pub fn shipments(&self) -> impl Iterator<Item = &str> {
        let shipments = match self {
            Self::Taken { shipments, .. } => Some(shipments),
            Self::Rejected { .. } => None,
        };
        shipments.into_iter().flatten().map(String::as_str)
    }
}

/// Something that happened, as one message tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What it is, in a word: `order`, `delayed`, `wrong check digit`...
    pub what: String,
    /// Its id at its source, if it has one.
    pub id: Option<String>,
    /// What must become of it.
    pub expected: Fate,
}

/// One message and what was done with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place in the list.
    pub number: usize,
    /// Where it says it comes from, if it says so at all.
    pub source: Option<String>,
    /// What it tells. The same event may be told in several messages.
    pub events: Vec<Event>,
    /// How its body is recognised in a dead-letter queue.
    pub body_hash: String,
    /// How long its body is.
    pub bytes: usize,
    /// How many copies SQS took.
    pub sent: u32,
    /// When the first copy was sent, in milliseconds since 1970.
    pub sent_at_ms: Option<u64>,
}

impl Entry {
    /// How people find one of its events: number, kind and id.
    #[must_use]
    pub fn label(&self, event: &Event) -> String {
        let id = event.id.as_deref().unwrap_or("without an id");
        format!("#{} {} ({id})", self.number, event.what)
    }

    /// Source and id of one of its events, when both are there.
    #[must_use]
    pub fn name<'a>(&'a self, event: &'a Event) -> Option<(&'a str, &'a str)> {
        self.source.as_deref().zip(event.id.as_deref())
    }

    /// Whether any of its events has to be refused.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        self.events.iter().any(|event| matches!(event.expected, Fate::Rejected { .. }))
    }
}

/// Everything that was sent in one run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SentBook {
    /// The run's name, part of every id.
    pub run: String,
    /// Where the dice had started.
    pub seed: u64,
    /// Every different message.
    pub entries: Vec<Entry>,
}

impl SentBook {
    /// What SQS took; the rest has not been sent.
    pub fn taken(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.sent > 0)
    }

    /// The shipments that something of what was sent is about.
    #[must_use]
    pub fn shipments(&self) -> BTreeSet<&str> {
        let events = self.taken().flat_map(|entry| &entry.events);
        events.flat_map(|event| event.expected.shipments()).collect()
    }
}
