//! What environments share about partners, on a strict DynamoDB: the conditions of
//! its writes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops by panicking")]

use flotilla_shipment::partner::{Breaker, Changed, Rate, Seen, Shared, Taken};
use flotilla_task::Timestamp;
use flotilla_tests::Strict;
use futures_util::future::join_all;
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_millis(1_795_852_805_000);
const OPEN: Breaker = Breaker::Open { until: NOW, times: 1 };

/// Of many that see the same breaker and want to probe, one does.
#[tokio::test]
async fn of_many_environments_that_change_a_breaker_one_wins_and_the_others_learn_it() {
    let strict = Strict::start().await;
    let mut seen = Seen::default();
    for round in 1..=3 {
        let until = NOW.plus(Duration::from_secs(round));
        let tries = (1..=8).map(|times| {
            let to = Breaker::Probing { until, times };
            strict.records.change("swift", seen, to)
        });
        let (mut won, mut learned) = (Vec::new(), Vec::new());
        for changed in join_all(tries).await {
            match changed.unwrap() {
                Changed::Written(seen) => won.push(seen),
                Changed::Lost(seen) => learned.push(seen),
            }
        }
        assert_eq!((won.len(), learned.len()), (1, 7));
        assert!(learned.iter().all(|seen| *seen == won[0]), "{learned:?}");
        assert_eq!(strict.records.breaker("swift").await.unwrap(), won[0]);
        assert_eq!(won[0].version, round);
        seen = won[0];
    }
    assert_eq!(strict.records.breaker("steady").await.unwrap(), Seen::default());
}

#[tokio::test]
async fn what_is_old_news_changes_no_breaker() {
    let strict = Strict::start().await;
    let first = Seen { version: 1, breaker: OPEN };
    let opened = strict.records.change("swift", Seen::default(), OPEN).await.unwrap();
    assert_eq!(opened, Changed::Written(first));
    let closed = strict.records.change("swift", Seen::default(), Breaker::Closed).await.unwrap();
    assert_eq!(closed, Changed::Lost(first));
}

/// Blocks taken at the same moment add up to the burst, and to no more later than
/// what the rate allows.
#[tokio::test]
async fn blocks_taken_at_the_same_time_add_up_to_what_the_rate_allows() {
    let strict = Strict::start().await;
    let rate = Rate { per_second: 10.0, burst: 20 };
    let granted = |now: Timestamp| {
        let strict = &strict;
        async move {
            let tries = (0..16).map(|_| strict.records.take("swift", rate, 2, now));
            let taken = join_all(tries).await;
            let granted = |taken: &Taken| *taken == Taken::Granted;
            2 * taken.into_iter().map(Result::unwrap).filter(granted).count()
        }
    };
    assert_eq!(granted(NOW).await, 20);
    assert_eq!(granted(NOW).await, 0);
    let wait = strict.records.take("swift", rate, 2, NOW).await.unwrap();
    assert_eq!(wait, Taken::NotYet(Duration::from_millis(200)));
    assert_eq!(granted(NOW.plus(Duration::from_secs(1))).await, 10);
    assert_eq!(granted(NOW.plus(Duration::from_secs(600))).await, 20, "no more than the burst");
}
