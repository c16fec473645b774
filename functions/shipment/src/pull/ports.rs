//! What pulling needs from outside: a place for cursors, and pages.

use super::cursor::{Cursor, Validators};
use super::{Plan, Problem};
use flotilla_task::{Source, StoreError, Timestamp};
use std::future::Future;
use std::time::Duration;

/// What came of writing a cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// It stands, by this write or by an earlier try at it.
    Mine,
    /// Somebody else has written since; the cursor as it is.
    Lost(Box<Cursor>),
}

/// How far each source was read: ingestion's.
pub trait Cursors: Send + Sync {
    /// A source's cursor; the default one when it was never pulled.
    fn cursor(&self, source: &Source) -> impl Future<Output = Result<Cursor, StoreError>> + Send;

    /// Replaces the version before this one.
    fn keep_cursor(
        &self,
        source: &Source,
        cursor: &Cursor,
    ) -> impl Future<Output = Result<Kept, StoreError>> + Send;
}

/// A page to ask for.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// How the source is pulled.
    pub plan: &'a Plan,
    /// The page's path and query.
    pub position: &'a str,
    /// From when on the pull asks.
    pub since: Option<Timestamp>,
    /// What is known of its version.
    pub validators: Option<&'a Validators>,
    /// No longer than this.
    pub limit: Duration,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// The page is as it was.
    Unchanged,
    /// A page.
    Answer {
        /// Its text, of at most [`MAX_PAGE`](super::page::MAX_PAGE) bytes.
        body: String,
        /// Path and query of the next page, where a header names one.
        next: Option<String>,
        /// Its entity tag.
        etag: Option<String>,
        /// When it was last changed, in the source's words.
        last_modified: Option<String>,
    },
}

/// The sources, as they answer.
pub trait Pages: Send + Sync {
    /// Asks for a page.
    fn fetch(&self, ask: Ask<'_>) -> impl Future<Output = Result<Fetched, Problem>> + Send;
}
