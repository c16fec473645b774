//! A server on loopback and on a thread of its own, so that what it uses is told apart
//! from what others use.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::pin::Pin;
use tokio::sync::oneshot;

/// Is ready when the server has to end.
pub type Stopped = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The running server, until it is dropped.
#[derive(Debug)]
pub struct OwnThread {
    /// Where it listens.
    pub address: SocketAddr,
    /// Told when it is dropped.
    _stop: oneshot::Sender<()>,
}

impl OwnThread {
    /// Serves on a free port. The thread's name is that by which its processor time is
    /// found.
    ///
    /// # Errors
    /// When there is no port or no thread for it.
    pub fn serve<S, F>(name: &'static str, serve: S) -> io::Result<Self>
    where
        S: FnOnce(tokio::net::TcpListener, Stopped) -> F + Send + 'static,
        F: Future<Output = io::Result<()>>,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = Box::pin(async {
            // It is dropped, never sent.
            let _gone = stopped.await;
        });
        std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            let served = runtime.block_on(async {
                serve(tokio::net::TcpListener::from_std(listener)?, stopped).await
            });
            if let Err(error) = served {
                tracing::error!(%error, name, "a server had to end");
            }
        })?;
        Ok(Self { address, _stop: stop })
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}
