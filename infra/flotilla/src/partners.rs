//! The partners' own book, read over HTTP.

use crate::books::WorldBook;
use crate::error::{Error, causes};
use std::time::Duration;

/// A client of the stand-in world.
#[derive(Debug, Clone)]
pub struct Partners {
    url: String,
    http: reqwest::Client,
}

impl Partners {
    /// A client for the world at `url`.
    ///
    /// # Errors
    /// [`Error::Environment`] when TLS cannot be set up.
    pub fn new(url: &str) -> Result<Self, Error> {
        let http = on_this_machine()?;
        Ok(Self { url: url.trim_end_matches('/').to_owned(), http })
    }

    /// Lets a partner take its time, in milliseconds from least to most.
    ///
    /// # Errors
    /// As [`ledger`](Self::ledger).
    pub async fn slow_down(&self, partner: &str, least: u64, most: u64) -> Result<(), Error> {
        let url = format!("{}/moods/{partner}", self.url);
        let tried = format!("slowing {partner} down at {url}");
        let mood = serde_json::json!({ "latency_ms": [least, most] });
        let answer = self.http.post(&url).json(&mood).send().await;
        let answer = answer.and_then(reqwest::Response::error_for_status);
        answer.map(|_| ()).map_err(|error| {
            Error::environment(&tried, causes(&error), "Is it this project's stand-in world?")
        })
    }

    /// Everything the partners were really asked to do.
    ///
    /// # Errors
    /// [`Error::Environment`] when they do not answer with a ledger.
    pub async fn ledger(&self) -> Result<WorldBook, Error> {
        let tried = format!("reading the partners' ledger at {}/ledger", self.url);
        let advice = "Is the stand-in world running? `make up` starts it; FLOTILLA_PARTNERS_URL or \
                      --partners-url says where it is.";
        let failed = |error: reqwest::Error| Error::environment(&tried, causes(&error), advice);
        let answer = self.http.get(format!("{}/ledger", self.url)).send().await.map_err(failed)?;
        let answer = answer.error_for_status().map_err(failed)?;
        answer.json().await.map_err(failed)
    }
}

/// A client for servers on this machine, which an HTTP proxy would not find.
pub(crate) fn on_this_machine() -> Result<reqwest::Client, Error> {
    // Already installed by an earlier call: the same provider.
    let _already = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .connect_timeout(Duration::from_secs(3))
        .timeout(Duration::from_secs(30))
        .build()
        .map_err(|error| Error::environment("setting up HTTP", error, "This is a fault."))
}
