//! The one TLS provider of a process.

/// Makes rustls on ring the process's TLS provider, for clients that do not
/// bring their own. A second call changes nothing.
pub fn install() {
    // The only error is that there is one already, and there is only this one.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
