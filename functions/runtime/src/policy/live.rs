//! The policy that counts now.

use super::follow::{Documents, Look, Refusal, Seen, look};
use crate::meter::Meter;
use crate::refreshed::{Now, Refreshed};
use crate::settings::{Environment, SettingError};
use crate::signed::{Error, Parameter};
use flotilla_shipment::policy::Policy;
use flotilla_shipment::ports::Policies;
use flotilla_task::{Clock, Timestamp};
use std::sync::Arc;

/// How far back a new environment looks for a policy that is none.
const VERSIONS_BACK: u64 = 10;

/// A policy that is followed, or one that stays.
#[derive(Debug)]
pub struct LivePolicy<D, C> {
    following: Option<Following<D>>,
    clock: C,
    kept: Refreshed<Kept>,
    meter: Arc<Meter>,
}

#[derive(Debug)]
struct Following<D> {
    documents: D,
    parameter: String,
}

/// What is at hand.
#[derive(Debug, Clone)]
struct Kept {
    policy: Arc<Policy>,
    seen: Option<Seen>,
    refused: Option<Refusal>,
}

/// There is no policy to decide by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// A setting is wrong.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// Nobody says what the policy is.
    #[error("POLICY_PARAMETER: {name}: {problem}")]
    Parameter {
        /// The parameter.
        name: String,
        /// Why it cannot be read.
        problem: Error,
    },
    /// The newest document is no policy, and none before it is.
    #[error("POLICY_PARAMETER: {name}: {refusal}; nor is anything before it a policy")]
    Refused {
        /// The parameter.
        name: String,
        /// What is wrong with the newest.
        refusal: Refusal,
    },
}

impl<D: Documents, C: Clock> LivePolicy<D, C> {
    /// The policy that `POLICY_PARAMETER` leads to; where that is not set, the one
    /// that is built in.
    ///
    /// # Errors
    /// [`StartError`] when it leads to none; the environment does not start then.
    pub async fn open(
        env: &Environment,
        built_in: Policy,
        clock: C,
        documents: impl FnOnce() -> Result<D, Error>,
    ) -> Result<Self, StartError> {
        let every = env.seconds_or("POLICY_REFRESH_SECONDS", 60)?;
        let Some(name) = env.get("POLICY_PARAMETER") else {
            let kept = Kept { policy: Arc::new(built_in), seen: None, refused: None };
            let kept = Refreshed::new(kept, clock.now(), every);
            return Ok(Self { following: None, clock, kept, meter: Arc::default() });
        };
        let parameter = name.to_owned();
        let documents = documents().map_err(|problem| {
            let name = parameter.clone();
            StartError::Parameter { name, problem }
        })?;
        let following = Following { documents, parameter };
        let now = clock.now();
        let kept = following.first(built_in, now).await?;
        let kept = Refreshed::new(kept, now, every);
        Ok(Self { following: Some(following), kept, clock, meter: Arc::default() })
    }

    /// The same, and its refusals are counted there.
    #[must_use]
    pub fn counted_by(self, meter: &Arc<Meter>) -> Self {
        Self { meter: Arc::clone(meter), ..self }
    }

    /// The policy, after a look for a newer one where that is due.
    pub async fn now(&self) -> Arc<Policy> {
        let kept = self.look().await;
        if kept.refused.is_some() {
            self.meter.policy_refused.raise();
        }
        Arc::clone(&kept.policy)
    }

    async fn look(&self) -> Arc<Kept> {
        let now = self.clock.now();
        let (kept, following) = match (self.kept.at(now), &self.following) {
            (Now::Due(kept), Some(following)) => (kept, following),
            (Now::Due(kept) | Now::Fresh(kept), _) => return kept,
        };
        match following.next(&kept, now).await {
            Ok(next) => self.kept.set(next, now),
            Err(problem) => {
                let parameter = following.parameter.as_str();
                tracing::warn!(parameter, %problem, policy = kept.policy.label(), "the policy was not looked for");
                kept
            }
        }
    }
}

impl<D: Documents, C: Clock> Policies for LivePolicy<D, C> {
    async fn policy(&self) -> Arc<Policy> {
        self.now().await
    }
}

impl<D: Documents> Following<D> {
    /// The newest that is a policy, or the one built in where nobody has said yet.
    async fn first(&self, built_in: Policy, now: Timestamp) -> Result<Kept, StartError> {
        let failed = |problem| StartError::Parameter { name: self.parameter.clone(), problem };
        let newest = match self.documents.parameter(&self.parameter, now).await {
            Ok(newest) => newest,
            Err(Error::Missing(_)) => {
                let parameter = self.parameter.as_str();
                tracing::warn!(
                    parameter,
                    policy = built_in.label(),
                    "the policy is the built-in one"
                );
                return Ok(Kept { policy: Arc::new(built_in), seen: None, refused: None });
            }
            Err(problem) => return Err(failed(problem)),
        };
        let mut version = newest.version;
        let (refusal, seen) = match self.look(&newest, None, now).await.map_err(failed)? {
            Look::Other { policy, seen, .. } => {
                return Ok(Kept { policy: policy.into(), seen: Some(seen), refused: None });
            }
            Look::Refused { refusal, seen } => (refusal, seen),
            // Nothing was seen before.
            Look::Same => return Err(failed(Error::Unusable("unchanged".to_owned()))),
        };
        for _ in 0..VERSIONS_BACK {
            version = version.saturating_sub(1);
            if version == 0 {
                break;
            }
            let older = format!("{}:{version}", self.parameter);
            let older = match self.documents.parameter(&older, now).await {
                Ok(older) => older,
                Err(Error::Unanswered(problem)) => return Err(failed(Error::Unanswered(problem))),
                Err(_) => break,
            };
            if let Look::Other { policy, .. } =
                self.look(&older, None, now).await.map_err(failed)?
            {
                self.tell(&refusal, &policy);
                return Ok(Kept { policy: policy.into(), seen, refused: Some(refusal) });
            }
        }
        Err(StartError::Refused { name: self.parameter.clone(), refusal })
    }

    /// What counts after a look.
    async fn next(&self, kept: &Kept, now: Timestamp) -> Result<Kept, Error> {
        let newest = self.documents.parameter(&self.parameter, now).await?;
        Ok(match self.look(&newest, kept.seen.as_ref(), now).await? {
            Look::Same => {
                if let Some(refusal) = &kept.refused {
                    self.tell(refusal, &kept.policy);
                }
                kept.clone()
            }
            Look::Other { policy, seen, .. } => {
                Kept { policy: policy.into(), seen: Some(seen), refused: None }
            }
            Look::Refused { refusal, seen } => {
                self.tell(&refusal, &kept.policy);
                Kept { policy: Arc::clone(&kept.policy), seen, refused: Some(refusal) }
            }
        })
    }

    async fn look(
        &self,
        parameter: &Parameter,
        before: Option<&Seen>,
        now: Timestamp,
    ) -> Result<Look, Error> {
        let found = look(&self.documents, parameter, before, now).await?;
        if let Look::Other { policy, place, .. } = &found {
            let version = parameter.version;
            tracing::info!(policy = policy.label(), place, version, "policy followed");
        }
        Ok(found)
    }

    /// At every look, so that an alarm on the line stays as long as its cause does.
    fn tell(&self, refusal: &Refusal, stays: &Policy) {
        let problem = refusal.to_string();
        let parameter = self.parameter.as_str();
        tracing::error!(parameter, problem, policy = stays.label(), "policy refused");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signed::{Fetched, Object};
    use flotilla_task::clock::ManualClock;
    use std::collections::BTreeMap;
    use std::sync::Mutex;
    use std::time::Duration;

    const BUNDLED: &str = include_str!("../../../shipment/data/policy.toml");
    const EVERY: Duration = Duration::from_secs(60);

    /// A parameter's versions, the documents, and how many documents were read.
    #[derive(Debug, Default)]
    struct Shelf(Mutex<(Vec<&'static str>, BTreeMap<String, String>, usize)>);

    impl Shelf {
        fn put(&self, key: &str, text: &str) {
            self.0.lock().unwrap().1.insert(format!("ours/{key}"), text.to_owned());
        }

        fn point(&self, value: &'static str) {
            self.0.lock().unwrap().0.push(value);
        }
    }

    fn version(number: u32) -> String {
        BUNDLED.replace("\nversion = 2\n", &format!("\nversion = {number}\n"))
    }

    impl Documents for &Shelf {
        async fn parameter(&self, name: &str, _: Timestamp) -> Result<Parameter, Error> {
            let values = &self.0.lock().unwrap().0;
            let newest = values.len();
            let version = name.split_once(':').map_or(newest, |(_, v)| v.parse().unwrap());
            let missing = || Error::Missing("400 ParameterNotFound".to_owned());
            let at = version.checked_sub(1).ok_or_else(missing)?;
            let value = values.get(at).ok_or_else(missing)?;
            if *value == "outage" {
                return Err(Error::Unanswered("503".to_owned()));
            }
            Ok(Parameter { value: (*value).to_owned(), version: version as u64 })
        }

        async fn document(
            &self,
            object: &Object,
            known: Option<&str>,
            _: Timestamp,
        ) -> Result<Fetched, Error> {
            let mut shelf = self.0.lock().unwrap();
            let text = shelf.1.get(&format!("{}/{}", object.bucket, object.key)).cloned();
            let text = text.ok_or_else(|| Error::Missing("404 NoSuchKey".to_owned()))?;
            let etag = flotilla_task::fingerprint(&[&text]);
            if known == Some(etag.as_str()) {
                return Ok(Fetched::Unchanged);
            }
            shelf.2 += 1;
            Ok(Fetched::Text { text, etag: Some(etag) })
        }
    }

    type Live<'a> = LivePolicy<&'a Shelf, ManualClock>;

    async fn open(shelf: &Shelf) -> Result<Live<'_>, StartError> {
        let env = Environment::from([("POLICY_PARAMETER", "/ours/policy")]);
        let built_in = Policy::bundled().unwrap();
        LivePolicy::open(&env, built_in, ManualClock::default(), || Ok(shelf)).await
    }

    /// The policy at the next look, and what was refused then.
    async fn later(live: &Live<'_>) -> (String, Option<String>) {
        live.clock.advance(EVERY);
        let label = live.now().await.label();
        let (Now::Due(kept) | Now::Fresh(kept)) = live.kept.at(live.clock.now());
        let counted = live.meter.take().policy_refused;
        assert_eq!(counted, u64::from(kept.refused.is_some()), "it is counted while it is refused");
        (label, kept.refused.as_ref().map(ToString::to_string))
    }

    #[tokio::test]
    async fn without_a_parameter_the_built_in_policy_counts() {
        let env = Environment::default();
        let built_in = Policy::bundled().unwrap();
        let never = || -> Result<&Shelf, Error> { panic!("nothing is called") };
        let live = LivePolicy::open(&env, built_in, ManualClock::default(), never).await.unwrap();
        live.clock.advance(EVERY * 2);
        assert_eq!(live.now().await.label(), "default@2");
        // Nor before anybody has said where the policy is.
        assert_eq!(open(&Shelf::default()).await.unwrap().now().await.label(), "default@2");
    }

    #[tokio::test]
    async fn a_new_version_is_followed_and_a_wrong_one_leaves_the_old_one_and_says_why() {
        let shelf = Shelf::default();
        shelf.put("policy.toml", &version(3));
        shelf.point("s3://ours/policy.toml");
        let live = open(&shelf).await.unwrap();
        assert_eq!(live.now().await.label(), "default@3");
        shelf.put("policy.toml", &version(4));
        assert_eq!(live.now().await.label(), "default@3", "it is not time yet");
        assert_eq!(later(&live).await, ("default@4".to_owned(), None));
        shelf.put("policy.toml", &version(5).replace("most_bookings", "most_bookngs"));
        for _ in 0..2 {
            let (label, refused) = later(&live).await;
            let refused = refused.unwrap();
            assert_eq!(label, "default@4");
            assert!(refused.starts_with("s3://ours/policy.toml: policy.toml: line "), "{refused}");
            assert!(refused.contains("most_book"), "{refused}");
        }
        assert_eq!(shelf.0.lock().unwrap().2, 3, "what is known is not read again");
        for (value, said) in [
            ("s3:/ours/x", "the parameter's version 2: expected s3://"),
            ("s3://ours/gone.toml", "s3://ours/gone.toml: there is nothing of that name"),
        ] {
            shelf.point(value);
            let (label, refused) = later(&live).await;
            assert_eq!(label, "default@4");
            assert!(refused.as_ref().unwrap().starts_with(said), "{refused:?}");
        }
        shelf.put("policy.toml", &version(6));
        shelf.point("s3://ours/policy.toml");
        assert_eq!(later(&live).await, ("default@6".to_owned(), None));
    }

    #[tokio::test]
    async fn an_outage_is_no_refusal_and_is_over_soon() {
        let shelf = Shelf::default();
        shelf.put("policy.toml", &version(3));
        shelf.point("s3://ours/policy.toml");
        let live = open(&shelf).await.unwrap();
        shelf.point("outage");
        assert_eq!(later(&live).await, ("default@3".to_owned(), None));
        shelf.put("new.toml", &version(4));
        shelf.point("s3://ours/new.toml");
        live.clock.advance(Duration::from_secs(30));
        assert_eq!(live.now().await.label(), "default@4");
    }

    #[tokio::test]
    async fn an_environment_that_starts_on_a_wrong_document_finds_the_one_before_it() {
        let shelf = Shelf::default();
        shelf.put("3.toml", &version(3));
        shelf.put("4.toml", "version = 4");
        shelf.point("s3://ours/3.toml");
        shelf.point("s3://ours/4.toml");
        shelf.point("not even a place");
        let live = open(&shelf).await.unwrap();
        assert_eq!(live.now().await.label(), "default@3");
        let (label, refused) = later(&live).await;
        assert_eq!(label, "default@3");
        assert!(refused.unwrap().starts_with("the parameter's version 3: "));
        let never = Shelf::default();
        never.put("4.toml", "version = 4");
        never.point("s3://ours/4.toml");
        let said = open(&never).await.unwrap_err().to_string();
        assert!(said.starts_with("POLICY_PARAMETER: /ours/policy: s3://ours/4.toml: "), "{said}");
    }
}
