//! Query parameters by name. A parameter that nobody knows is refused: a filter
//! that is misspelt would otherwise let everything through.

use crate::problem::Problem;
use axum::extract::Query;
use axum::http::{HeaderMap, Uri, header};
use jiff::Timestamp;

/// What a caller asked for.
#[derive(Debug)]
pub(crate) struct Asked {
    path: String,
    raw: String,
    pairs: Vec<(String, String)>,
}

impl Asked {
    /// Reads the query of `uri`.
    pub(crate) fn read(uri: &Uri, known: &[&'static str]) -> Result<Self, Problem> {
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)
            .map_err(|error| Problem::malformed("query", &format!("a query string: {error}")))?;
        if let Some((stranger, _)) = pairs.iter().find(|(name, _)| !known.contains(&name.as_str()))
        {
            let expected = format!("only {}; got {stranger}", known.join(", "));
            return Err(Problem::malformed("query", &expected));
        }
        let (path, raw) = (uri.path().to_owned(), uri.query().unwrap_or_default().to_owned());
        Ok(Self { path, raw, pairs })
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A whole number from 1 on. More than `most` is served as `most`.
    pub(crate) fn size(
        &self,
        name: &'static str,
        usual: usize,
        most: usize,
    ) -> Result<usize, Problem> {
        let Some(text) = self.text(name) else { return Ok(usual) };
        text.parse()
            .ok()
            .filter(|size| *size > 0)
            .map(|size: usize| size.min(most))
            .ok_or_else(|| Problem::malformed(name, "a whole number from 1 on"))
    }

    /// Where the page starts, from the token of the one before.
    pub(crate) fn start(&self, name: &'static str) -> Result<usize, Problem> {
        let Some(text) = self.text(name) else { return Ok(0) };
        crate::feed::place(text)
            .ok_or_else(|| Problem::malformed(name, "a token that an earlier answer gave"))
    }

    pub(crate) fn instant(&self, name: &'static str) -> Result<Option<Timestamp>, Problem> {
        let Some(text) = self.text(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| {
            Problem::malformed(name, "an RFC 3339 time such as 2026-11-27T08:00:00Z, URL-encoded")
        })
    }

    /// The dice's key: the same question meets the same luck.
    pub(crate) fn luck(&self) -> String {
        format!("GET {}?{}", self.path, self.raw)
    }

    /// This question with another token: the URL of another page.
    pub(crate) fn page_url(&self, headers: &HeaderMap, name: &str, place: usize) -> String {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let pairs = self.raw.split('&').filter(|pair| !pair.is_empty());
        let old = |pair: &&str| pair.split('=').next() != Some(name);
        let mut pairs: Vec<_> = pairs.filter(old).map(str::to_owned).collect();
        pairs.push(format!("{name}={}", crate::feed::token(place)));
        format!("http://{}{}?{}", host.unwrap_or("localhost"), self.path, pairs.join("&"))
    }
}
