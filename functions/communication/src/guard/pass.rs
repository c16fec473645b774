//! The right to call a partner.

use super::ward::{Ended, Ward};
use flotilla_task::Clock;
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
    pub(super) is_calling: bool,
}

impl<C: Clock> Pass<C> {
    pub(super) fn ended(&mut self, ended: Ended) {
        self.is_calling = false;
        let now = self.clock.now();
        if let Some(ward) = lock(&self.wards).get_mut(&self.partner) {
            ward.note(self.version, ended, now);
        }
    }
}

impl<C: Clock> Drop for Pass<C> {
    fn drop(&mut self) {
        if self.is_calling {
            self.ended(Ended::Failed);
        }
        if let Some(ward) = lock(&self.wards).get_mut(&self.partner) {
            ward.leave(self.version);
        }
    }
}
