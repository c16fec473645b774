//! Names become addresses here, and only those that may be called come out.

use super::settings::Outbound;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The system's resolver, sifted.
#[derive(Debug)]
pub(super) struct Sifted(pub(super) Outbound);

impl Resolve for Sifted {
    fn resolve(&self, name: Name) -> Resolving {
        let outbound = self.0.clone();
        Box::pin(async move {
            let host = name.as_str();
            // The port is the URL's; the client fills it in.
            let found = tokio::net::lookup_host((host, 0)).await?;
            let allowed = outbound.sift(host, found)?;
            let addresses: Addrs = Box::new(allowed.into_iter());
            Ok(addresses)
        })
    }
}
