//! What the environments share about partners, for a person: their breakers, and
//! who is paused.

use super::Cloud;
use crate::answer;
use crate::error::Error;
use flotilla_runtime::records::Records;
use flotilla_shipment::partner::pause::UNTIL_RESUMED;
use flotilla_shipment::partner::{Breaker, Changed, Seen, Shared};
use flotilla_task::{StoreError, Timestamp};
use serde_json::{Value, json};
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
    /// A person's pause, which may be over.
    pub pause: Option<Pause>,
}

/// How long a person's pause lasts. The environments share it as a moment; one beyond
/// all others means that somebody has to end it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// It ends by itself.
    Until(Timestamp),
    /// Somebody has to resume it.
    UntilResumed,
}

impl From<Timestamp> for Pause {
    fn from(until: Timestamp) -> Self {
        if until >= UNTIL_RESUMED { Self::UntilResumed } else { Self::Until(until) }
    }
}

impl Pause {
    /// As the environments share it.
    #[must_use]
    pub const fn shared(self) -> Timestamp {
        match self {
            Self::Until(until) => until,
            Self::UntilResumed => UNTIL_RESUMED,
        }
    }

    /// The moment at which it ends by itself; none where it does not.
    #[must_use]
    pub const fn ends(self) -> Option<Timestamp> {
        match self {
            Self::Until(until) => Some(until),
            Self::UntilResumed => None,
        }
    }

    /// For a program, which tells by `until` whether it ends by itself. What is not
    /// paused has `null` in place of all of it.
    #[must_use]
    pub fn document(self) -> Value {
        json!({"until": self.ends().map(answer::moment)})
    }
}

impl PartnerState {
    fn of(partner: &str, seen: Seen) -> Self {
        let Seen { breaker, paused_until, version: _ } = seen;
        Self { partner: partner.to_owned(), breaker, pause: paused_until.map(Pause::from) }
    }

    /// The pause that lasts at that moment.
    #[must_use]
    pub fn paused(&self, at: Timestamp) -> Option<Pause> {
        self.pause.filter(|pause| pause.shared() > at)
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

    /// Has all environments leave a partner alone for so long.
    ///
    /// # Errors
    /// See [`Self::partners`]; also when others change it all the time.
    pub async fn pause_partner(&self, name: &str, pause: Pause) -> Result<PartnerState, Error> {
        let (records, until) = (self.records()?, pause.shared());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_without_an_end_is_told_from_one_that_is_over() {
        let at = Timestamp::from_millis;
        let state = |until: Option<u64>| {
            let seen = Seen { paused_until: until.map(at), ..Seen::default() };
            PartnerState::of("p", seen)
        };
        assert_eq!(state(None).paused(at(5)), None);
        assert_eq!(state(Some(5)).paused(at(5)), None, "over");
        assert_eq!(state(Some(6)).paused(at(5)), Some(Pause::Until(at(6))));
        let without = state(Some(UNTIL_RESUMED.as_millis())).paused(at(5));
        assert_eq!(without, Some(Pause::UntilResumed));
        assert_eq!(without.unwrap().document(), json!({"until": null}));
        for pause in [Pause::Until(at(6)), Pause::UntilResumed] {
            assert_eq!(Pause::from(pause.shared()), pause);
        }
    }
}
