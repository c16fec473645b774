//! A client for the origins that a deployment has configured.

use super::refusal::Refusal;
use super::resolver::Sifted;
use super::settings::Outbound;
use flotilla_task::safe;
use reqwest::{Method, RequestBuilder, Url};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// A client cannot be made. A retry does not help.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A configured URL is one that may not be called.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// The client cannot be made.
    #[error("an HTTP client cannot be made: {0}")]
    Http(#[from] reqwest::Error),
}

/// Calls configured origins and no other. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    outbound: Outbound,
    origins: Arc<BTreeSet<String>>,
}

impl Client {
    /// A client for the origins (scheme, host and port) of these URLs. No call takes
    /// longer than `time_limit`, unless the call itself says otherwise.
    ///
    /// # Errors
    /// [`BuildError`] when one of them may not be called, which names it.
    pub fn new<'a>(
        outbound: &Outbound,
        time_limit: Duration,
        configured: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, BuildError> {
        let mut origins = BTreeSet::new();
        for text in configured {
            let url = parsed(text)?;
            outbound.check(&url)?;
            origins.insert(origin(&url));
        }
        let http = crate::tls::http()?
            .timeout(time_limit)
            .connect_timeout(time_limit / 2)
            // An address is a setting, not the other side's choice.
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            // A proxy of the environment would resolve names by itself.
            .no_proxy()
            .https_only(!outbound.allows_plain())
            .dns_resolver(Sifted(outbound.clone()))
            // An environment is frozen between invocations; a connection kept over
            // that may be dead, and a call that dies on it is ambiguous.
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Self { http, outbound: outbound.clone(), origins: Arc::new(origins) })
    }

    /// A call to that URL, which the other side may have named (the next page).
    ///
    /// # Errors
    /// [`Refusal`] when it is not of a configured origin, or may not be called.
    pub fn request(&self, method: Method, url: &str) -> Result<RequestBuilder, Refusal> {
        let url = parsed(url)?;
        self.outbound.check(&url)?;
        let origin = origin(&url);
        if !self.origins.contains(&origin) {
            return Err(Refusal::Elsewhere { origin: safe(&origin) });
        }
        Ok(self.http.request(method, url))
    }
}

fn parsed(text: &str) -> Result<Url, Refusal> {
    Url::parse(text).map_err(|_| Refusal::NotAUrl(safe(text)))
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[cfg(test)]
mod tests {
    use super::super::body;
    use super::*;
    use crate::outbound::Reach;
    use crate::settings::Environment;
    use std::io::{Read, Write};

    const LIMIT: Duration = Duration::from_secs(5);

    fn outbound(loopback: &'static str) -> Outbound {
        Outbound::read(&Environment::from([("OUTBOUND_LOOPBACK", loopback)])).unwrap()
    }

    /// A server that answers one call with these bytes; its URL.
    fn answering(answer: &'static [u8]) -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            // The test may have hung up by then.
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer);
        });
        url
    }

    async fn call(answer: &'static [u8], limit: usize) -> Result<String, body::Error> {
        let url = answering(answer);
        let client = Client::new(&outbound("allow"), LIMIT, [url.as_str()]).unwrap();
        let call = client.request(Method::GET, &format!("{url}/x")).unwrap();
        body::bounded(call.send().await.unwrap(), limit).await
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_and_is_not_followed() {
        let url = answering(
            b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n",
        );
        let client = Client::new(&outbound("allow"), LIMIT, [url.as_str()]).unwrap();
        let answer = client.request(Method::GET, &url).unwrap().send().await.unwrap();
        assert_eq!(answer.status(), 302);
    }

    #[tokio::test]
    async fn a_name_that_resolves_to_this_machine_is_a_refusal_and_not_a_network_error() {
        let url = "https://localhost:9/";
        let client = Client::new(&outbound("deny"), LIMIT, [url]).unwrap();
        let error = client.request(Method::GET, url).unwrap().send().await.unwrap_err();
        assert!(error.is_connect(), "nothing was sent: {error:?}");
        let refusal = Refusal::within(&error).expect("a refusal");
        assert!(matches!(refusal, Refusal::Address { reach: Reach::Loopback, .. }), "{refusal}");
        // Nobody listens there: that is the network's.
        let url = "http://127.0.0.1:9/";
        let client = Client::new(&outbound("allow"), LIMIT, [url]).unwrap();
        let error = client.request(Method::GET, url).unwrap().send().await.unwrap_err();
        assert_eq!(Refusal::within(&error), None);
    }

    #[test]
    fn only_configured_origins_are_called() {
        let urls = ["https://api.example.com/v1/events", "https://other.example.com:8443"];
        let client = Client::new(&Outbound::default(), LIMIT, urls).unwrap();
        let call = |url| client.request(Method::GET, url).map(|_| ());
        assert_eq!(call("https://api.example.com/v2?page=3"), Ok(()));
        assert_eq!(call("https://API.example.com:443/"), Ok(()));
        for url in [
            "https://api.example.com.evil.test/",
            "https://api.example.com:8443/",
            "https://other.example.com/",
        ] {
            assert!(matches!(call(url), Err(Refusal::Elsewhere { .. })), "{url}");
        }
        assert!(matches!(call("http://api.example.com/"), Err(Refusal::Plain { .. })));
        assert!(matches!(call("/v1/events"), Err(Refusal::NotAUrl(_))));
        let plain = Client::new(&Outbound::default(), LIMIT, ["http://a.example.com"]).unwrap_err();
        assert_eq!(plain.to_string(), "a.example.com: only https is allowed");
    }

    #[tokio::test]
    async fn a_body_is_read_to_its_limit_and_why_it_stopped_is_said() {
        let whole = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
        assert_eq!(call(whole, 5).await.unwrap(), "hello");
        assert!(matches!(call(whole, 4).await, Err(body::Error::TooLarge { limit: 4 })));
        // A length that nobody told, and one that was a lie.
        let untold = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello";
        assert_eq!(call(untold, 5).await.unwrap(), "hello");
        assert!(matches!(call(untold, 4).await, Err(body::Error::TooLarge { limit: 4 })));
        let half = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello";
        assert!(matches!(call(half, 64).await, Err(body::Error::BrokeOff(_))));
        let latin = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n\xe9\xe8";
        assert!(matches!(call(latin, 64).await, Err(body::Error::NotUtf8)));
    }
}
