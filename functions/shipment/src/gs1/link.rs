//! GS1 Digital Links: `https://any.host/any/path/00/006141411234567890`.
//!
//! The path ends in pairs of an application identifier and a value; the first is
//! the primary key. Lots, serial numbers and places within places follow it, what
//! is only an attribute stands in the query.

use super::{Error, Key, element};
use percent_encoding::percent_decode_str;

/// Reads what follows `https://`.
pub(super) fn parse(rest: &str) -> Result<Option<Key>, Error> {
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let (rest, _) = rest.split_at(end);
    let Some((host, path)) = rest.split_once('/') else { return Ok(None) };
    if host.is_empty() {
        return Ok(None);
    }
    let parts: Vec<&str> = path.strip_suffix('/').unwrap_or(path).split('/').collect();
    // The primary key is the first from which on everything comes in pairs.
    for at in 0..parts.len() {
        let Some((ai, value)) = parts.get(at..).and_then(primary) else { continue };
        let Ok(value) = percent_decode_str(value).decode_utf8() else { continue };
        if let Some(key) = element::key(ai, &value)? {
            return Ok(Some(key));
        }
    }
    Ok(None)
}

/// The first pair, when everything is pairs.
fn primary<'a>(parts: &[&'a str]) -> Option<(&'a str, &'a str)> {
    let (pairs, rest) = parts.as_chunks::<2>();
    let is_pair = |[ai, value]: &[&str; 2]| is_ai(ai) && !value.is_empty();
    let [ai, value] = *pairs.first()?;
    (rest.is_empty() && pairs.iter().all(is_pair)).then_some((ai, value))
}

/// An application identifier has two to four digits.
fn is_ai(text: &str) -> bool {
    (2..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}
