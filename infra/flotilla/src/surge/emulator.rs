//! Whether the local cloud, and not the fleet, held a run up.
//!
//! The emulator is one Python process, so that one core is all it has. A backlog that
//! grows while that core is busy says nothing about the fleet, and the report has to
//! say so before anybody plans with its numbers.

use super::measured::{Bin, Emulator};
use super::sample::Usage;
use crate::cloud::logs::Invocation;
use crate::counts::float;

/// Above this share of its core the emulator has no more to give.
const FULL: f64 = 0.9;
/// Above this share of all cores the machine has none.
const MACHINE_FULL: f64 = 0.95;
/// Fewer messages than this are on their way, and no backlog: two batches.
const BACKLOG: u64 = 20;
/// A backlog in fewer stretches than this came and went, and tells of no limit.
const LASTING: usize = 3;

/// A bin as the verdict needs it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Busy {
    /// Messages that waited in all queues.
    pub(super) waiting: u64,
    /// The share of one core that the emulator used.
    pub(super) emulator: f64,
    /// The share of all cores that was used by anybody.
    pub(super) machine: f64,
}

/// What held the run up.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Verdict {
    pub(super) busiest: f64,
    pub(super) is_the_limit: bool,
    pub(super) words: String,
}

/// Judges by the bins in which messages waited.
pub(super) fn judge(bins: &[Busy]) -> Verdict {
    let busiest = bins.iter().map(|bin| bin.emulator).fold(0.0, f64::max);
    let behind: Vec<_> = bins.iter().filter(|bin| bin.waiting >= BACKLOG).collect();
    let count = |full: &dyn Fn(&Busy) -> bool| behind.iter().filter(|bin| full(bin)).count();
    let emulator = count(&|bin| bin.emulator >= FULL);
    let machine = count(&|bin| bin.emulator >= FULL || bin.machine >= MACHINE_FULL);
    let all = behind.len();
    let (is_the_limit, words) = if bins.is_empty() {
        let words = "The emulator's process could not be seen, so nobody knows whether it was \
                     the limit.";
        (false, words.to_owned())
    } else if all < LASTING {
        let words = format!(
            "No backlog built up that lasted: neither the emulator ({busiest:.2} of its one core in the \
             busiest stretch) nor the fleet was at its limit."
        );
        (false, words)
    } else if emulator * 2 >= all {
        let words = format!(
            "The emulator was the limit, and not the fleet: in {emulator} of {all} stretches \
             with a backlog it used more than {FULL} of its one core. Throughput, backlog and \
             latency say what this machine carries, not what the fleet does on AWS."
        );
        (true, words)
    } else if machine * 2 >= all {
        let words = format!(
            "This machine was the limit, and not the fleet: in {machine} of {all} stretches \
             with a backlog all its cores were busy, and the emulator got {busiest:.2} of one at \
             most. Throughput, backlog and latency say what this machine carries."
        );
        (true, words)
    } else {
        let words = format!(
            "The fleet was the limit: in {} of {all} stretches with a backlog the emulator had \
             room left ({busiest:.2} of its one core in the busiest).",
            all - machine
        );
        (false, words)
    };
    Verdict { busiest: busiest.min(1.0), is_the_limit, words }
}

/// The bins whose processor time is known. `machine` is looked up in the same looks.
pub(super) fn busy(bins: &[Bin], usage: &[Usage], began_ms: u64, length_ms: u64) -> Vec<Busy> {
    let mut from = began_ms;
    let mut all = Vec::new();
    for bin in bins {
        let to = from + length_ms;
        let looks = usage.iter().filter(|seen| (from..to).contains(&seen.at_ms));
        let (sum, count) = looks.fold((0.0, 0.0), |(sum, n), seen| (sum + seen.machine, n + 1.0));
        let machine = if count > 0.0 { sum / count } else { 0.0 };
        let waiting = bin.stages.values().map(|stage| stage.waiting).sum();
        all.extend(bin.emulator_cpu.map(|emulator| Busy { waiting, emulator, machine }));
        from = to;
    }
    all
}

/// Requests that reached the emulator for one message, as far as they are known: what
/// the functions counted at the table; one batch to each next queue and one of what
/// went back, estimated; and two of the runtime API for each invocation.
pub(super) fn requests_per_message(invocations: &[Invocation], messages: u64) -> Option<f64> {
    if invocations.is_empty() || messages == 0 {
        return None;
    }
    let of = |one: &Invocation| {
        one.table_requests + one.sent.div_ceil(10) + u64::from(one.returned > 0) + 2
    };
    let load = messages.div_ceil(10);
    Some(float(invocations.iter().map(of).sum::<u64>() + load) / float(messages))
}

/// Puts the probe and the run together.
pub(super) fn emulator(probed: f64, per_message: f64, verdict: Verdict) -> Emulator {
    Emulator {
        requests_per_second: probed,
        requests_per_message: per_message,
        messages_per_second: if per_message > 0.0 { probed / per_message } else { 0.0 },
        busiest: verdict.busiest,
        verdict: verdict.words,
        is_the_limit: verdict.is_the_limit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn bin(waiting: u64, emulator: f64, machine: f64) -> Busy {
        Busy { waiting, emulator, machine }
    }

    #[test]
    fn a_busy_emulator_with_a_backlog_is_the_limit_and_an_idle_one_is_not() {
        let full = [bin(0, 0.3, 0.5), bin(300, 0.97, 0.8), bin(200, 0.95, 0.8), bin(50, 0.7, 0.6)];
        let verdict = judge(&full);
        assert!(verdict.is_the_limit, "{}", verdict.words);
        assert!(
            verdict.words.starts_with("The emulator was the limit, and not the fleet: in 2 of 3")
        );
        assert_eq!(verdict.busiest, 0.97);
        let room = [bin(300, 0.4, 0.6), bin(200, 0.95, 0.8), bin(50, 0.5, 0.6)];
        let verdict = judge(&room);
        assert!(!verdict.is_the_limit, "{}", verdict.words);
        assert!(
            verdict.words.starts_with("The fleet was the limit: in 2 of 3"),
            "{}",
            verdict.words
        );
    }

    #[test]
    fn busy_without_a_backlog_holds_nothing_up_and_a_full_machine_is_no_fault_of_the_fleet() {
        let verdict = judge(&[bin(3, 0.99, 0.9), bin(19, 0.95, 0.9)]);
        assert!(!verdict.is_the_limit && verdict.words.starts_with("No backlog"));
        let passing = judge(&[bin(90, 0.99, 1.0), bin(40, 0.4, 0.5), bin(0, 0.4, 0.5)]);
        assert!(!passing.is_the_limit && passing.words.starts_with("No backlog"), "{passing:?}");
        let verdict = judge(&[bin(300, 0.6, 0.99), bin(300, 0.5, 1.0), bin(200, 0.6, 0.98)]);
        assert!(verdict.is_the_limit && verdict.words.starts_with("This machine was the limit"));
        let verdict = judge(&[]);
        assert!(!verdict.is_the_limit && verdict.words.contains("could not be seen"));
    }

    #[test]
    fn requests_are_those_of_table_queues_and_runtime() {
        let one = Invocation {
            records: 10,
            sent: 11,
            returned: 3,
            table_requests: 35,
            ..Invocation::of(flotilla_task::Stage::State, 0)
        };
        // 35 + 2 + 1 + 2, and one batch of the load.
        assert_eq!(requests_per_message(&[one], 10), Some(4.1));
        assert_eq!(requests_per_message(&[], 10), None);
        let verdict = judge(&[]);
        assert_eq!(emulator(820.0, 4.1, verdict).messages_per_second.round(), 200.0);
    }
}
