//! What sources are shown of who asks: fetched when one is first pulled, so that a
//! secret that cannot be had stops that source and nothing else.

use crate::secrets::{Fetch, Reference, Secret, Vault};
use flotilla_shipment::pull::plan::Credentials;
use flotilla_shipment::pull::{Code, Problem};
use flotilla_task::SystemClock;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Stands in references for the setting `SECRETS_PATH`.
const PATH: &str = "{secrets}";

/// Credentials by their references.
#[derive(Debug)]
pub struct Keys<F> {
    fetch: F,
    every: Duration,
    path: String,
    vaults: Mutex<BTreeMap<Reference, Arc<Vault<F, SystemClock>>>>,
}

impl<F: Fetch + Clone> Keys<F> {
    /// Fetched from there, and again after each interval. `path` stands for
    /// `{secrets}` in references.
    #[must_use]
    pub fn new(fetch: F, every: Duration, path: &str) -> Self {
        Self { fetch, every, path: path.to_owned(), vaults: Mutex::default() }
    }

    /// The secret of a source.
    pub(super) async fn of(&self, credentials: &Credentials) -> Result<Arc<Secret>, Problem> {
        let problem = |text: &str| Problem::new(Code::Credentials, text);
        if self.path.is_empty() && credentials.reference.contains(PATH) {
            return Err(problem("SECRETS_PATH is not set, which {secrets} stands for"));
        }
        let reference = credentials.reference.replacen(PATH, &self.path, 1);
        let reference: Reference =
            reference.parse().map_err(|error| Problem::new(Code::Credentials, error))?;
        let failed = |error| Problem::new(Code::Credentials, error);
        let known = self.lock().get(&reference).cloned();
        let vault = match known {
            Some(vault) => vault,
            None => {
                let named = [reference.clone()];
                let opened = Vault::open(self.fetch.clone(), SystemClock, self.every, named);
                let vault = Arc::new(opened.await.map_err(failed)?);
                self.lock().insert(reference.clone(), Arc::clone(&vault));
                vault
            }
        };
        vault.get(&reference).await.map_err(failed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Reference, Arc<Vault<F, SystemClock>>>> {
        self.vaults.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
