//! Events in the order in which they came, read page by page.
//!
//! A page's token is a place in that order, so events that come while somebody
//! reads neither shift a page nor appear twice.

use jiff::Timestamp;
use serde_json::Value;

/// What a partner has to tell.
#[derive(Debug, Default)]
pub(crate) struct Feed(Vec<Kept>);

/// One event and when it came.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) came: Timestamp,
    pub(crate) event: Value,
}

/// Some events, and where the next page starts if there is one.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) events: Vec<Value>,
    pub(crate) next: Option<usize>,
}

impl Feed {
    pub(crate) fn add(&mut self, came: Timestamp, events: Vec<Value>) {
        self.0.extend(events.into_iter().map(|event| Kept { came, event }));
    }

    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    /// At most `limit` events that are `wanted`, from the place `from` on.
    pub(crate) fn page(&self, from: usize, limit: usize, wanted: impl Fn(&Kept) -> bool) -> Page {
        let mut rest = self.0.iter().enumerate().skip(from).filter(|(_, kept)| wanted(kept));
        let events = rest.by_ref().take(limit).map(|(_, kept)| kept.event.clone()).collect();
        let next = rest.next().map(|(place, _)| place);
        Page { events, next }
    }
}

/// A page's token: nothing a caller could compute with.
pub(crate) fn token(place: usize) -> String {
    format!("p{place:08x}")
}

/// The place of a token that [`token`] made.
pub(crate) fn place(token: &str) -> Option<usize> {
    usize::from_str_radix(token.strip_prefix('p')?, 16).ok()
}
