//! One page of a source: asked for, and read up to its limit.
//!
//! The host is always the configured one. Whatever an answer names as its next page
//! is followed only there, since the credentials go along.

use super::Keys;
use crate::outbound::{self, BuildError, Client, Outbound, Refusal, body, innermost};
use crate::secrets::Fetch;
use flotilla_shipment::pull::page::MAX_PAGE;
use flotilla_shipment::pull::ports::{Ask, Fetched, Pages};
use flotilla_shipment::pull::problem::of_status;
use flotilla_shipment::pull::{Code, Plan, Problem, link};
use flotilla_task::Source;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use std::time::Duration;

/// More than any error document; the rest is not read.
const MAX_ERROR: usize = 16 * 1024;
/// The longest tag or date that is sent back.
const MAX_VALIDATOR: usize = 256;
/// The longest Retry-After that is believed.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(6 * 3600);
/// Where no call says otherwise.
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// DCSA's name for the address of the next page, and for its token.
const NEXT_PAGE: HeaderName = HeaderName::from_static("next-page");
const NEXT_TOKEN: HeaderName = HeaderName::from_static("next-page-cursor");

/// Sources over HTTP.
#[derive(Debug)]
pub struct HttpPages<F> {
    client: Client,
    keys: Keys<F>,
}

impl<F: Fetch + Clone> HttpPages<F> {
    /// For these sources. One whose address may not be called is told of when it is
    /// pulled, so that it keeps nothing else from working.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(
        outbound: &Outbound,
        sources: &[(Source, Plan)],
        keys: Keys<F>,
    ) -> Result<Self, BuildError> {
        let allowed = |url: &&str| Url::parse(url).is_ok_and(|url| outbound.check(&url).is_ok());
        let urls = sources.iter().map(|(_, plan)| plan.url.as_str()).filter(allowed);
        Ok(Self { client: Client::new(outbound, TIME_LIMIT, urls)?, keys })
    }

    async fn request(&self, ask: Ask<'_>) -> Result<RequestBuilder, Problem> {
        let url = ask.plan.address(ask.position);
        let mut call = self
            .client
            .request(Method::GET, &url)
            .map_err(|refusal| refused(&refusal))?
            .timeout(ask.limit)
            .header(header::ACCEPT, ask.plan.accepts());
        if let Some(credentials) = &ask.plan.credentials {
            let secret = self.keys.of(credentials).await?;
            let (name, text) = match &credentials.header {
                Some(name) => (name.as_str(), secret.reveal().to_owned()),
                None => (header::AUTHORIZATION.as_str(), format!("Bearer {}", secret.reveal())),
            };
            let value = HeaderValue::from_str(&text);
            let mut value = value.map_err(|_| unfit("the secret cannot stand in a header"))?;
            value.set_sensitive(true);
            call = call.header(name, value);
        }
        if let Some(known) = ask.validators {
            let sent = [
                (header::IF_NONE_MATCH, &known.etag),
                (header::IF_MODIFIED_SINCE, &known.last_modified),
            ];
            for (name, value) in sent {
                if let Some(value) = value {
                    call = call.header(name, value);
                }
            }
        }
        Ok(call)
    }
}

impl<F: Fetch + Clone> Pages for HttpPages<F> {
    async fn fetch(&self, ask: Ask<'_>) -> Result<Fetched, Problem> {
        let answer = self.request(ask).await?.send().await.map_err(|error| unanswered(&error))?;
        let status = answer.status();
        if status == StatusCode::NOT_MODIFIED && ask.validators.is_some() {
            return Ok(Fetched::Unchanged);
        }
        if !status.is_success() {
            let after = retry_after(answer.headers());
            let said = body::bounded(answer, MAX_ERROR).await.unwrap_or_default();
            return Err(of_status(status.as_u16(), &said, after));
        }
        let next = next(ask, answer.headers())?;
        let validator = |name| short(answer.headers(), name);
        let (etag, last_modified) = (validator(header::ETAG), validator(header::LAST_MODIFIED));
        let body = read(answer).await?;
        Ok(Fetched::Answer { body, next, etag, last_modified })
    }
}

async fn read(answer: Response) -> Result<String, Problem> {
    body::bounded(answer, MAX_PAGE).await.map_err(|error| {
        let code = match error {
            body::Error::TooLarge { .. } => Code::TooLarge,
            body::Error::BrokeOff(_) => Code::CutOff,
            body::Error::NotUtf8 => Code::NotAPage,
        };
        Problem::new(code, error)
    })
}

/// The next page that a header names, by path and query.
fn next(ask: Ask<'_>, headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let text = |name: &HeaderName| {
        headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>()
    };
    let linked = text(&header::LINK).into_iter().find_map(link::next);
    if let Some(target) = linked.or_else(|| text(&NEXT_PAGE).into_iter().next()) {
        return of_source(ask, target).map(Some);
    }
    let token = text(&NEXT_TOKEN).into_iter().next().filter(|token| !token.is_empty());
    Ok(token.and_then(|token| ask.plan.page_of(token, ask.since)))
}

/// A page's path and query, when it is the source's own.
fn of_source(ask: Ask<'_>, target: &str) -> Result<String, Problem> {
    let wrong = |code, what: &str| Err(Problem::new(code, format!("the next page {what}")));
    let asked = Url::parse(&ask.plan.address(ask.position));
    let Ok(url) = asked.as_ref().map_err(Clone::clone).and_then(|asked| asked.join(target)) else {
        return wrong(Code::NotAPage, "has no address that can be read");
    };
    if asked.is_ok_and(|asked| asked.origin() != url.origin()) {
        let host = url.host_str().unwrap_or("no host").to_owned();
        return wrong(Code::Elsewhere, &format!("is at {host}, which is not this source's"));
    }
    let mut position = url.path().to_owned();
    if let Some(query) = url.query() {
        position.push('?');
        position.push_str(query);
    }
    Ok(position)
}

fn short(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    (value.len() <= MAX_VALIDATOR).then(|| value.to_owned())
}

/// How long to stay away, as far as it is believed.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    outbound::retry_after(headers, None).map(|wait| wait.min(MAX_RETRY_AFTER))
}

fn unfit(text: &str) -> Problem {
    Problem::new(Code::Credentials, text)
}

fn refused(refusal: &Refusal) -> Problem {
    Problem::new(Code::Elsewhere, refusal)
}

fn unanswered(error: &reqwest::Error) -> Problem {
    if let Some(refusal) = Refusal::within(error) {
        return refused(refusal);
    }
    if error.is_timeout() {
        return Problem::new(Code::Unreachable, "no answer in time");
    }
    Problem::new(Code::Unreachable, innermost(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flotilla_shipment::sources::Sources;

    fn plan() -> Plan {
        let text = "[[source]]\nname = \"urn:a\"\n\
            pull = { kind = \"dcsa\", url = \"https://line.example/v2/events?x=1\" }\n";
        Sources::parse(text, "s.toml").unwrap().pulled("").remove(0).1
    }

    fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        let value = |text| HeaderValue::from_static(text);
        pairs.iter().map(|(name, text)| (name.clone(), value(text))).collect()
    }

    fn named(pairs: &[(HeaderName, &'static str)]) -> Result<Option<String>, Code> {
        let plan = plan();
        let limit = Duration::from_secs(1);
        let position = "/v2/events?x=1&limit=100";
        let ask = Ask { plan: &plan, position, since: None, validators: None, limit };
        next(ask, &headers(pairs)).map_err(|problem| problem.code)
    }

    #[test]
    fn the_next_page_stands_in_one_of_several_headers_and_is_the_sources_own() {
        assert_eq!(named(&[]), Ok(None));
        let page = |position: &str| Ok(Some(position.to_owned()));
        let whole = "https://line.example/v2/events?cursor=2";
        assert_eq!(named(&[(NEXT_PAGE, whole)]), page("/v2/events?cursor=2"));
        assert_eq!(named(&[(header::LINK, "<?cursor=2>; rel=next")]), page("/v2/events?cursor=2"));
        assert_eq!(
            named(&[(header::LINK, "</a>; rel=prev"), (header::LINK, "</b>; rel=next")]),
            page("/b")
        );
        assert_eq!(named(&[(NEXT_TOKEN, "a=b")]), page("/v2/events?x=1&limit=100&cursor=a%3Db"));
        for elsewhere in [
            "https://evil.example/v2/events",
            "//evil.example/",
            "http://line.example/v2/events",
            "https://line.example:8443/",
        ] {
            assert_eq!(named(&[(NEXT_PAGE, elsewhere)]), Err(Code::Elsewhere), "{elsewhere}");
        }
        assert_eq!(named(&[(NEXT_PAGE, "https://[")]), Err(Code::NotAPage));
    }

    #[test]
    fn a_pause_is_told_in_seconds_or_as_a_date_and_is_not_believed_without_end() {
        let wait = |after, date| {
            let pairs = [(header::RETRY_AFTER, after), (header::DATE, date)];
            retry_after(&headers(&pairs)).map(|wait| wait.as_secs())
        };
        let now = "Sat, 28 Nov 2026 08:00:00 GMT";
        assert_eq!(wait("7", now), Some(7));
        assert_eq!(wait("Sat, 28 Nov 2026 08:01:30 GMT", now), Some(90));
        assert_eq!(wait("Sat, 28 Nov 2026 07:00:00 GMT", now), Some(0));
        assert_eq!(wait("Sat, 28 Nov 2026 08:01:30 GMT", "today"), None);
        assert_eq!(wait("soon", now), None);
        assert_eq!(wait("999999999", now), Some(MAX_RETRY_AFTER.as_secs()));
    }
}
