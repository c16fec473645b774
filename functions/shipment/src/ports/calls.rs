//! Calls to partners, as a port: what they bring, and what none means.

use super::{BookingRequest, Notice};
use crate::partner::Terms;
use crate::slot::Booking;
use std::borrow::Cow;
use std::future::Future;
use std::time::Duration;

/// Why a call to a partner brought no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The partner was not called: its breaker is open, it or a person asked for a
    /// pause, or it has as many calls as it may have. Nothing failed.
    #[error("{partner} is not called now: {why}")]
    Postponed {
        /// The partner.
        partner: String,
        /// Why.
        why: Cow<'static, str>,
        /// When to try.
        after: Duration,
        /// Whether that is known, or a guess that is better when it grows.
        known: bool,
    },
    /// The partner certainly did not act: the connection was refused. A retry helps.
    #[error("{partner} could not be reached: {problem}")]
    NotSent {
        /// The partner.
        partner: String,
        /// What happened.
        problem: String,
    },
    /// The partner certainly did not act: too many calls. A retry helps, later.
    #[error("{partner} asked to be called later (429)")]
    Throttled {
        /// The partner.
        partner: String,
        /// When it said to come back.
        after: Option<Duration>,
    },
    /// The partner said no. A retry does not help.
    #[error("{partner} refused: {problem}")]
    Refused {
        /// The partner.
        partner: String,
        /// What it said.
        problem: String,
    },
    /// The partner may or may not have acted: no answer in time, a lost
    /// connection, a 5xx, an answer that cannot be read. A retry helps only
    /// where keys are honoured.
    #[error("no certain answer from {partner}: {problem}")]
    Ambiguous {
        /// The partner.
        partner: String,
        /// What happened.
        problem: String,
    },
}

impl CallError {
    /// Whose it is.
    #[must_use]
    pub fn partner(&self) -> &str {
        match self {
            Self::Postponed { partner, .. }
            | Self::NotSent { partner, .. }
            | Self::Throttled { partner, .. }
            | Self::Refused { partner, .. }
            | Self::Ambiguous { partner, .. } => partner,
        }
    }
}

/// The outside world: communication's.
pub trait Partners: Send + Sync {
    /// The right to call a partner, one call after the other, until it is dropped.
    type Pass: Send;

    /// Whether a carrier recognises a repeated call by its key.
    fn honours_keys(&self, carrier: &str) -> bool;

    /// Whether a carrier tells afterwards what was booked under a key.
    fn looks_up(&self, carrier: &str) -> bool;

    /// On which terms a partner is called.
    fn terms(&self, partner: &str) -> Terms;

    /// How long a partner asked, beside its last answer, not to be called. Said once.
    fn asked_for(&self, partner: &str) -> Option<Duration>;

    /// Asks for the right to call a partner, before anything is written for the call.
    fn admit(&self, partner: &str) -> impl Future<Output = Result<Self::Pass, CallError>> + Send;

    /// Books.
    fn book(
        &self,
        request: &BookingRequest,
        pass: &mut Self::Pass,
    ) -> impl Future<Output = Result<Booking, CallError>> + Send;

    /// What was booked by an earlier call of this request, if the carrier knows of any.
    fn look_up(
        &self,
        request: &BookingRequest,
    ) -> impl Future<Output = Result<Option<Booking>, CallError>> + Send;

    /// Cancels a booking; one that is not live any more is fine.
    fn cancel(
        &self,
        booking: &Booking,
        pass: &mut Self::Pass,
    ) -> impl Future<Output = Result<(), CallError>> + Send;

    /// Tells the notice's audience.
    fn notify(&self, notice: &Notice) -> impl Future<Output = Result<(), CallError>> + Send;
}
