//! The way to a collector: one request at the end of an invocation, within a limit.
//!
//! It may lose spans, never a record and never much time. A collector that fails or
//! does not answer costs one invocation the limit; then it is left alone for a while,
//! and what is seen in the meantime is dropped and counted.

use super::settings::Otlp;
use super::{Tree, otlp};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::error::display::DisplayErrorContext;
use flotilla_task::Timestamp;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long a collector that failed is left alone.
const LEFT_ALONE: Duration = Duration::from_secs(60);
/// What the first connection may take: a handshake may be longer than what an
/// invocation waits, and nothing waits for this one.
const FIRST_LIMIT: Duration = Duration::from_secs(1);

/// Sends spans to a collector, with the HTTP client that the AWS clients bring along.
pub(super) struct Exporter {
    pub(super) settings: Otlp,
    connector: Connector,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    alone_until: Timestamp,
    /// Spans that nobody got, since it was last told.
    lost: u64,
}

impl fmt::Debug for Exporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers may hold a key.
        f.debug_struct("Exporter").field("url", &self.settings.url).finish_non_exhaustive()
    }
}

impl Exporter {
    pub(super) fn new(settings: Otlp) -> Self {
        // Calls http as well. A client without TLS would be a second one in the binary.
        let tls = tls::Provider::Rustls(CryptoMode::Ring);
        let connector = Connector::builder().tls_provider(tls).build();
        Self { settings, connector, state: Mutex::default() }
    }

    /// Opens the connection and says early when nobody is there. That it took too long
    /// says nothing yet: the environment may have been frozen meanwhile.
    pub(super) async fn warm_up(&self, now: Timestamp) {
        let nothing = || String::from(r#"{"resourceSpans":[]}"#);
        match tokio::time::timeout(FIRST_LIMIT, self.post(nothing)).await {
            Ok(answer) => self.answered(answer, 0, now),
            Err(_elapsed) => tracing::debug!("the collector did not answer the warm-up"),
        }
    }

    /// Sends what is sampled of these, within the limit. Where less than that is
    /// `left`, nobody is asked: a collector must not be left alone for what is not its
    /// fault.
    pub(super) async fn send(&self, mut trees: Vec<Tree>, now: Timestamp, left: Duration) {
        trees.retain(|tree| tree.sampled);
        let spans: usize = trees.iter().map(|tree| 1 + tree.calls.len()).sum();
        if spans == 0 {
            return;
        }
        let limit = self.settings.limit;
        if self.is_left_alone(now) || left < limit {
            self.lose(spans as u64);
            return;
        }
        // Writing the spans counts towards the limit as well.
        let body = || otlp::body(&self.settings.resource, &trees);
        let answer = match tokio::time::timeout(limit, self.post(body)).await {
            Ok(answer) => answer,
            Err(_elapsed) => Err(format!("no answer within {limit:?}")),
        };
        self.answered(answer, spans as u64, now);
    }

    fn is_left_alone(&self, now: Timestamp) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).alone_until > now
    }

    fn lose(&self, spans: u64) -> u64 {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.lost += spans;
        state.lost
    }

    fn answered(&self, answer: Result<(), String>, spans: u64, now: Timestamp) {
        match answer {
            Ok(()) => {
                let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                if std::mem::take(&mut state.lost) > 0 {
                    tracing::info!("the collector takes spans again");
                }
            }
            Err(problem) => {
                let lost = self.lose(spans);
                let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                state.alone_until = now.plus(LEFT_ALONE);
                let seconds = LEFT_ALONE.as_secs();
                tracing::warn!(%problem, lost, seconds, "the collector is left alone for a while");
            }
        }
    }

    async fn post(&self, body: impl FnOnce() -> String) -> Result<(), String> {
        let mut request = HttpRequest::new(SdkBody::from(body()));
        request.set_method("POST").map_err(|error| error.to_string())?;
        request.set_uri(self.settings.url.as_str()).map_err(|error| error.to_string())?;
        let headers = request.headers_mut();
        let own = ("content-type".to_owned(), "application/json".to_owned());
        for (name, value) in std::iter::once(&own).chain(&self.settings.headers) {
            headers
                .try_insert(name.clone(), value.clone())
                .map_err(|_| format!("{name} cannot be sent as a header"))?;
        }
        let answer = self.connector.call(request).await;
        let mut answer = answer.map_err(|error| DisplayErrorContext(&error).to_string())?;
        let status = answer.status();
        // A connection is used again only when its answer has been read.
        let read = ByteStream::new(answer.take_body()).collect().await;
        if !status.is_success() {
            return Err(format!("it answered {}", status.as_u16()));
        }
        read.map(drop).map_err(|error| error.to_string())
    }
}
