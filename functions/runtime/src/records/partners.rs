//! What environments share about partners, behind the port.

use super::{Records, partner_breaker, partner_rate};
use flotilla_shipment::partner::{Breaker, Changed, Rate, Seen, Shared, Taken};
use flotilla_task::{StoreError, Timestamp};

impl Shared for Records {
    async fn breaker(&self, partner: &str) -> Result<Seen, StoreError> {
        partner_breaker::read(self, partner).await
    }

    /// A change without an answer is repeated once, as it is.
    async fn change(&self, partner: &str, seen: Seen, to: Breaker) -> Result<Changed, StoreError> {
        let by = format!("{:016x}", fastrand::u64(..));
        match partner_breaker::change(self, partner, seen, to, &by).await {
            Err(StoreError::Unavailable(_)) => {
                partner_breaker::change(self, partner, seen, to, &by).await
            }
            answer => answer,
        }
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
