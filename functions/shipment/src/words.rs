//! Times and spans as people read them, and as compact JSON.

use jiff::Timestamp;

/// `Mon 30 Nov 17:00 UTC`.
#[must_use]
pub fn day_and_time(at: Timestamp) -> String {
    at.strftime("%a %-d %b %H:%M UTC").to_string()
}

/// `2 days 3 h`, `5 h 20 min`, `7 min`: the two largest units that matter.
#[must_use]
pub fn span(minutes: i64) -> String {
    let minutes = minutes.unsigned_abs();
    let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    let day = if days == 1 { "day" } else { "days" };
    match (days, hours, rest) {
        (0, 0, rest) => format!("{rest} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, rest) => format!("{hours} h {rest} min"),
        (days, 0, _) => format!("{days} {day}"),
        (days, hours, _) => format!("{days} {day} {hours} h"),
    }
}

/// Whole minutes from one moment to another, rounded towards the earlier.
#[must_use]
pub fn minutes_between(from: Timestamp, to: Timestamp) -> i64 {
    to.as_second().saturating_sub(from.as_second()).div_euclid(60)
}

/// So many minutes later; at the end of time, the end of time.
#[must_use]
pub fn plus_minutes(at: Timestamp, minutes: i64) -> Timestamp {
    let second = at.as_second().saturating_add(minutes.saturating_mul(60));
    Timestamp::from_second(second).unwrap_or(if minutes < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

/// The same moment without its fraction of a second: payloads carry times as
/// short text, and no decision hangs on less than a second.
#[must_use]
pub fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// The same moment without its seconds.
#[must_use]
pub fn whole_minute(at: Timestamp) -> Timestamp {
    let second = at.as_second();
    Timestamp::from_second(second - second.rem_euclid(60)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_short() {
        for (minutes, words) in [
            (0, "0 min"),
            (59, "59 min"),
            (60, "1 h"),
            (-125, "2 h 5 min"),
            (1440, "1 day"),
            (1441, "1 day"),
            (1500, "1 day 1 h"),
            (2880, "2 days"),
            (4500, "3 days 3 h"),
        ] {
            assert_eq!(span(minutes), words);
        }
    }

    #[test]
    fn times_are_in_utc_and_say_so() {
        let at: Timestamp = "2026-11-30T18:00:00+01:00".parse().unwrap();
        assert_eq!(day_and_time(at), "Mon 30 Nov 17:00 UTC");
        assert_eq!(minutes_between(at, plus_minutes(at, -90)), -90);
        assert_eq!(plus_minutes(at, i64::MAX), Timestamp::MAX);
        let late: Timestamp = "2026-11-30T17:00:00.9Z".parse().unwrap();
        assert_eq!(whole_second(late), at);
        let late: Timestamp = "2026-11-30T17:00:59.9Z".parse().unwrap();
        assert_eq!(whole_minute(late), at);
    }
}
