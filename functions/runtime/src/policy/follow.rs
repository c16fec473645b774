//! From a parameter's name to a policy, or to why it is none.

use super::location;
use crate::signed::{Error, Fetched, Object, Parameter, Signed};
use flotilla_shipment::policy::{Policy, PolicyError};
use flotilla_task::Timestamp;
use std::future::Future;

/// Where parameters and documents come from.
pub trait Documents: Send + Sync {
    /// What a parameter holds; `name:7` is its seventh version.
    fn parameter(
        &self,
        name: &str,
        now: Timestamp,
    ) -> impl Future<Output = Result<Parameter, Error>> + Send;

    /// A document, unless it is still the one known by this tag.
    fn document(
        &self,
        object: &Object,
        known: Option<&str>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Fetched, Error>> + Send;
}

impl Documents for Signed {
    async fn parameter(&self, name: &str, now: Timestamp) -> Result<Parameter, Error> {
        Self::parameter(self, name, now).await
    }

    async fn document(
        &self,
        object: &Object,
        known: Option<&str>,
        now: Timestamp,
    ) -> Result<Fetched, Error> {
        self.object(object, known, now).await
    }
}

/// Why a document is not followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The parameter does not say where the document is.
    #[error("the parameter's version {version}: {problem}")]
    Place {
        /// Which of its versions.
        version: u64,
        /// What was expected.
        problem: String,
    },
    /// There is no such document, or the function may not read it.
    #[error("{place}: {problem}")]
    Document {
        /// Where.
        place: String,
        /// Why not.
        problem: Error,
    },
    /// The document is no policy.
    #[error("{place}: {problem}")]
    Policy {
        /// Where.
        place: String,
        /// The first thing that is wrong with it: file, line and field.
        problem: PolicyError,
    },
}

/// Which document was looked at last, so that it is not read twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    object: Object,
    etag: Option<String>,
}

/// What a look at the parameter and its document found.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Look {
    /// The document that was seen before.
    Same,
    /// Another one.
    Other {
        /// What stands there.
        policy: Box<Policy>,
        /// Where.
        place: String,
        seen: Seen,
    },
    /// Another one, which is not followed. Where it was read, it is remembered.
    Refused { refusal: Refusal, seen: Option<Seen> },
}

/// Looks at what a version of the parameter says.
///
/// # Errors
/// When nobody answered, which says nothing about the document.
pub(super) async fn look<D: Documents>(
    documents: &D,
    parameter: &Parameter,
    before: Option<&Seen>,
    now: Timestamp,
) -> Result<Look, Error> {
    let object = match location::parse(&parameter.value) {
        Ok(object) => object,
        Err(error) => {
            let (version, problem) = (parameter.version, error.to_string());
            let refusal = Refusal::Place { version, problem };
            return Ok(Look::Refused { refusal, seen: None });
        }
    };
    let place = location::words(&object);
    let before = before.filter(|seen| seen.object == object);
    let known = before.and_then(|seen| seen.etag.as_deref());
    let (text, etag) = match documents.document(&object, known, now).await {
        Ok(Fetched::Unchanged) => return Ok(Look::Same),
        Ok(Fetched::Text { text, etag }) => (text, etag),
        Err(error) if error.is_retryable() => return Err(error),
        Err(problem) => {
            let refusal = Refusal::Document { place, problem };
            return Ok(Look::Refused { refusal, seen: None });
        }
    };
    let seen = Seen { object, etag };
    Ok(match Policy::parse(&text, &seen.object.key) {
        Ok(policy) => Look::Other { policy: Box::new(policy), place, seen },
        Err(problem) => {
            let refusal = Refusal::Policy { place, problem };
            Look::Refused { refusal, seen: Some(seen) }
        }
    })
}
