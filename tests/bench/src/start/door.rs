//! A service's front door: takes TLS connections, counts them, and passes what they say
//! on to a server that speaks plain HTTP.

use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

/// What the doors show, and whoever trusts it.
#[derive(Debug)]
pub struct Certificate {
    /// For those who are to trust it.
    pub pem: String,
    config: Arc<ServerConfig>,
}

impl Certificate {
    /// Makes one for `localhost`.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make() -> Result<Self, Box<dyn std::error::Error>> {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()])?;
        let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key.into())?;
        Ok(Self { pem: cert.pem(), config: Arc::new(config) })
    }
}

/// A door, open until the process ends.
#[derive(Debug)]
pub struct Door {
    /// What to call instead of the server behind it.
    pub url: String,
    handshakes: Arc<AtomicU64>,
}

impl Door {
    /// In front of a server.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn open(to: SocketAddr, certificate: &Certificate) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("https://localhost:{}", listener.local_addr()?.port());
        let (handshakes, acceptor) =
            (Arc::default(), TlsAcceptor::from(Arc::clone(&certificate.config)));
        tokio::spawn(pass_all(listener, acceptor, to, Arc::clone(&handshakes)));
        Ok(Self { url, handshakes })
    }

    /// How many TLS handshakes were begun here.
    #[must_use]
    pub fn handshakes(&self) -> u64 {
        self.handshakes.load(Ordering::Relaxed)
    }
}

async fn pass_all(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    to: SocketAddr,
    handshakes: Arc<AtomicU64>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        handshakes.fetch_add(1, Ordering::Relaxed);
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            // Who is refused or goes away sees so at the other end.
            let _ended = pass(stream, &acceptor, to).await;
        });
    }
}

async fn pass(stream: TcpStream, acceptor: &TlsAcceptor, to: SocketAddr) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut inside = TcpStream::connect(to).await?;
    inside.set_nodelay(true)?;
    let mut outside = acceptor.accept(stream).await?;
    tokio::io::copy_bidirectional(&mut outside, &mut inside).await?;
    Ok(())
}
