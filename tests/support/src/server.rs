//! Binding, the proxy's own paths, serving and stopping.

use crate::fault::Fault;
use crate::proxy::{Asked, Wire};
use crate::record::Call;
use crate::witness::Seen;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The proxy could not start or had to end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The port could not be taken.
    #[error("cannot listen on 127.0.0.1:{port}: {cause}; choose another with --port")]
    Bind {
        /// The port that was asked for.
        port: u16,
        /// What the system said.
        cause: io::Error,
    },
    /// Listening failed.
    #[error("the wire proxy had to end: {0}")]
    Io(#[from] io::Error),
    /// The HTTP client could not be made.
    #[error("the wire proxy cannot call the cloud: {0}")]
    Client(#[from] reqwest::Error),
}

/// Takes a port on the loopback interface and says its base URL.
///
/// # Errors
/// [`Error::Bind`] when the port is taken or not allowed.
pub async fn listen(port: u16) -> Result<(TcpListener, String), Error> {
    // HTTP clients want it, though no call here is encrypted.
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = TcpListener::bind(address).await.map_err(|cause| Error::Bind { port, cause })?;
    let url = format!("http://{}", listener.local_addr()?);
    Ok((listener, url))
}

/// Serves the proxy in front of `cloud` until `stop` resolves.
///
/// # Errors
/// [`Error`] when the listener fails.
pub async fn serve(
    listener: TcpListener,
    cloud: &str,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    pass_on(listener, Wire::before(cloud)?, stop).await
}

async fn pass_on(
    listener: TcpListener,
    wire: Arc<Wire>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    let router = Router::new()
        .route("/_wire/calls", get(calls).delete(forget))
        .route("/_wire/faults", get(faults).post(add).delete(calm))
        .route("/_wire/seen", get(seen))
        .fallback(pass)
        .layer(DefaultBodyLimit::disable())
        .with_state(wire);
    Ok(axum::serve(listener, router).with_graceful_shutdown(stop).await?)
}

/// A proxy running inside this process, for tests.
#[derive(Debug)]
pub struct Running {
    /// Its URL, to be used in place of the cloud's.
    pub url: String,
    wire: Arc<Wire>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), Error>>,
}

/// Starts a proxy on a free port.
///
/// # Errors
/// [`Error::Bind`].
pub async fn start(cloud: &str) -> Result<Running, Error> {
    let (listener, url) = listen(0).await?;
    let (stop, stopped) = oneshot::channel();
    let wire = Wire::before(cloud)?;
    let stop_signal = async move {
        // The sender is gone when nobody waits for the end.
        let _either_way = stopped.await;
    };
    let task = tokio::spawn(pass_on(listener, Arc::clone(&wire), stop_signal));
    Ok(Running { url, wire, stop, task })
}

impl Running {
    /// Every call since the start, or since they were forgotten.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.wire.record.calls()
    }

    /// Forgets the calls.
    pub fn forget(&self) {
        self.wire.record.forget();
    }

    /// Stops it and waits until open calls are answered.
    ///
    /// # Errors
    /// [`Error`] when serving had failed.
    pub async fn stop(self) -> Result<(), Error> {
        // The receiver is gone only when serving has ended by itself.
        let _ended_already = self.stop.send(());
        self.task.await.map_err(io::Error::other)?
    }
}

async fn calls(State(wire): State<Arc<Wire>>) -> Json<Vec<Call>> {
    Json(wire.record.calls())
}

async fn forget(State(wire): State<Arc<Wire>>) -> StatusCode {
    wire.record.forget();
    StatusCode::NO_CONTENT
}

async fn faults(State(wire): State<Arc<Wire>>) -> Json<Vec<Fault>> {
    Json(wire.record.faults())
}

async fn add(
    State(wire): State<Arc<Wire>>,
    body: Bytes,
) -> Result<StatusCode, (StatusCode, String)> {
    let fault = serde_json::from_slice(&body)
        .map_err(|error| (StatusCode::BAD_REQUEST, format!("not a rule: {error}\n")))?;
    wire.record.add(fault);
    Ok(StatusCode::NO_CONTENT)
}

async fn calm(State(wire): State<Arc<Wire>>) -> StatusCode {
    wire.record.calm();
    StatusCode::NO_CONTENT
}

async fn seen(State(wire): State<Arc<Wire>>) -> Json<Seen> {
    Json(wire.record.seen())
}

/// What has arrived here is on its way, as it is on a network: it goes on even
/// when its caller gives up or dies.
async fn pass(
    State(wire): State<Arc<Wire>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let on_its_way =
        tokio::spawn(async move { wire.pass(Asked { method, uri, headers, body }).await });
    on_its_way.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a call was lost on its way");
        StatusCode::BAD_GATEWAY.into_response()
    })
}
