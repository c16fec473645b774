//! Figures and the verdict in words, for people who do not read tables.

use crate::counts::{count, float};
use crate::surge::measured::{Account, Measured};
use std::fmt::Write;

/// The whole run in one sentence.
#[must_use]
pub fn headline(measured: &Measured) -> String {
    format!("{}: {}", what(measured), outcome(measured))
}

/// What was sent.
pub(super) fn what(measured: &Measured) -> String {
    let load = &measured.load;
    let (messages, of) = match measured.account.sent {
        sent if sent == load.messages => (sent, String::new()),
        sent => (sent, format!(" (of {} that were due)", count(load.messages))),
    };
    format!(
        "{} {}{of} in {}, peak {} a second",
        count(messages),
        plural(messages, "message", "messages"),
        span(load.seconds),
        number(load.peak_per_second)
    )
}

/// What became of it.
pub(super) fn outcome(measured: &Measured) -> String {
    let rest = match (&measured.scale_down.left, measured.scale_down.backlog_gone) {
        (Some(left), _) => format!("left over at the end: {left}"),
        (None, Some(gone)) => format!("the backlog was gone {} after the last one", span(gone)),
        (None, None) => "the backlog was never gone".to_owned(),
    };
    format!("{}; {rest}", verdict(&measured.account))
}

fn verdict(account: &Account) -> String {
    let (lost, doubled) = (account.lost, account.doubled);
    let mut text = match (lost, doubled) {
        (0, 0) => "nothing lost, nothing doubled".to_owned(),
        (0, _) => format!("nothing lost, but {} doubled", count(doubled)),
        (_, 0) => format!("{} lost, nothing doubled", count(lost)),
        (_, _) => format!("{} lost and {} doubled", count(lost), count(doubled)),
    };
    if account.unexpected > 0 {
        // Writing to a string cannot fail.
        let _ = write!(text, ", {} otherwise than it had to be", count(account.unexpected));
    }
    text
}

/// Whether all went as it had to.
pub(super) fn is_good(measured: &Measured) -> bool {
    let down = &measured.scale_down;
    measured.account.agrees() && down.left.is_none() && down.backlog_gone.is_some()
}

/// A measured number with as many digits as anybody reads.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is cast is rounded and lies between 0 and 2^63"
)]
pub(super) fn number(value: f64) -> String {
    if !value.is_finite() {
        return "unknown".to_owned();
    }
    let tenths = (value.abs() * 10.0).round() / 10.0;
    let sign = if value < 0.0 && tenths > 0.0 { "-" } else { "" };
    if tenths >= 100.0 || tenths.fract() == 0.0 {
        return format!("{sign}{}", count(value.abs().round() as u64));
    }
    format!("{sign}{tenths:.1}")
}

/// Seconds as a person says them: `38 s`, `4 minutes`, `1 h 5 min`.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is cast is rounded and lies between 0 and 2^63"
)]
pub(super) fn span(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "unknown".to_owned();
    }
    if seconds < 9.95 {
        return format!("{} s", number(seconds.max(0.0)));
    }
    let whole = seconds.round() as u64;
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} {}", plural(minutes, "minute", "minutes")),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, 0, _) => format!("{} {}", count(hours), plural(hours, "hour", "hours")),
        (hours, minutes, _) => format!("{} h {minutes} min", count(hours)),
    }
}

/// Milliseconds, in seconds once there is one.
pub(super) fn milliseconds(ms: u64) -> String {
    if ms < 1000 { format!("{ms} ms") } else { span(float(ms) / 1000.0) }
}

pub(super) const fn plural<'a>(count: u64, one: &'a str, many: &'a str) -> &'a str {
    if count == 1 { one } else { many }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_people_write_them() {
        assert_eq!(
            [0, 999, 1000, 11_900, 1_234_567].map(count),
            ["0", "999", "1,000", "11,900", "1,234,567"]
        );
        assert_eq!(
            [0.0, 0.04, 7.25, 60.0, 99.96, 1234.5].map(number),
            ["0", "0", "7.3", "60", "100", "1,235"]
        );
        assert_eq!([f64::NAN, f64::INFINITY].map(number), ["unknown", "unknown"]);
        assert_eq!(
            [0.0, 0.4, 38.2, 60.0, 61.0, 240.0, 3600.0, 3900.0].map(span),
            ["0 s", "0.4 s", "38 s", "1 minute", "1 min 1 s", "4 minutes", "1 hour", "1 h 5 min"]
        );
        assert_eq!([12, 999, 1000, 41_250].map(milliseconds), ["12 ms", "999 ms", "1 s", "41 s"]);
    }
}
