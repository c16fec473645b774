//! What environments share about partners, behind the port, and what a person
//! changes of it.

use super::{Records, partner_breaker, partner_pause, partner_rate, partner_resume};
use crate::table::surely;
use flotilla_shipment::partner::{Breaker, Changed, Rate, Seen, Shared, Taken};
use flotilla_task::{StoreError, Timestamp};

impl Shared for Records {
    async fn breaker(&self, partner: &str) -> Result<Seen, StoreError> {
        partner_breaker::read(self, partner).await
    }

    async fn change(&self, partner: &str, seen: Seen, to: Breaker) -> Result<Changed, StoreError> {
        surely(|by| partner_breaker::change(self, partner, seen, to, by)).await
    }

    async fn take(
        &self,
        partner: &str,
        rate: Rate,
        calls: u32,
        now: Timestamp,
    ) -> Result<Taken, StoreError> {
        partner_rate::take(self, partner, rate, calls, now).await
    }
}

impl Records {
    /// Has all environments leave a partner alone until then, if its breaker is still
    /// the version that was seen.
    ///
    /// # Errors
    /// [`StoreError`] when the store gave no certain answer.
    pub async fn pause_partner(
        &self,
        partner: &str,
        seen: Seen,
        until: Timestamp,
    ) -> Result<Changed, StoreError> {
        surely(|by| partner_pause::pause(self, partner, seen, until, by)).await
    }

    /// Takes a partner's pause back, and lets an open breaker be probed at once; under
    /// the same condition.
    ///
    /// # Errors
    /// As [`pause_partner`](Self::pause_partner).
    pub async fn resume_partner(
        &self,
        partner: &str,
        seen: Seen,
        now: Timestamp,
    ) -> Result<Changed, StoreError> {
        surely(|by| partner_resume::resume(self, partner, seen, now, by)).await
    }
}
