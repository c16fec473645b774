//! Who gets signed notices, and with which keys.

use super::directory::{Directory, DirectoryError};
use crate::secrets::{Fetch, Reference, Secret, Vault, VaultError};
use crate::signed::Error;
use crate::webhook::{Headers, Keys, KeysError};
use flotilla_task::{Clock, Timestamp};
use futures_util::future::{BoxFuture, FutureExt};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::Duration;

/// Nothing can be signed with that now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SigningError {
    /// The partners file names no secret.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The secret is not at hand.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The secret does not hold keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

/// Signs notices.
pub(super) trait Sign: Debug + Send + Sync {
    /// The headers of a signed notice; none for a partner that wants no signature.
    fn sign<'a>(
        &'a self,
        partner: &'a str,
        id: &'a str,
        body: &'a str,
    ) -> BoxFuture<'a, Result<Option<Headers>, SigningError>>;
}

/// The keys of every partner that wants a signature.
#[derive(Debug)]
pub struct Signing<F, C> {
    vault: Vault<KeysOnly<F>, C>,
    references: BTreeMap<String, Reference>,
}

impl<F: Fetch, C: Clock> Signing<F, C> {
    /// Fetches the keys that the partners file names. `secrets` is what `{secrets}`
    /// stands for there; where that is not set, what names it is not signed.
    ///
    /// # Errors
    /// [`SigningError`] when there is a partner whose notices could not be signed.
    pub async fn open(
        directory: &Directory,
        secrets: Option<&str>,
        source: F,
        clock: C,
        every: Duration,
    ) -> Result<Self, SigningError> {
        let references = directory.signing(secrets)?;
        let all = references.values().cloned();
        let vault = Vault::open(KeysOnly(source), clock, every, all).await?;
        Ok(Self { vault, references })
    }
}

impl<F: Fetch + Debug, C: Clock + Debug> Sign for Signing<F, C> {
    fn sign<'a>(
        &'a self,
        partner: &'a str,
        id: &'a str,
        body: &'a str,
    ) -> BoxFuture<'a, Result<Option<Headers>, SigningError>> {
        async move {
            let Some(reference) = self.references.get(partner) else { return Ok(None) };
            let keys = Keys::read(&*self.vault.get(reference).await?)?;
            Ok(Some(keys.sign(id, self.vault.now(), body)?))
        }
        .boxed()
    }
}

/// Secrets that hold keys. One that has come to hold something else is as good as one
/// that cannot be fetched: the one before it stays.
#[derive(Debug)]
struct KeysOnly<F>(F);

impl<F: Fetch> Fetch for KeysOnly<F> {
    async fn fetch(&self, reference: &Reference, now: Timestamp) -> Result<Secret, Error> {
        let secret = self.0.fetch(reference, now).await?;
        match Keys::read(&secret) {
            Ok(_) => Ok(secret),
            Err(error) => Err(Error::Unusable(error.to_string())),
        }
    }
}
