//! The wire proxy between the functions and a local cloud: what it makes go
//! wrong, and what it has seen. `tests/support` tells how it works.

use crate::error::{Error, causes};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A client of the proxy.
#[derive(Debug, Clone)]
pub struct Wire {
    url: String,
    http: reqwest::Client,
}

/// Calls that fit go wrong in its way, so many times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// `throttle`, `delay`, `duplicate`...
    #[serde(rename = "do")]
    pub kind: &'static str,
    /// The operation.
    pub action: &'static str,
    /// How often it acts.
    pub times: u32,
    /// How long a delay or a lost answer lasts, in milliseconds.
    pub ms: u64,
}

/// What the proxy saw of the task protocol.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Seen {
    /// Claims of a task that another attempt was running.
    pub takeovers: u64,
    /// Writes refused because the task had moved on under another attempt.
    pub fenced: u64,
    /// Of these, writes that were held back on their way.
    pub fenced_late: u64,
    /// How often each kind of fault has struck.
    pub struck: BTreeMap<String, u64>,
}

impl Wire {
    /// A client for the proxy at `url`.
    ///
    /// # Errors
    /// [`Error::Environment`] when TLS cannot be set up.
    pub fn new(url: &str) -> Result<Self, Error> {
        let http = crate::partners::on_this_machine()?;
        Ok(Self { url: format!("{}/_wire", url.trim_end_matches('/')), http })
    }

    /// Lets calls go wrong.
    ///
    /// # Errors
    /// [`Error::Environment`] when the proxy does not answer; so for the others.
    pub async fn strike(&self, fault: &Fault) -> Result<(), Error> {
        self.ask(self.http.post(self.at("faults")).json(fault)).await.map(|_| ())
    }

    /// No more faults; those that have struck go on to their end.
    ///
    /// # Errors
    /// See [`Self::strike`].
    pub async fn calm(&self) -> Result<(), Error> {
        self.ask(self.http.delete(self.at("faults"))).await.map(|_| ())
    }

    /// Forgets the single calls, which nobody counts here.
    ///
    /// # Errors
    /// See [`Self::strike`].
    pub async fn forget(&self) -> Result<(), Error> {
        self.ask(self.http.delete(self.at("calls"))).await.map(|_| ())
    }

    /// What it has seen so far.
    ///
    /// # Errors
    /// See [`Self::strike`].
    pub async fn seen(&self) -> Result<Seen, Error> {
        let answer = self.ask(self.http.get(self.at("seen"))).await?;
        answer.json().await.map_err(|error| self.failed(&error))
    }

    fn at(&self, what: &str) -> String {
        format!("{}/{what}", self.url)
    }

    async fn ask(&self, request: reqwest::RequestBuilder) -> Result<reqwest::Response, Error> {
        let answer = request.send().await.and_then(reqwest::Response::error_for_status);
        answer.map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &reqwest::Error) -> Error {
        let tried = format!("asking the wire proxy at {}", self.url);
        let advice =
            "`local.py run --wire` starts one; FLOTILLA_WIRE_URL or --wire-url says where.";
        Error::environment(&tried, causes(error), advice)
    }
}
