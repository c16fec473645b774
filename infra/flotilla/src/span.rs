//! Times as people give them to a command: `90s`, `45m`, `1h30m`, `1d`.

use jiff::{Span, SpanRelativeTo};
use std::time::Duration;

/// Reads a time from so many seconds to so many. A day has 24 hours: no calendar is
/// meant.
///
/// # Errors
/// Says what was expected and what is there instead.
pub fn span<const LEAST: u64, const MOST: u64>(text: &str) -> Result<Duration, String> {
    let read = text.parse::<Span>().ok();
    let read = read.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    let read = read.and_then(|span| Duration::try_from(span).ok());
    let is_meant =
        |span: &Duration| (Duration::from_secs(LEAST)..=Duration::from_secs(MOST)).contains(span);
    read.filter(is_meant).ok_or_else(|| {
        let (least, most) = (shown(LEAST), shown(MOST));
        format!("expected a time such as 90s, 45m, 2h or 1d, from {least} to {most}, got {text:?}")
    })
}

/// `1 s`, `2 h`, `30 days`: the whole limits that commands have.
fn shown(seconds: u64) -> String {
    match i64::try_from(seconds / 60) {
        Ok(minutes) if seconds.is_multiple_of(60) => flotilla_shipment::words::span(minutes),
        Ok(_) | Err(_) => format!("{seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_units_and_within_their_limits() {
        let read = span::<1, 864_000>;
        for (text, seconds) in [
            ("90s", 90),
            ("90m", 5_400),
            ("1h30m", 5_400),
            ("1h 30m", 5_400),
            ("1d", 86_400),
            ("10d", 864_000),
        ] {
            assert_eq!(read(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for wrong in ["", "2", "0s", "-1h", "241h", "100ms", "1y", "soon"] {
            let said = read(wrong).unwrap_err();
            let limits = "such as 90s, 45m, 2h or 1d, from 1 s to 10 days, got ";
            assert!(said.contains(&format!("{limits}{wrong:?}")), "{wrong}: {said}");
        }
    }
}
