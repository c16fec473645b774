//! TLS of a process: one provider, and whom it trusts.

use rustls::ClientConfig;
use rustls_platform_verifier::ConfigVerifierExt;
use std::sync::OnceLock;

/// Makes rustls on ring the process's TLS provider, for clients that do not
/// bring their own. A second call changes nothing.
pub fn install() {
    // The only error is that there is one already, and there is only this one.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// A client for HTTP that trusts whom the system trusts, with nothing else said yet.
///
/// All of them share what the first has read. A system knows some 140 authorities; reading
/// them for each partner's client anew would be three quarters of communication's start.
///
/// # Errors
/// When the system trusts nobody.
pub fn http() -> Result<reqwest::ClientBuilder, rustls::Error> {
    static SHARED: OnceLock<ClientConfig> = OnceLock::new();
    let shared = match SHARED.get() {
        Some(shared) => shared,
        None => {
            install();
            let mut read = ClientConfig::with_platform_verifier()?;
            read.alpn_protocols = vec![b"http/1.1".to_vec()];
            SHARED.get_or_init(|| read)
        }
    };
    Ok(reqwest::Client::builder().tls_backend_preconfigured(shared.clone()))
}
