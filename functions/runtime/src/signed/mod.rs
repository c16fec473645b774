//! Three calls to AWS, signed by hand: an SSM parameter, a secret, an S3 object.
//!
//! Why not the SDK's clients: `aws-sdk-ssm` took 129 s of a release build on two
//! cores, three quarters of the build it was measured in, for one call of its 150;
//! the one for S3 is larger still. Signing itself is AWS's own `aws-sigv4`, which the
//! other clients bring along, and `AWS_ENDPOINT_URL` counts here as it does there.

mod answer;
mod call;

pub use answer::Error;

use crate::outbound::body;
use answer::{MAX_ANSWER_BYTES, MAX_OBJECT_BYTES};
use aws_config::SdkConfig;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use call::Call;
use flotilla_task::Timestamp;
use reqwest::{Response, StatusCode, header};
use std::time::Duration;

/// Longer than any answer that is still coming.
const TIME_LIMIT: Duration = Duration::from_millis(1_500);
const ATTEMPTS: u32 = 3;
/// Between the first attempt and the second; twice that before the third.
const PAUSE: Duration = Duration::from_millis(100);

/// A parameter's value.
#[derive(Clone, PartialEq, Eq)]
pub struct Parameter {
    /// What it says. It may be a secret, hence no `Debug`.
    pub value: String,
    /// Which version of it.
    pub version: u64,
}

/// Where an object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its bucket.
    pub bucket: String,
    /// Its key.
    pub key: String,
    /// Its version; the newest where there is none.
    pub version: Option<String>,
}

/// What came of asking for an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// The object is the one already known.
    Unchanged,
    /// Another one.
    Text {
        /// What it says.
        text: String,
        /// What tells it from the next one.
        etag: Option<String>,
    },
}

/// Makes the calls. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Signed {
    http: reqwest::Client,
    credentials: SharedCredentialsProvider,
    region: String,
    endpoint: Option<String>,
}

impl Signed {
    /// A caller with a function's AWS configuration.
    ///
    /// # Errors
    /// When it has no region or nowhere to find keys, or TLS cannot be set up.
    pub fn new(config: &SdkConfig) -> Result<Self, Error> {
        let unset = |what: &str| Error::Unset(what.to_owned());
        Ok(Self {
            // AWS is no partner: its endpoint may well be a private one, or a local
            // cloud's, and only the deployment's own environment names it.
            http: crate::tls::http()
                .map_err(|error| Error::Unset(format!("TLS: {error}")))?
                .timeout(TIME_LIMIT)
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .build()
                .map_err(|error| Error::Unset(format!("TLS: {error}")))?,
            credentials: config.credentials_provider().ok_or_else(|| unset("credentials"))?,
            region: config.region().ok_or_else(|| unset("AWS_REGION"))?.to_string(),
            endpoint: config.endpoint_url().map(|url| url.trim_end_matches('/').to_owned()),
        })
    }

    /// A parameter, decrypted where it is a secret.
    ///
    /// # Errors
    /// [`Error`], which says whether it is there.
    pub async fn parameter(&self, name: &str, now: Timestamp) -> Result<Parameter, Error> {
        answer::parameter(&self.text(&Call::parameter(name), now).await?)
    }

    /// A secret's text.
    ///
    /// # Errors
    /// [`Error`], which says whether it is there.
    pub async fn secret(&self, id: &str, now: Timestamp) -> Result<String, Error> {
        answer::secret(&self.text(&Call::secret(id), now).await?)
    }

    /// An object's text, unless it is still the one known by this tag.
    ///
    /// # Errors
    /// [`Error`], which says whether it is there.
    pub async fn object(
        &self,
        object: &Object,
        known: Option<&str>,
        now: Timestamp,
    ) -> Result<Fetched, Error> {
        let answer = self.send(&Call::object(object, known), now).await?;
        if answer.status() == StatusCode::NOT_MODIFIED {
            return Ok(Fetched::Unchanged);
        }
        let tag = answer.headers().get(header::ETAG);
        let etag = tag.and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        let text = body::bounded(answer, MAX_OBJECT_BYTES).await?;
        Ok(Fetched::Text { text, etag })
    }

    async fn text(&self, call: &Call, now: Timestamp) -> Result<String, Error> {
        let answer = self.send(call, now).await?;
        Ok(body::bounded(answer, MAX_ANSWER_BYTES).await?)
    }

    /// An answer that is not an error. All three calls read, so they are repeated
    /// when nothing came of them.
    async fn send(&self, call: &Call, now: Timestamp) -> Result<Response, Error> {
        let mut attempt = 1;
        loop {
            match self.attempt(call, now).await {
                Err(error) if error.is_retryable() && attempt < ATTEMPTS => {
                    tokio::time::sleep(PAUSE * attempt).await;
                    attempt += 1;
                }
                done => return done,
            }
        }
    }

    async fn attempt(&self, call: &Call, now: Timestamp) -> Result<Response, Error> {
        let credentials = self.credentials.provide_credentials().await;
        let credentials = credentials.map_err(|error| Error::unanswered(&error))?;
        let (url, headers) = call.sign(&self.region, self.endpoint.as_deref(), credentials, now)?;
        let mut request = self.http.request(call.method.clone(), url).body(call.body.clone());
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = request.send().await.map_err(|error| Error::unanswered(&error))?;
        let status = answer.status();
        if status.is_success() || status == StatusCode::NOT_MODIFIED {
            return Ok(answer);
        }
        let said = body::bounded(answer, MAX_ANSWER_BYTES).await.unwrap_or_default();
        Err(Error::of(status, &said))
    }
}
