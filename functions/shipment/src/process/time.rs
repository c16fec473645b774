//! Moments as senders write them.
//!
//! A time with an offset is exact, wherever it was written. A time without one is
//! the clock on a wall, and read in the zone of its source. Where that clock is
//! put forward it skips an hour: a time within it is read as so much later, as if
//! the clock had not been put forward yet. Where it is put back an hour comes
//! twice: the first is meant, so that nothing that happened lies in the future
//! and no promise is taken for later than it was. (RFC 5545 reads them so, too.)

use super::CLOCK_AHEAD;
use crate::Invalid;
use crate::invalid::quoted;
use crate::words::{minutes_between, span, whole_second};
use crate::zone;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;

/// The zone of a document's source: a name or an offset, when it has one.
pub(super) type Zone<'a> = Option<&'a str>;

/// A moment, without its fraction of a second.
pub(super) fn moment(field: &str, text: &str, zone: Zone<'_>) -> Result<Timestamp, Invalid> {
    let (date, time) = match read(text) {
        Some(Read::Exact(at)) => return Ok(at),
        Some(Read::Wall(date, Some(time))) => (date, time),
        Some(Read::Wall(_, None)) | None => return Err(no_time(field, text)),
    };
    let zone = source_zone(zone)?.ok_or_else(|| {
        let got = quoted(text);
        let problem = format!(
            "{got} has no offset: send one, such as +01:00, or give the source a zone in sources.toml"
        );
        Invalid::new(field, problem)
    })?;
    in_zone(date.to_datetime(time), zone).ok_or_else(|| no_time(field, text))
}

/// The moment of something that has happened.
pub(super) fn past(
    field: &str,
    text: &str,
    zone: Zone<'_>,
    now: Timestamp,
) -> Result<Timestamp, Invalid> {
    let at = moment(field, text, zone)?;
    if at.as_second().saturating_sub(now.as_second()) > CLOCK_AHEAD {
        let ahead = span(minutes_between(now, at));
        return Err(Invalid::new(field, format!("{at} lies {ahead} in the future")));
    }
    Ok(at)
}

/// When a promise ends: a moment, or the midnight after a bare date: at the
/// destination; in the source's zone where nobody knows the destination; in UTC
/// where the source has none either.
pub(super) fn promise(
    field: &str,
    text: &str,
    zone: Zone<'_>,
    destination: Option<&TimeZone>,
) -> Result<Timestamp, Invalid> {
    let Some(Read::Wall(date, None)) = read(text) else {
        return moment(field, text, zone);
    };
    let there = match destination {
        Some(there) => there.clone(),
        None => source_zone(zone)?.unwrap_or(TimeZone::UTC),
    };
    // Where the clock is put forward at midnight, the day begins an hour later.
    let midnight = date.tomorrow().ok().map(|next| next.to_datetime(Time::midnight()));
    midnight.and_then(|midnight| in_zone(midnight, there)).ok_or_else(|| no_time(field, text))
}

enum Read {
    Exact(Timestamp),
    Wall(Date, Option<Time>),
}

fn read(text: &str) -> Option<Read> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(Read::Exact(whole_second(at)));
    }
    let pieces = Pieces::parse(text).ok()?;
    // An offset without a time, or one beyond the end of time.
    let bare = pieces.offset().is_none() && pieces.time_zone_annotation().is_none();
    bare.then(|| Read::Wall(pieces.date(), pieces.time()))
}

fn in_zone(wall: DateTime, zone: TimeZone) -> Option<Timestamp> {
    zone.into_ambiguous_zoned(wall).compatible().ok().map(|at| whole_second(at.timestamp()))
}

fn source_zone(zone: Zone<'_>) -> Result<Option<TimeZone>, Invalid> {
    let zone = zone.map(zone::parse).transpose();
    zone.map_err(|error| Invalid::new("zone", error.to_string()))
}

fn no_time(field: &str, text: &str) -> Invalid {
    let got = quoted(text);
    let problem =
        format!("expected a time with offset such as 2026-11-30T18:00:00+01:00, got {got}");
    Invalid::new(field, problem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::places::Places;

    const BERLIN: Zone<'_> = Some("Europe/Berlin");

    fn at(text: &str, zone: Zone<'_>) -> String {
        moment("t", text, zone).map_or_else(|error| error.to_string(), |at| at.to_string())
    }

    #[test]
    fn an_offset_is_kept_whatever_the_sources_zone() {
        for zone in [None, BERLIN, Some("no zone at all")] {
            assert_eq!(at("2026-11-30T18:00:00+01:00", zone), "2026-11-30T17:00:00Z");
            assert_eq!(at("2026-11-30T18:00:00.987Z", zone), "2026-11-30T18:00:00Z");
            assert_eq!(at("2026-11-30T18:00-05:00", zone), "2026-11-30T23:00:00Z");
        }
    }

    #[test]
    fn a_time_without_offset_is_read_in_the_sources_zone() {
        for (zone, exact) in [
            ("Europe/Berlin", "2026-07-01T10:00:00Z"),
            ("America/New_York", "2026-07-01T16:00:00Z"),
            ("Asia/Kolkata", "2026-07-01T06:30:00Z"),
            ("+02:00", "2026-07-01T10:00:00Z"),
            ("-03:30", "2026-07-01T15:30:00Z"),
            ("UTC", "2026-07-01T12:00:00Z"),
        ] {
            assert_eq!(at("2026-07-01T12:00:00", Some(zone)), exact, "{zone}");
            assert_eq!(at("2026-07-01 12:00", Some(zone)), exact, "{zone}");
        }
        assert_eq!(at("2026-12-01T12:00:00", BERLIN), "2026-12-01T11:00:00Z", "winter");
    }

    #[test]
    fn a_time_without_offset_and_zone_says_what_to_do() {
        assert_eq!(
            at("2026-07-01T12:00:00", None),
            "t: \"2026-07-01T12:00:00\" has no offset: send one, such as +01:00, or give the source a zone in sources.toml"
        );
        assert_eq!(
            at("2026-07-01T12:00:00", Some("CET-ish")),
            "zone: expected a time zone such as Europe/Berlin or an offset such as +02:00, got \"CET-ish\""
        );
    }

    #[test]
    fn what_is_no_time_is_refused_whatever_the_zone() {
        for text in [
            "",
            "tomorrow",
            "2026-13-01T00:00:00",
            "2026-02-29T00:00:00",
            "12:00",
            "2026-07-01",
            "2026-07-01+02:00",
            "2026-07-01T12:00:00[Europe/Berlin]",
            "2026-07-01T12:00:00+99:00",
            "9999-12-31T23:59:59",
        ] {
            let zone = Some("-12:00");
            let wanted = "t: expected a time with offset such as 2026-11-30T18:00:00+01:00, got";
            assert_eq!(at(text, zone), format!("{wanted} {}", quoted(text)));
        }
    }

    #[test]
    fn a_skipped_hour_is_read_as_later_and_a_doubled_one_as_the_first() {
        // Berlin, 29 March 2026: 02:00 becomes 03:00.
        assert_eq!(at("2026-03-29T01:59:59", BERLIN), "2026-03-29T00:59:59Z");
        assert_eq!(at("2026-03-29T02:30:00", BERLIN), "2026-03-29T01:30:00Z");
        assert_eq!(at("2026-03-29T03:30:00", BERLIN), "2026-03-29T01:30:00Z");
        // Berlin, 25 October 2026: 03:00 becomes 02:00.
        assert_eq!(at("2026-10-25T02:30:00", BERLIN), "2026-10-25T00:30:00Z");
        assert_eq!(at("2026-10-25T03:00:00", BERLIN), "2026-10-25T02:00:00Z");
        // With its offset either hour can be said.
        assert_eq!(at("2026-10-25T02:30:00+01:00", BERLIN), "2026-10-25T01:30:00Z");
    }

    fn promised(text: &str, zone: Zone<'_>, destination: &str) -> String {
        let places = Places::bundled().unwrap();
        let there = places.get(&destination.parse().unwrap()).and_then(|known| known.zone.rules());
        promise("promised", text, zone, there)
            .map_or_else(|error| error.to_string(), |at| at.to_string())
    }

    #[test]
    fn a_bare_date_ends_at_the_destinations_midnight() {
        for (destination, end) in [
            ("DEBER", "2026-11-30T23:00:00Z"),
            ("GBLON", "2026-12-01T00:00:00Z"),
            ("USNYC", "2026-12-01T05:00:00Z"),
            ("USLAX", "2026-12-01T08:00:00Z"),
            ("CNSHA", "2026-11-30T16:00:00Z"),
            ("INNSA", "2026-11-30T18:30:00Z"),
            ("NZAKL", "2026-11-30T11:00:00Z"),
            // By its GLN, and by coordinates nearby.
            ("9521234000037", "2026-11-30T23:00:00Z"),
            ("geo:40.7,-74.1", "2026-12-01T05:00:00Z"),
        ] {
            assert_eq!(promised("2026-11-30", Some("Asia/Tokyo"), destination), end);
        }
        // Nobody knows the place: the source's zone, else UTC.
        assert_eq!(promised("2026-11-30", Some("Asia/Tokyo"), "XXNIX"), "2026-11-30T15:00:00Z");
        assert_eq!(promised("2026-11-30", None, "XXNIX"), "2026-12-01T00:00:00Z");
        // With a time it is no bare date.
        let exact = promised("2026-11-30T18:00:00+01:00", None, "USLAX");
        assert_eq!(exact, "2026-11-30T17:00:00Z");
        let wall = promised("2026-11-30T18:00:00", BERLIN, "USLAX");
        assert_eq!(wall, "2026-11-30T17:00:00Z", "the sender's clock, not the destination's");
    }

    #[test]
    fn a_day_of_23_or_25_hours_ends_at_its_own_midnight() {
        assert_eq!(promised("2026-03-28", None, "DEBER"), "2026-03-28T23:00:00Z");
        assert_eq!(promised("2026-03-29", None, "DEBER"), "2026-03-29T22:00:00Z");
        assert_eq!(promised("2026-10-25", None, "DEBER"), "2026-10-25T23:00:00Z");
        // Cairo, 24 April 2026 has no midnight: 00:00 becomes 01:00.
        assert_eq!(promised("2026-04-23", None, "EGPSD"), "2026-04-23T22:00:00Z");
        // Cairo, 29 October 2026: midnight becomes 23:00, and comes again.
        assert_eq!(promised("2026-10-29", None, "EGPSD"), "2026-10-29T22:00:00Z");
    }

    #[test]
    fn a_bare_date_that_is_none_is_refused() {
        for text in ["2026-02-30", "2026-11", "30.11.2026", "9999-12-31"] {
            let wanted =
                "promised: expected a time with offset such as 2026-11-30T18:00:00+01:00, got";
            assert_eq!(promised(text, None, "DEBER"), format!("{wanted} {}", quoted(text)));
        }
    }
}
