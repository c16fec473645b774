//! How long a partner asks to be left alone, in the headers that say so.
//!
//! `Retry-After` in seconds or as a date (RFC 9110), and the rate limit headers in
//! each of the forms that drafts of the standard gave them
//! (draft-ietf-httpapi-ratelimit-headers): `RateLimit: "default";r=0;t=30`,
//! `RateLimit: limit=100, remaining=0, reset=30`, and `RateLimit-Remaining: 0` with
//! `RateLimit-Reset: 30`. What cannot be read is as if it were not there.

use crate::outbound;
use flotilla_task::Timestamp;
use reqwest::header::HeaderMap;
use std::time::Duration;

/// The longest pause that is believed.
pub(super) const LONGEST: Duration = Duration::from_secs(900);

/// When a partner that refused says to come back.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let said = outbound::retry_after(headers, Some(now.into()));
    said.max(exhausted(headers)).map(|pause| pause.min(LONGEST))
}

/// How long to stay away because the quota is used up, whatever the answer was.
pub(super) fn exhausted(headers: &HeaderMap) -> Option<Duration> {
    let old = || {
        let is_used_up = seconds(text(headers, "ratelimit-remaining")?)? == 0;
        is_used_up.then(|| seconds(text(headers, "ratelimit-reset")?)).flatten()
    };
    let pause = text(headers, "ratelimit").and_then(used_up).or_else(old)?;
    Some(Duration::from_secs(pause).min(LONGEST))
}

/// Of several quotas the one that lasts longest, of those that are used up.
fn used_up(header: &str) -> Option<u64> {
    let parameters = |text: &str| {
        let mut pairs = text.split([';', ',']).filter_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            Some((name.trim().to_owned(), seconds(value.trim())?))
        });
        let (mut left, mut reset) = (None, None);
        for (name, value) in pairs.by_ref() {
            match name.as_str() {
                "r" | "remaining" => left = Some(value),
                "t" | "reset" => reset = Some(value),
                _ => {}
            }
        }
        (left == Some(0)).then_some(reset).flatten()
    };
    // The newer form is a list of named quotas, the older one a list of parameters.
    if header.contains(';') {
        header.split(',').filter_map(parameters).max()
    } else {
        parameters(header)
    }
}

fn seconds(text: &str) -> Option<u64> {
    text.trim().parse().ok()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    /// 1994-11-06T08:49:07Z.
    const NOW: Timestamp = Timestamp::from_millis(784_111_747_000);

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        for (value, wait) in [
            ("7", Some(7)),
            ("0", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(30)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("99999999999", Some(900)),
            ("soon", None),
            ("-1", None),
        ] {
            let wait = wait.map(Duration::from_secs);
            assert_eq!(retry_after(&headers(&[("retry-after", value)]), NOW), wait, "{value}");
        }
    }

    #[test]
    fn a_quota_that_is_used_up_asks_for_a_pause_in_each_form() {
        for (pairs, wait) in [
            (vec![("ratelimit", r#""default";r=0;t=30"#)], Some(30)),
            (vec![("ratelimit", r#""burst";r=0;t=2, "day";r=0;t=600"#)], Some(600)),
            (vec![("ratelimit", r#""burst";r=0;t=2, "day";r=9;t=600"#)], Some(2)),
            (vec![("ratelimit", "limit=100, remaining=0, reset=5")], Some(5)),
            (vec![("ratelimit-remaining", "0"), ("ratelimit-reset", "9")], Some(9)),
            (vec![("ratelimit-remaining", "0"), ("ratelimit-reset", "9999")], Some(900)),
            (vec![("ratelimit-remaining", "3"), ("ratelimit-reset", "9")], None),
            (vec![("ratelimit", r#""default";r=50;t=30"#)], None),
            (vec![("ratelimit", r#""default";r=0"#)], None),
            (vec![("ratelimit", "?")], None),
            (vec![], None),
        ] {
            let wait = wait.map(Duration::from_secs);
            assert_eq!(exhausted(&headers(&pairs)), wait, "{pairs:?}");
        }
    }

    #[test]
    fn of_two_headers_the_longer_pause_counts() {
        let both = headers(&[("retry-after", "2"), ("ratelimit", r#""default";r=0;t=30"#)]);
        assert_eq!(retry_after(&both, NOW), Some(Duration::from_secs(30)));
    }
}
