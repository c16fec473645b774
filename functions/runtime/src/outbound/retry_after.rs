//! When whoever refused says to come back (RFC 9110, section 10.2.3).

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};
use std::time::Duration;

/// The answer's `Retry-After`, in seconds or as a date. A date is counted from the
/// answer's own, so that two clocks are not compared; `now` is for answers without
/// one. What cannot be read is as if it were not there.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: Option<Timestamp>) -> Option<Duration> {
    let text = |name: HeaderName| Some(headers.get(name)?.to_str().ok()?.trim());
    let date = |name| rfc2822::parse(text(name)?).ok().map(|at| at.timestamp());
    if let Ok(seconds) = text(RETRY_AFTER)?.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let wait = date(RETRY_AFTER)?.duration_since(date(DATE).or(now)?);
    Some(Duration::try_from(wait).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    #[test]
    fn a_pause_is_seconds_or_a_date_after_the_answers_own() {
        let after = |pairs: &[(HeaderName, &'static str)], now| {
            let headers = pairs
                .iter()
                .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
                .collect();
            retry_after(&headers, now).map(|wait| wait.as_secs())
        };
        let at = "Sun, 06 Nov 1994 08:49:37 GMT";
        let noon = Some("1994-11-06T08:49:07Z".parse().unwrap());
        assert_eq!(after(&[(RETRY_AFTER, " 7 ")], None), Some(7));
        assert_eq!(after(&[(RETRY_AFTER, at)], noon), Some(30));
        let own = [(RETRY_AFTER, at), (DATE, "Sun, 06 Nov 1994 08:49:32 GMT")];
        assert_eq!(after(&own, noon), Some(5), "not by this machine's clock");
        let past = [(RETRY_AFTER, at), (DATE, "Sun, 06 Nov 1994 08:50:00 GMT")];
        assert_eq!(after(&past, noon), Some(0));
        assert_eq!(after(&[(RETRY_AFTER, at)], None), None, "counted from nothing");
        assert_eq!(after(&[(RETRY_AFTER, "soon")], noon), None);
        assert_eq!(after(&[(DATE, at)], noon), None);
    }
}
