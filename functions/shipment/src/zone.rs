//! Time zones by what people write.

use crate::invalid::quoted;
use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::TimeZone;

/// Text that is no time zone. A retry does not help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a time zone such as Europe/Berlin or an offset such as +02:00, got {0}")]
pub(crate) struct NotZone(String);

/// The zone of that name in the IANA database, which is compiled in: Lambda's
/// image may have none. Or an offset from UTC, `+02:00`.
pub(crate) fn parse(text: &str) -> Result<TimeZone, NotZone> {
    let zone = if text.starts_with(['+', '-']) {
        DateTimeParser::new().parse_time_zone(text)
    } else {
        TimeZone::get(text)
    };
    zone.map_err(|_| NotZone(quoted(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_a_name_or_an_offset() {
        let offset = |text: &str| {
            let at = "2026-07-01T00:00:00Z".parse().unwrap();
            parse(text).unwrap().to_offset(at).seconds() / 60
        };
        assert_eq!(offset("Europe/Berlin"), 120);
        assert_eq!(offset("+05:30"), 330);
        assert_eq!(offset("-03:00"), -180);
        assert_eq!(offset("UTC"), 0);
        for bad in
            ["", "Berlin", "Europe/Nowhere", "+2", "02:00", "+99:00", "EST5EDT,M3.2.0,M11.1.0"]
        {
            assert_eq!(parse(bad), Err(NotZone(quoted(bad))), "{bad}");
        }
    }
}
