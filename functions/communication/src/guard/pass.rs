//! The right to call a partner.

use super::ward::{Ended, Ward};
use flotilla_runtime::meter::{Called, Meter};
use flotilla_task::{Clock, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Every partner of an environment.
pub(super) type Wards = Arc<Mutex<BTreeMap<String, Ward>>>;

pub(super) fn lock(wards: &Wards) -> MutexGuard<'_, BTreeMap<String, Ward>> {
    wards.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The right to call a partner, one call after the other. A call in whose middle it
/// is dropped has failed.
#[derive(Debug)]
pub struct Pass<C: Clock> {
    pub(super) wards: Wards,
    pub(super) clock: Arc<C>,
    pub(super) partner: String,
    pub(super) version: u64,
    /// The call that was paid for when it was admitted has been made.
    pub(super) is_used: bool,
    /// When the call began that is under way.
    pub(super) began: Option<Timestamp>,
    /// Counts the calls.
    pub(super) meter: Arc<Meter>,
}

impl<C: Clock> Pass<C> {
    pub(super) fn ended(&mut self, ended: Ended) {
        let now = self.clock.now();
        if let Some(began) = self.began.take() {
            let how = match ended {
                Ended::Answered => Called::Answered,
                Ended::Throttled => Called::Throttled,
                Ended::Failed => Called::Failed,
            };
            self.meter.calls.ended(&self.partner, began.until(now), how);
        }
        if let Some(ward) = lock(&self.wards).get_mut(&self.partner) {
            ward.note(self.version, ended, now);
        }
    }
}

impl<C: Clock> Drop for Pass<C> {
    fn drop(&mut self) {
        if self.began.is_some() {
            self.ended(Ended::Failed);
        }
        if let Some(ward) = lock(&self.wards).get_mut(&self.partner) {
            ward.leave(self.version);
        }
    }
}
