//! What came of a write, in words that say what to do.

use flotilla_task::{Refusal, TaskRecord, Timestamp};
use std::time::Duration;

/// `Mon 30 Nov 14:03:20 UTC`: to the second, because leases are short, and with the day,
/// because a record may be old.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    jiff::Timestamp::from(at).strftime("%a %-d %b %H:%M:%S UTC").to_string()
}

/// `35 s`, `6 min`, `2 h 5 min`, `3 days`.
#[must_use]
pub fn long(time: Duration) -> String {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    if seconds < 120 {
        return format!("{seconds} s");
    }
    flotilla_shipment::words::span(i64::try_from(seconds / 60).unwrap_or(i64::MAX))
}

/// `1 task`, `12 tasks`.
#[must_use]
pub fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// `pending at decision`.
#[must_use]
pub fn place(record: &TaskRecord) -> String {
    format!("{} at {}", record.status.kind().as_str(), record.stage)
}

/// Why a write was not made, and what to do. `record` is the task as it stands.
#[must_use]
pub fn refused(refusal: Refusal, record: Option<&TaskRecord>, now: Timestamp) -> String {
    let stands = record.map_or_else(
        || "it is gone".to_owned(),
        |record| format!("it is {}, written by {}", place(record), record.writer),
    );
    match refusal {
        Refusal::Absent => "there is no such task any more: it ended and expired".to_owned(),
        Refusal::Fenced | Refusal::Exists => {
            format!("somebody was faster: {stands}. Look at it (`flotilla task`) and ask again")
        }
        Refusal::Busy { until } => format!(
            "an attempt has it until {}, in {}: ask again then",
            moment(until),
            long(now.until(until))
        ),
        Refusal::TooEarly { after } => format!(
            "a call may still be under way: an answer counts from {} on, in {}; --wait waits",
            moment(after),
            long(now.until(after))
        ),
        Refusal::NeedsAnswer => "whether a call of it happened is unknown: release it with --done \
                                 REFERENCE --cost AMOUNT or --not-done"
            .to_owned(),
        Refusal::Forbidden => format!("the task protocol has no such write: {stands}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steer::samples;

    #[test]
    fn a_lost_race_is_told_with_what_to_do() {
        let now = Timestamp::from_millis(1_795_000_000_000);
        let record = samples::pending();
        let told = |refusal| refused(refusal, Some(&record), now);
        assert_eq!(
            told(Refusal::Fenced),
            "somebody was faster: it is pending at processing, written by w. Look at it \
             (`flotilla task`) and ask again"
        );
        let after = now.plus(Duration::from_millis(34_200));
        assert_eq!(
            told(Refusal::TooEarly { after }),
            "a call may still be under way: an answer counts from Wed 18 Nov 11:07:14 UTC on, in 35 s; \
             --wait waits"
        );
        assert!(
            told(Refusal::Busy { until: after }).contains("until Wed 18 Nov 11:07:14 UTC, in 35 s")
        );
        assert!(told(Refusal::NeedsAnswer).contains("--not-done"));
        assert!(told(Refusal::Forbidden).contains("no such write: it is pending at processing"));
        assert!(refused(Refusal::Absent, None, now).contains("expired"));
    }

    #[test]
    fn spans_are_short() {
        let told = |seconds| long(Duration::from_secs(seconds));
        assert_eq!(
            (told(35), told(600), told(7500)),
            ("35 s".into(), "10 min".into(), "2 h 5 min".into())
        );
        assert_eq!(counted(1, "task") + &counted(2, "task"), "1 task2 tasks");
    }
}
