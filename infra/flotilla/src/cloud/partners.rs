//! What the environments share about partners, for a person: their breakers, and
//! who is paused.

use super::Cloud;
use crate::error::Error;
use flotilla_runtime::records::Records;
use flotilla_shipment::partner::{Breaker, Changed, Seen, Shared};
use flotilla_task::{StoreError, Timestamp};
use std::time::Duration;

/// So many writes of a breaker may be lost in a row: one that is busy closing is
/// written every few seconds at most.
const ROUNDS: usize = 5;

/// What is known of a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerState {
    /// Its id.
    pub partner: String,
    /// Its breaker.
    pub breaker: Breaker,
    /// Until when a person has paused it. A moment that has passed is none any more.
    pub paused_until: Option<Timestamp>,
}

impl PartnerState {
    fn of(partner: &str, seen: Seen) -> Self {
        let Seen { breaker, paused_until, version: _ } = seen;
        Self { partner: partner.to_owned(), breaker, paused_until }
    }
}

impl Cloud {
    /// What is known of partners, in the order of their names here: one read each.
    ///
    /// # Errors
    /// [`Error::Environment`] when DynamoDB does not answer; so for the others here.
    pub async fn partners(&self, names: &[String]) -> Result<Vec<PartnerState>, Error> {
        let records = self.records()?;
        let mut all = Vec::new();
        for name in names {
            let seen = records.breaker(name).await;
            all.push(PartnerState::of(name, seen.map_err(|error| reading(name, error))?));
        }
        Ok(all)
    }

    /// Has all environments leave a partner alone until then.
    ///
    /// # Errors
    /// See [`Self::partners`]; also when others change it all the time.
    pub async fn pause_partner(&self, name: &str, until: Timestamp) -> Result<PartnerState, Error> {
        let records = self.records()?;
        over(&records, name, async |seen| records.pause_partner(name, seen, until).await).await
    }

    /// Takes a partner's pause back, and lets an open breaker be probed at once.
    ///
    /// # Errors
    /// See [`Self::pause_partner`].
    pub async fn resume_partner(&self, name: &str, now: Timestamp) -> Result<PartnerState, Error> {
        let records = self.records()?;
        over(&records, name, async |seen| records.resume_partner(name, seen, now).await).await
    }

    fn records(&self) -> Result<Records, Error> {
        // Nothing that is written here expires.
        Ok(Records::new(self.shared_table()?, Duration::ZERO))
    }
}

/// Writes over whatever an environment has written meanwhile.
async fn over(
    records: &Records,
    name: &str,
    write: impl AsyncFn(Seen) -> Result<Changed, StoreError>,
) -> Result<PartnerState, Error> {
    let mut seen = records.breaker(name).await.map_err(|error| reading(name, error))?;
    for _ in 0..ROUNDS {
        match write(seen).await.map_err(|error| writing(name, error))? {
            Changed::Written(written) => return Ok(PartnerState::of(name, written)),
            Changed::Lost(found) => seen = found,
        }
    }
    Err(writing(name, "others changed it each time"))
}

fn reading(name: &str, error: StoreError) -> Error {
    let tried = format!("reading what is known of the partner {name}");
    Error::environment(&tried, error, "May the credentials read the table (dynamodb:GetItem)?")
}

fn writing(name: &str, problem: impl std::fmt::Display) -> Error {
    let tried = format!("writing the pause of the partner {name}");
    let advice = "Try again. May the credentials write the table (dynamodb:UpdateItem)?";
    Error::environment(&tried, problem, advice)
}
