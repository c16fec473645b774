//! A snapshot's parts in words, as both `status` and `top` say them.

use super::policy::Policy;
use super::{Counted, Snapshot};
use crate::cloud::partners::{PartnerState, Pause};
use crate::counts;
use flotilla_shipment::partner::Breaker;
use flotilla_shipment::partner::breaker::STEPS;
use flotilla_shipment::words::span;
use flotilla_task::Timestamp;
use std::time::Duration;

impl From<u64> for Counted {
    fn from(count: u64) -> Self {
        Self { count, more: false }
    }
}

/// `1 task`, `12 tasks`, `1,000 or more tasks`.
#[must_use]
pub fn counted(count: impl Into<Counted>, what: &str) -> String {
    let Counted { count, more } = count.into();
    let more = if more { " or more" } else { "" };
    let s = if count == 1 { "" } else { "s" };
    format!("{}{more} {what}{s}", counts::count(count))
}

/// `350 ms`, `8.2 s`, `3 min`: short enough for a table.
#[must_use]
pub fn milliseconds(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => span(i64::try_from(ms / 60_000).unwrap_or(i64::MAX)),
    }
}

/// `8 s`, `2 h`: rounded up, so that nobody comes too early.
#[must_use]
pub fn duration(time: Duration) -> String {
    let seconds = time.as_millis().div_ceil(1000);
    if seconds < 60 {
        return format!("{seconds} s");
    }
    span(i64::try_from(seconds.div_ceil(60)).unwrap_or(i64::MAX))
}

/// How a partner is, as a sentence; none where it is well.
#[must_use]
pub fn partner(state: &PartnerState, at: Timestamp) -> Option<String> {
    let name = &state.partner;
    match state.paused(at) {
        Some(Pause::Until(until)) => {
            return Some(format!("{name} is paused for {}", duration(at.until(until))));
        }
        Some(Pause::UntilResumed) => {
            return Some(format!("{name} is paused until somebody resumes it"));
        }
        None => {}
    }
    match state.breaker {
        Breaker::Closed => None,
        Breaker::Open { until, .. } => Some(if until > at {
            format!("{name} is open, tried again in {}", duration(at.until(until)))
        } else {
            format!("{name} is open, tried again with the next call")
        }),
        Breaker::Probing { .. } => Some(format!("{name} is probing: one agent tries it")),
        Breaker::Closing { step, .. } => {
            let percent = STEPS.get(usize::from(step)).copied().unwrap_or(100);
            Some(format!("{name} is closing: {percent} % of the calls pass"))
        }
    }
}

/// How the partners are: what is wrong, one sentence each, or that nothing is.
#[must_use]
pub fn partners(fleet: &Snapshot) -> Vec<String> {
    let unwell: Vec<_> =
        fleet.partners.iter().filter_map(|state| partner(state, fleet.at)).collect();
    if unwell.is_empty() {
        return vec![format!("all {} are well", fleet.partners.len())];
    }
    unwell
}

/// How it stands with the policy.
#[must_use]
pub fn policy(policy: &Policy) -> String {
    match policy {
        Policy::Counts => "the newest document counts".to_owned(),
        Policy::Refused { problem, stays } => {
            format!("the newest document is refused: {problem}; {stays} goes on deciding")
        }
        Policy::Quiet => "no document was refused in the last hour".to_owned(),
        Policy::Unknown => "unknown: what decision logs cannot be read".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_times_read_as_people_write_them() {
        assert_eq!(counted(1, "task"), "1 task");
        assert_eq!(counted(Counted { count: 1000, more: true }, "task"), "1,000 or more tasks");
        assert_eq!(
            [0, 999, 1_000, 8_250, 59_999, 60_000, 7_500_000].map(milliseconds),
            ["0 ms", "999 ms", "1.0 s", "8.2 s", "59.9 s", "1 min", "2 h 5 min"]
        );
        assert_eq!(
            [1, 59_001, 60_001, 7_200_000].map(|ms| duration(Duration::from_millis(ms))),
            ["1 s", "1 min", "2 min", "2 h"]
        );
    }

    #[test]
    fn a_partner_is_told_when_it_is_not_well() {
        let at = Timestamp::from_millis(50_000);
        let state = |breaker| PartnerState { partner: "p".into(), breaker, pause: None };
        let told = |breaker| partner(&state(breaker), at);
        let until = |ms| Timestamp::from_millis(ms);
        assert_eq!(told(Breaker::Closed), None);
        let open = Breaker::Open { until: until(57_500), times: 1 };
        assert_eq!(told(open).unwrap(), "p is open, tried again in 8 s");
        let lapsed = Breaker::Open { until: until(50_000), times: 1 };
        assert_eq!(told(lapsed).unwrap(), "p is open, tried again with the next call");
        let closing = Breaker::Closing { step: 1, times: 1 };
        assert_eq!(told(closing).unwrap(), "p is closing: 25 % of the calls pass");
        let paused = |pause| PartnerState { pause: Some(pause), ..state(open) };
        let told = |pause| partner(&paused(pause), at).unwrap();
        assert_eq!(told(Pause::Until(until(51_000))), "p is paused for 1 s");
        assert_eq!(told(Pause::UntilResumed), "p is paused until somebody resumes it");
        assert!(told(Pause::Until(until(49_000))).starts_with("p is open"), "it is over");
    }
}
