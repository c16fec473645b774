//! Bad weather between the functions and the cloud: gusts of throttled, failed,
//! doubled, delayed and unanswered calls, drawn from a seed.

use super::storm::Storm;
use crate::error::Error;
use crate::watch::live::Live;
use crate::wire::Fault;
use fastrand::Rng;
use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

/// How far apart gusts are. What a gust has not struck by the next one is over.
const GUST: Duration = Duration::from_millis(1500);

/// One kind of trouble, and how much of it a gust may bring.
struct Trouble {
    kind: &'static str,
    actions: &'static [&'static str],
    times: RangeInclusive<u32>,
    ms: RangeInclusive<u64>,
}

const WRITES: &[&str] = &["UpdateItem", "PutItem"];
const STORE: &[&str] = &["UpdateItem", "PutItem", "GetItem", "Query"];
const SENDS: &[&str] = &["SendMessageBatch"];
const NONE: RangeInclusive<u64> = 0..=0;

const TROUBLES: &[Trouble] = &[
    // The store throttles in a burst, longer than one call's retries.
    Trouble { kind: "throttle", actions: STORE, times: 20..=80, ms: NONE },
    Trouble { kind: "fail", actions: STORE, times: 3..=15, ms: NONE },
    // Messages arrive twice, and overtake each other.
    Trouble { kind: "duplicate", actions: SENDS, times: 5..=30, ms: NONE },
    Trouble { kind: "delay", actions: SENDS, times: 5..=20, ms: 100..=2_500 },
    Trouble { kind: "lose_answer", actions: SENDS, times: 1..=6, ms: 2_000..=2_000 },
    // Writes arrive twice, without their caller hearing of it, or after another
    // attempt has taken the task over.
    Trouble { kind: "duplicate", actions: WRITES, times: 5..=20, ms: NONE },
    Trouble { kind: "lose_answer", actions: WRITES, times: 2..=8, ms: 2_000..=2_000 },
    Trouble { kind: "delay", actions: WRITES, times: 2..=8, ms: 2_000..=45_000 },
];

/// Blows until the storm is over, or nobody watches any more.
pub(super) async fn run(
    storm: &Storm,
    dice: &mut Rng,
    begun: Instant,
    live: &RefCell<Live>,
) -> Result<(), Error> {
    while begun.elapsed() < storm.lasts && !live.borrow().over {
        storm.wire.calm().await?;
        for fault in gust(dice) {
            storm.wire.strike(&fault).await?;
        }
        storm.wire.forget().await?;
        tokio::time::sleep(GUST).await;
    }
    storm.wire.calm().await
}

/// Two troubles at a time.
fn gust(dice: &mut Rng) -> Vec<Fault> {
    let troubles = dice.choose_multiple(TROUBLES.iter(), 2);
    troubles
        .into_iter()
        .filter_map(|trouble| {
            Some(Fault {
                kind: trouble.kind,
                action: dice.choice(trouble.actions)?,
                times: dice.u32(trouble.times.clone()),
                ms: dice.u64(trouble.ms.clone()),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_same_seed_brings_the_same_gusts_and_in_a_while_every_kind() {
        let storm = |seed| {
            let mut dice = Rng::with_seed(seed);
            (0..40).flat_map(|_| gust(&mut dice)).collect::<Vec<Fault>>()
        };
        assert_eq!(storm(1), storm(1));
        assert_ne!(storm(1), storm(2));
        let kinds = |faults: &[Fault]| {
            faults.iter().map(|fault| (fault.kind, fault.action)).collect::<BTreeSet<_>>()
        };
        let all: usize = TROUBLES.iter().map(|trouble| trouble.actions.len()).sum();
        let many: Vec<Fault> = (0..9).flat_map(storm).collect();
        assert_eq!(kinds(&many).len(), all);
    }
}
