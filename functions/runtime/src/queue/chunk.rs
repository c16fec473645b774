//! Batches within SQS's limits.

use super::Outgoing;

/// The most entries in one batch call.
pub const MAX_BATCH_ENTRIES: usize = 10;
/// The most bytes in one message, and in one batch call in sum: 1 MiB
/// (Amazon SQS message quotas).
pub const MAX_MESSAGE_BYTES: usize = 1_048_576;

/// Splits messages into runs that one batch call takes each. A message that is
/// too large by itself gets a run of its own, and SQS refuses it there.
#[must_use]
pub fn chunks(messages: &[Outgoing]) -> Vec<&[Outgoing]> {
    let mut runs = Vec::new();
    let (mut start, mut bytes) = (0, 0_usize);
    for (at, message) in messages.iter().enumerate() {
        let full = at - start == MAX_BATCH_ENTRIES || bytes + message.bytes() > MAX_MESSAGE_BYTES;
        if at > start && full {
            runs.extend(messages.get(start..at));
            (start, bytes) = (at, 0);
        }
        bytes += message.bytes();
    }
    runs.extend(messages.get(start..).filter(|rest| !rest.is_empty()));
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn message(bytes: usize) -> Outgoing {
        Outgoing {
            url: "q".into(),
            body: "x".repeat(bytes),
            group: None,
            deduplication: None,
            delay: Duration::ZERO,
            attributes: vec![],
        }
    }

    #[test]
    fn every_run_respects_both_limits_and_nothing_is_lost() {
        let sizes = [1, 600_000, 400_000, 100_000, MAX_MESSAGE_BYTES, 2, 3, 4, 5, 6, 7, 8, 9, 10];
        let mut messages: Vec<_> = sizes.into_iter().map(message).collect();
        messages.extend((0..25).map(message));
        let runs = chunks(&messages);
        assert!(runs.iter().all(|run| !run.is_empty() && run.len() <= MAX_BATCH_ENTRIES));
        for run in &runs {
            assert!(run.iter().map(Outgoing::bytes).sum::<usize>() <= MAX_MESSAGE_BYTES);
        }
        assert_eq!(runs.concat(), messages);
    }

    #[test]
    fn nothing_makes_no_call() {
        assert!(chunks(&[]).is_empty());
    }
}
