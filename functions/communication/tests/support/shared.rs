//! What environments share about partners, in memory.

use flotilla_shipment::partner::rate::{Bucket, Take};
use flotilla_shipment::partner::{Breaker, Changed, Rate, Seen, Shared, Taken};
use flotilla_task::{StoreError, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

#[derive(Debug, Clone, Default)]
pub(crate) struct MemoryShared(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    breakers: BTreeMap<String, Seen>,
    buckets: BTreeMap<String, Bucket>,
    changes: Vec<(String, Breaker)>,
    blocks: usize,
    reads: usize,
    silent: bool,
}

impl MemoryShared {
    pub(crate) fn is(&self, partner: &str) -> Breaker {
        self.0.lock().unwrap().breakers.get(partner).copied().unwrap_or_default().breaker
    }

    /// Every change that was written of a partner's breaker, by its name.
    pub(crate) fn changes(&self, partner: &str) -> Vec<&'static str> {
        let state = self.0.lock().unwrap();
        let of = state.changes.iter().filter(|(of, _)| of == partner);
        of.map(|(_, to)| to.name()).collect()
    }

    /// How many blocks of calls were taken.
    pub(crate) fn blocks(&self) -> usize {
        self.0.lock().unwrap().blocks
    }

    /// Another environment has changed a partner's breaker.
    pub(crate) fn set(&self, partner: &str, breaker: Breaker) {
        let mut state = self.0.lock().unwrap();
        let seen = state.breakers.entry(partner.to_owned()).or_default();
        (seen.version, seen.breaker) = (seen.version + 1, breaker);
    }

    /// An operator has paused a partner.
    pub(crate) fn pause(&self, partner: &str, until: Timestamp) {
        let mut state = self.0.lock().unwrap();
        let seen = state.breakers.entry(partner.to_owned()).or_default();
        (seen.version, seen.paused_until) = (seen.version + 1, Some(until));
    }

    /// An operator has resumed it.
    pub(crate) fn resume(&self, partner: &str, now: Timestamp) {
        let mut state = self.0.lock().unwrap();
        let seen = state.breakers.get_mut(partner).unwrap();
        (seen.version, seen.breaker, seen.paused_until) =
            (seen.version + 1, seen.resumed(now), None);
    }

    /// How often a breaker was read.
    pub(crate) fn reads(&self) -> usize {
        self.0.lock().unwrap().reads
    }

    /// An operator has deleted the breaker's item.
    pub(crate) fn forget(&self, partner: &str) {
        self.0.lock().unwrap().breakers.remove(partner);
    }

    /// From now on nothing is answered.
    pub(crate) fn fall_silent(&self) {
        self.0.lock().unwrap().silent = true;
    }

    fn state(&self) -> Result<std::sync::MutexGuard<'_, State>, StoreError> {
        let state = self.0.lock().unwrap();
        if state.silent {
            return Err(StoreError::Unavailable("silent".into()));
        }
        Ok(state)
    }
}

impl Shared for MemoryShared {
    async fn breaker(&self, partner: &str) -> Result<Seen, StoreError> {
        let mut state = self.state()?;
        state.reads += 1;
        Ok(state.breakers.get(partner).copied().unwrap_or_default())
    }

    async fn change(&self, partner: &str, seen: Seen, to: Breaker) -> Result<Changed, StoreError> {
        let mut state = self.state()?;
        let now = state.breakers.get(partner).copied().unwrap_or_default();
        if now.version != seen.version {
            return Ok(Changed::Lost(now));
        }
        let after = Seen { version: now.version + 1, breaker: to, ..now };
        state.breakers.insert(partner.to_owned(), after);
        state.changes.push((partner.to_owned(), to));
        Ok(Changed::Written(after))
    }

    async fn take(
        &self,
        partner: &str,
        rate: Rate,
        calls: u32,
        now: Timestamp,
    ) -> Result<Taken, StoreError> {
        let mut state = self.state()?;
        let bucket = state.buckets.entry(partner.to_owned()).or_default();
        match bucket.take(rate, calls, now) {
            Take::Set(full_at) => bucket.full_at = full_at,
            Take::Add(cost) => bucket.full_at += cost,
            Take::NotYet(wait) => return Ok(Taken::NotYet(wait)),
        }
        state.blocks += 1;
        Ok(Taken::Granted)
    }
}
