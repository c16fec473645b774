//! Secrets at hand: fetched once at the start, and again every so often.

use super::{Reference, Secret};
use crate::refreshed::{Now, Refreshed};
use crate::settings::{Environment, SettingError};
use crate::signed::{Error, Signed};
use flotilla_task::{Clock, Timestamp};
use futures_util::future::try_join_all;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// Where secrets come from.
pub trait Fetch: Send + Sync {
    /// The secret at that place.
    fn fetch(
        &self,
        reference: &Reference,
        now: Timestamp,
    ) -> impl Future<Output = Result<Secret, Error>> + Send;
}

impl Fetch for Signed {
    async fn fetch(&self, reference: &Reference, now: Timestamp) -> Result<Secret, Error> {
        Ok(match reference {
            Reference::Parameter(name) => self.parameter(name, now).await?.value.into(),
            Reference::Secret(id) => self.secret(id, now).await?.into(),
        })
    }
}

/// A secret is not at hand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// It could not be fetched at the start.
    #[error("{reference}: {problem}")]
    Fetch {
        /// Where it should be.
        reference: Reference,
        /// Why there is none.
        problem: Error,
    },
    /// Nobody named it at the start, so it was not fetched.
    #[error("{0} was not among the secrets fetched at the start")]
    Unknown(Reference),
}

/// The secrets that a function uses.
#[derive(Debug)]
pub struct Vault<F, C> {
    source: F,
    clock: C,
    secrets: BTreeMap<Reference, Refreshed<Secret>>,
}

impl<F: Fetch, C: Clock> Vault<F, C> {
    /// How often secrets are fetched: `SECRETS_REFRESH_SECONDS`, by default every
    /// five minutes.
    ///
    /// # Errors
    /// [`SettingError`] when it is not a number.
    pub fn interval(env: &Environment) -> Result<Duration, SettingError> {
        env.seconds_or("SECRETS_REFRESH_SECONDS", 300)
    }

    /// Fetches them all.
    ///
    /// # Errors
    /// [`VaultError`] for one that cannot be had: the function does not start with a
    /// partner it could not sign for.
    pub async fn open(
        source: F,
        clock: C,
        every: Duration,
        references: impl IntoIterator<Item = Reference>,
    ) -> Result<Self, VaultError> {
        let now = clock.now();
        let fetched = references.into_iter().map(|reference| {
            let source = &source;
            async move {
                match source.fetch(&reference, now).await {
                    Ok(secret) => Ok((reference, Refreshed::new(secret, now, every))),
                    Err(problem) => Err(VaultError::Fetch { reference, problem }),
                }
            }
        });
        let secrets = try_join_all(fetched).await?.into_iter().collect();
        Ok(Self { source, clock, secrets })
    }

    /// The time by the clock that secrets age by.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A secret, as new as its interval demands where that can be had.
    ///
    /// # Errors
    /// [`VaultError::Unknown`] for one that was not named at the start.
    pub async fn get(&self, reference: &Reference) -> Result<Arc<Secret>, VaultError> {
        let kept = self.secrets.get(reference);
        let kept = kept.ok_or_else(|| VaultError::Unknown(reference.clone()))?;
        let now = self.clock.now();
        let old = match kept.at(now) {
            Now::Fresh(secret) => return Ok(secret),
            Now::Due(secret) => secret,
        };
        match self.source.fetch(reference, now).await {
            Ok(secret) => Ok(kept.set(secret, now)),
            Err(problem) => {
                tracing::warn!(%reference, %problem, "the old secret stays");
                Ok(old)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flotilla_task::clock::ManualClock;
    use std::sync::Mutex;

    /// Hands out what a test puts there, and counts how often it was asked.
    #[derive(Debug, Default)]
    struct Shelf(Mutex<(Option<&'static str>, usize)>);

    impl Shelf {
        fn put(&self, secret: Option<&'static str>) {
            self.0.lock().unwrap().0 = secret;
        }
    }

    impl Fetch for &Shelf {
        async fn fetch(&self, _: &Reference, _: Timestamp) -> Result<Secret, Error> {
            let mut shelf = self.0.lock().unwrap();
            shelf.1 += 1;
            let secret = shelf.0.ok_or_else(|| Error::Unanswered("503".to_owned()))?;
            Ok(secret.to_owned().into())
        }
    }

    const EVERY: Duration = Duration::from_secs(300);

    #[tokio::test]
    async fn a_secret_is_refreshed_and_an_outage_keeps_the_old_one() {
        let shelf = Shelf::default();
        let reference: Reference = "ssm:/keys".parse().unwrap();
        shelf.put(Some("old"));
        let vault = Vault::open(&shelf, ManualClock::default(), EVERY, [reference.clone()]);
        let vault = vault.await.unwrap();
        let now = async || vault.get(&reference).await.unwrap().reveal().to_owned();
        shelf.put(Some("new"));
        assert_eq!(now().await, "old");
        assert_eq!(shelf.0.lock().unwrap().1, 1, "fetched at the start, and not again so soon");
        vault.clock.advance(EVERY);
        shelf.put(None);
        assert_eq!(now().await, "old");
        assert_eq!(now().await, "old");
        assert_eq!(shelf.0.lock().unwrap().1, 2, "an outage is not asked again at once");
        vault.clock.advance(Duration::from_secs(30));
        shelf.put(Some("new"));
        assert_eq!(now().await, "new");
        let other: Reference = "ssm:/other".parse().unwrap();
        assert_eq!(vault.get(&other).await.unwrap_err(), VaultError::Unknown(other));
    }

    #[tokio::test]
    async fn a_function_does_not_start_without_its_secrets() {
        let shelf = Shelf::default();
        let reference: Reference = "secretsmanager:keys".parse().unwrap();
        let opened = Vault::open(&shelf, ManualClock::default(), EVERY, [reference]).await;
        let said = opened.unwrap_err().to_string();
        assert_eq!(said, "secretsmanager:keys: no answer: 503");
    }
}
