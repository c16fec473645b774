//! How partners are kept at arm's length, pure: when a call may be made, and what
//! an environment shares with the others so that all of them keep to it.
//!
//! The time, the dice and what was counted are arguments, and nothing here waits.
//! Who asks before each call is `communication/src/guard.rs`.

pub mod breaker;
pub mod pause;
pub mod rate;
pub mod terms;
pub mod tokens;
pub mod window;

pub use breaker::{Breaker, Seen};
pub use rate::{Bucket, Rate};
pub use terms::{BreakerTerms, Terms};

use flotilla_task::StoreError;
use std::future::Future;
use std::time::Duration;

/// What came of changing a breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// It is as this environment wrote it.
    Written(Seen),
    /// Another environment was first; this is what it wrote.
    Lost(Seen),
}

/// What came of asking for calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// They may be made.
    Granted,
    /// None is left; when to ask again.
    NotYet(Duration),
}

/// What the environments share about partners.
pub trait Shared: Send + Sync {
    /// A partner's breaker as it is now.
    fn breaker(&self, partner: &str) -> impl Future<Output = Result<Seen, StoreError>> + Send;

    /// Changes a partner's breaker, if it is still the version that was seen.
    fn change(
        &self,
        partner: &str,
        seen: Seen,
        to: Breaker,
    ) -> impl Future<Output = Result<Changed, StoreError>> + Send;

    /// Takes so many calls out of what a partner's rate allows all environments
    /// together. Without an answer they may be taken, and are not to be made.
    fn take(
        &self,
        partner: &str,
        rate: Rate,
        calls: u32,
        now: flotilla_task::Timestamp,
    ) -> impl Future<Output = Result<Taken, StoreError>> + Send;
}
