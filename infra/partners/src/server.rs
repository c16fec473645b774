//! Binding, serving and stopping.

use crate::line::Lines;
use crate::{World, routes};
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The world could not start or had to end.
#[derive(Debug)]
pub enum Error {
    /// The port could not be taken.
    Bind {
        /// The port that was asked for.
        port: u16,
        /// What the system said.
        cause: io::Error,
    },
    /// Listening or signal handling failed.
    Io(io::Error),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bind { port, cause } => write!(
                f,
                "cannot listen on 127.0.0.1:{port}: {cause}; end what uses that port, \
                 or choose another with --port (0 takes a free one)"
            ),
            Self::Io(cause) => write!(f, "the stand-in world had to end: {cause}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Bind { cause, .. } | Self::Io(cause) => Some(cause),
        }
    }
}

/// Takes a port on the loopback interface and says its base URL. Never any
/// other interface: anyone who reaches the world can set its moods.
///
/// # Errors
/// [`Error::Bind`] when the port is taken or not allowed.
pub async fn listen(port: u16) -> Result<(TcpListener, String), Error> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = TcpListener::bind(address).await.map_err(|cause| Error::Bind { port, cause })?;
    let url = format!("http://{}", listener.local_addr().map_err(Error::Io)?);
    Ok((listener, url))
}

/// Serves `world` until `stop` resolves, then lets open requests finish.
///
/// # Errors
/// [`Error::Io`] when the listener fails.
pub async fn serve(
    listener: TcpListener,
    world: World,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    axum::serve(Lines(listener), routes::connected(world))
        .with_graceful_shutdown(stop)
        .await
        .map_err(Error::Io)
}

/// Resolves at SIGTERM or Ctrl-C.
///
/// # Errors
/// [`Error::Io`] when the handler cannot be installed.
pub fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static, Error> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::Io)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::Io)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// A world running inside this process, for tests.
#[derive(Debug)]
pub struct Running {
    /// Base URL, without a slash at its end.
    pub url: String,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), Error>>,
}

impl Running {
    /// Stops it as SIGTERM would and waits until open requests are answered.
    ///
    /// # Errors
    /// [`Error::Io`] when serving had failed.
    pub async fn stop(self) -> Result<(), Error> {
        // The receiver is gone only when serving has ended by itself.
        let _ended_already = self.stop.send(());
        self.task.await.map_err(|join| Error::Io(io::Error::other(join)))?
    }
}

/// Starts `world` on a free port of this process.
///
/// # Errors
/// [`Error::Bind`] when there is no free port.
pub async fn start(world: World) -> Result<Running, Error> {
    let (listener, url) = listen(0).await?;
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(serve(listener, world, async move {
        // A dropped sender means the test is over: stop as well.
        let _either_way = stopped.await;
    }));
    Ok(Running { url, stop, task })
}
