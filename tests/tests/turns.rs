//! Turns of the recovery scan in DynamoDB are taken as the pure function says.
#![allow(clippy::unwrap_used, reason = "a test stops by panicking")]

use flotilla_task::memory::MemoryStore;
use flotilla_task::{AttemptId, Timestamp, Turn, Turns};
use flotilla_tests::Strict;
use std::collections::BTreeSet;

#[tokio::test]
async fn turns_are_taken_as_the_transition_says() {
    let (strict, pure) = (Strict::start(), MemoryStore::default());
    let mut dice = fastrand::Rng::with_seed(7);
    let mut seen = BTreeSet::new();
    for step in 0..600_u64 {
        let id = |of: u32| AttemptId::new(format!("m-{of}")).unwrap();
        let (run, page) = (dice.u32(0..3), dice.u32(0..4));
        let by = if page == 0 { run } else { dice.u32(10..13) };
        let now = Timestamp::from_millis(step);
        let stale = Timestamp::from_millis(step.saturating_sub(dice.u64(1..20)));
        let turn = Turn { run: id(run), page, by: id(by), now, stale };
        let whose = strict.tasks.take(&turn).await.unwrap();
        assert_eq!(whose, pure.take(&turn).await.unwrap(), "step {step}: {turn:?}");
        seen.insert(format!("{whose:?}"));
        if dice.u32(0..6) == 0 {
            strict.tasks.end(&turn).await.unwrap();
            pure.end(&turn).await.unwrap();
        }
    }
    assert_eq!(seen.len(), 3, "{seen:?}");
}
